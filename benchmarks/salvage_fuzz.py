"""Mutants of damaged files through salvage, in children with limits: no crash, no hang, little memory.

    python benchmarks/salvage_fuzz.py FOLDER [--mutants 100000] [--first 0] [--log LOG.txt]

FOLDER holds seeds: `.h5`, `.keras`, `.npz`, and `NAME.index` with its shards. What the command does to a file is done to each mutant,
in this process's children: read, named, rehearsed and written. A third of the mutants gets an architecture (`NAME.json` beside
the seed, mutated too), a third an older file (`older/NAME`, as it is or mutated). An exception that is not ours, a mutant that takes over
`SLOW` CPU-seconds, and address space beyond 400 MiB above the file end a batch; the seed of the mutant that did it is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.errors import ReadError
from layerfix.scavenge import layout
from layerfix.scavenge.rescue import Wishes, rescue

BATCH, SLOW, ROOM = 500, 20, 400 << 20
MARKS = (b"TREE", b"SNOD", b"HEAP", b"GCOL", b"OHDR", b"FRHP", b"FADB", b"BTHD", b"PK\x03\x04", b"PK\x01\x02", b"\x01\x00\x05\x00\x01")
NUMBERS = (0, 1, 2, 255, 65535, 96, 136, (1 << 31) - 1, (1 << 32) - 1, (1 << 63) - 1, (1 << 64) - 1)
STRANGE: tuple[Any, ...] = (None, -1, 0, 1 << 40, 1.5, "", "a/b", "\x00", [], {}, [[]], True, "Dense", "Sequential")
Random = np.random.Generator


def flipped(bad: bytearray, at: int, rng: Random) -> None:
    bad[at] ^= 1 << int(rng.integers(0, 8))


def numbered(bad: bytearray, at: int, rng: Random) -> None:
    width = int(rng.choice([1, 2, 4, 8]))
    number = (*NUMBERS, len(bad))[int(rng.integers(0, len(NUMBERS) + 1))]
    bad[at : at + width] = (number & ((1 << 8 * width) - 1)).to_bytes(width, "little")


def beside_a_mark(bad: bytearray, at: int, rng: Random) -> None:
    """Fields of a structure, where its numbers stand."""
    held = [mark for mark in MARKS if mark in bad]
    found = bad.find(held[int(rng.integers(0, len(held)))], at) if held else -1
    if found >= 0:
        numbered(bad, min(found + int(rng.integers(4, 64)), len(bad) - 8), rng)


def copied(bad: bytearray, at: int, rng: Random) -> None:
    other, length = int(rng.integers(0, len(bad))), int(rng.integers(1, 600))
    bad[at : at + length] = bad[other : other + length]


def blanked(bad: bytearray, at: int, rng: Random) -> None:
    length = min(len(bad) - at, int(2 ** rng.uniform(3, 13)))
    bad[at : at + length] = bytes(length) if rng.random() < 0.5 else rng.bytes(length)


def ended(bad: bytearray, at: int, rng: Random) -> None:
    if rng.random() < 0.3:
        del bad[max(at, 16) :]


def digit(bad: bytearray, at: int, rng: Random) -> None:
    """Another number in a JSON text."""
    found = next((place for place in range(at, min(at + 4000, len(bad))) if 48 <= bad[place] < 58), -1)
    if found >= 0:
        bad[found] = 48 + int(rng.integers(0, 10))


KINDS: tuple[Callable[[bytearray, int, Random], None], ...] = (
    *(flipped, numbered, beside_a_mark, beside_a_mark),
    *(copied, blanked, ended, digit, digit),
)


def mutated(data: bytes, rng: Random) -> bytes:
    bad = bytearray(data)
    for _ in range(int(rng.integers(1, 10))):
        KINDS[int(rng.integers(0, len(KINDS)))](bad, int(rng.integers(0, max(1, len(bad) - 8))), rng)
    return bytes(bad)


def told_otherwise(node: Any, rng: Random, chance: float) -> Any:
    """A JSON text with other values in some places."""
    if rng.random() < chance:
        return STRANGE[int(rng.integers(0, len(STRANGE)))]
    if isinstance(node, dict):
        return {key: told_otherwise(value, rng, chance) for key, value in node.items() if rng.random() > chance / 4}
    return [told_otherwise(value, rng, chance) for value in node] if isinstance(node, list) else node


@dataclass(frozen=True)
class Seed:
    """A file that is mutated: its name, its bytes, files that belong to it, its architecture and an older file, where they are there."""

    name: str
    data: bytes
    beside: tuple[tuple[str, bytes], ...]
    architecture: Any
    older: bytes


def seeds(folder: Path) -> list[Seed]:
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix in (".h5", ".keras", ".npz", ".index"):
            beside = [*folder.glob(f"{path.stem}.data-*")] if path.suffix == ".index" else []
            text, older = path.with_name(f"{path.name}.json"), folder / "older" / path.name
            architecture = json.loads(text.read_bytes()) if text.is_file() else None
            held = tuple((other.name, other.read_bytes()) for other in beside)
            found.append(Seed(path.name, path.read_bytes(), held, architecture, older.read_bytes() if older.is_file() else b""))
    return found


def tried(seed: Seed, rng: Random, place: Path) -> bool:
    """Whether anything in one mutant could be saved."""
    path = place / seed.name
    path.write_bytes(mutated(seed.data, rng))
    for name, data in seed.beside:
        (place / name).write_bytes(mutated(data, rng) if rng.random() < 0.5 else data)
    suffix = ".npz" if path.suffix == ".index" else path.suffix
    architecture, like = None, ()
    chosen = rng.random()
    if seed.architecture is not None and chosen < 0.33:
        architecture = place / "architecture.json"
        architecture.write_text(json.dumps(told_otherwise(seed.architecture, rng, 0.004)))
    elif seed.older and chosen > 0.67:
        like = (place / "older" / seed.name,)
        like[0].parent.mkdir(exist_ok=True)
        like[0].write_bytes(mutated(seed.older, rng) if rng.random() < 0.3 else seed.older)
    source = path.with_suffix("") if path.suffix == ".index" else path
    try:
        rescue(source, place / f"out{suffix}", Wishes(suffix, like, architecture, fill=bool(like)))
    except ReadError:
        return False
    return True


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def batch(held: list[Seed], first: int, size: int, place: Path, log: Path) -> None:
    """Runs in a child; ends it with the first failure, and tells the mutants that could be saved and the memory above the start."""
    begun, saved = resident(), 0
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM + max(len(seed.data) for seed in held), resource.RLIM_INFINITY))
    for number in range(first, first + size):
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        (place / "now").write_text(str(number))
        try:
            saved += tried(held[number % len(held)], np.random.default_rng(number), place)
        except BaseException as error:
            told(log, f"mutant {number} of {held[number % len(held)].name}: {type(error).__name__}: {error}")
            os._exit(1)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - begun
    (place / "done").write_text(f"{saved} {max(0, most)}")
    os._exit(0)


def warmed(held: list[Seed], place: Path) -> None:
    """Makes the saves of the seeds once for all children: mutants mostly leave the same ones to be made."""
    layout._layout = lru_cache(maxsize=1000)(layout._layout.__wrapped__)  # type: ignore[assignment]
    for number, seed in enumerate(held * 6):
        tried(seed, np.random.default_rng(number), place)


def told(log: Path, text: str) -> None:
    with log.open("a") as stream:
        stream.write(f"{text}\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutants", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--log", type=Path, default=Path("/dev/stdout"))
    given = parser.parse_args()
    held = seeds(given.folder)
    place = Path(tempfile.mkdtemp(dir="/dev/shm"))
    warmed(held, place)
    begun, failed, saved, most, ran = time.monotonic(), 0, 0, 0, 0
    first, end = given.first, given.first + given.mutants
    while first < end:
        size = min(BATCH, end - first)
        child = os.fork()
        if child == 0:
            batch(held, first, size, place, given.log)
        _, status = os.waitpid(child, 0)
        if status:
            failed += 1
            number = int((place / "now").read_text())
            told(given.log, f"mutant {number} of {held[number % len(held)].name} ended its batch: status {status}")
            ran, first = ran + number + 1 - first, number + 1
            continue
        more, above = map(int, (place / "done").read_text().split())
        saved, most, ran, first = saved + more, max(most, above), ran + size, first + size
        if ran % 5000 < size:
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            told(given.log, f"{ran} ran, {saved} saved, {failed} failed, {most >> 20} MiB, {used.ru_utime + used.ru_stime:.0f} CPU-s")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    told(
        given.log,
        f"{ran} mutants in {time.monotonic() - begun:.0f} s, {seconds:.0f} CPU-s: {saved} saved, {failed} failed, {most >> 20} MiB",
    )
    shutil.rmtree(place)
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()

"""How much of damaged files comes back, and whether any tensor comes back wrong; and what mutants do to the parser.

    python benchmarks/salvage.py table HEALTHY.h5... [--older FOLDER] [--overwrites N]
    python benchmarks/salvage.py fuzz  HEALTHY.h5... [--mutants N]
    python benchmarks/salvage.py zips  HEALTHY.keras...
    python benchmarks/salvage.py kills HEALTHY.h5 KILLED.h5... [--older FOLDER]   what salvage_kills.py left

The physical limit is the number of tensors all of whose bytes, by the healthy file's extents, are the
same in the damaged one. FOLDER holds a file of the same name from another epoch.
"""

from __future__ import annotations

import argparse
import io
import resource
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from layerfix.scavenge import archive, newlines
from layerfix.scavenge.hdf5 import based, scavenge, twin_of
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.twin import Twin
from layerfix.scavenge.values import value

Values = Mapping[str, Any]
TEXT = b"Lorem ipsum dolor sit amet, consectetur adipiscing elit.\n"


@dataclass(frozen=True)
class Healthy:
    """A file as it was: bytes, values by path, extents by path, and the same script's older file."""

    data: bytes
    values: Values
    extents: Mapping[str, tuple[tuple[int, int], ...]]
    twin: Twin | None


def healthy(path: Path, older: Path | None) -> Healthy:
    data = path.read_bytes()
    found = scavenge(Image(data))
    twin = twin_of((older / path.name).read_bytes()) if older and (older / path.name).is_file() else None
    extents = {t.path: t.dataset.extents for t in found.tensors if t.dataset is not None}
    return Healthy(data, values(path), extents, twin)


def values(source: Any) -> Values:
    found: dict[str, Any] = {}
    with h5py.File(source) as file:
        file.visititems(lambda name, node: found.__setitem__(name, node[()]) if isinstance(node, h5py.Dataset) else None)
    return found


def damages(data: bytes, rng: np.random.Generator, overwrites: int) -> Iterator[tuple[str, bytes]]:
    size = len(data)
    for percent in range(5, 100, 5):
        yield "cut", data[: size * percent // 100]
    for number in range(overwrites):
        length = min(size, int(2 ** rng.uniform(10, 16)))
        at = int(rng.integers(0, size - length + 1))
        kind = ("random", "zeros", "0xff", "text")[number % 4]
        made = {"random": rng.bytes(length), "zeros": bytes(length), "0xff": b"\xff" * length, "text": TEXT * (length // len(TEXT) + 1)}
        yield f"overwritten ({kind})", data[:at] + made[kind][:length] + data[at + length :]
    for block in (512, 4096, 65536):
        at = (size - 1) // block * block
        yield "last block zeroed", data[:at] + bytes(size - at)
    yield "LF to CR LF", data.replace(b"\n", b"\r\n")
    yield "CR LF to LF", data.replace(b"\r\n", b"\n")


def limit(known: Healthy, bad: bytes) -> int:
    same = lambda a, b: b <= len(bad) and bad[a:b] == known.data[a:b]  # noqa: E731
    return sum(all(same(a, b) for a, b in extents) for extents in known.extents.values())


def brought(bad: bytes, known: Healthy, twin: Twin | None) -> tuple[int, int, int]:
    """(right, wrong, whole but nameless) of what salvage says is whole."""
    undone = newlines.repaired(bad)
    bad = undone[0] if undone else bad
    if newlines.narrowed(bad):
        return 0, 0, 0
    try:
        found = scavenge(Image(bad), twin)
    except Torn:
        return 0, 0, 0
    right = wrong = nameless = 0
    for tensor in found.tensors:
        if tensor.state != "whole" or tensor.dataset is None:
            continue
        nameless += not tensor.path
        if tensor.path:
            good = equal(value(based(Image(bad)), tensor.dataset), lookup(known.values, tensor.path))
            right, wrong = right + good, wrong + (not good)
    return right, wrong, nameless


def lookup(known: Values, path: str) -> Any:
    """A layer's weights are the same below `model_weights`, where a full model has them, and at the root."""
    return known.get(path, known.get(path.removeprefix("model_weights/"), known.get(f"model_weights/{path}")))


def equal(one: Any, two: Any) -> bool:
    return two is not None and one.shape == two.shape and one.dtype == two.dtype and one.tobytes() == np.asarray(two).tobytes()


def by_library(bad: bytes, known: Healthy, clear: bool) -> int:
    """Tensors that h5py reads right, after `h5clear` mended length and flags where `clear`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bad.h5"
        path.write_bytes(bad)
        if clear and shutil.which("h5clear"):
            for option in ("-s", "--increment=0"):
                subprocess.run(["h5clear", option, str(path)], capture_output=True, check=False, timeout=60)
        try:
            with h5py.File(path, "r") as file:
                return sum(reads(file, name, known.values[name]) for name in known.values)
        except (OSError, RuntimeError, KeyError, ValueError):
            return 0


def reads(file: h5py.File, name: str, wanted: Any) -> bool:
    try:
        return equal(np.asarray(file[name][()]), np.asarray(wanted))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError):
        return False


def table(paths: list[Path], older: Path | None, overwrites: int) -> None:
    rng = np.random.default_rng(7)
    print("| file | damage | cases | tensors there (limit) | salvage | with an older epoch | wrong | h5py | h5clear + h5py |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    for path in paths:
        known = healthy(path, older)
        sums: dict[str, list[int]] = defaultdict(lambda: [0] * 7)
        for kind, bad in damages(known.data, rng, overwrites):
            alone = brought(bad, known, None)
            helped = brought(bad, known, known.twin) if known.twin else (0, 0, 0)
            most = len(known.values) if kind == "LF to CR LF" else limit(known, bad)
            row = (1, most, alone[0], helped[0], alone[1] + helped[1], by_library(bad, known, False), by_library(bad, known, True))
            sums[kind] = [a + b for a, b in zip(sums[kind], row, strict=True)]
        for kind, (cases, most, right, more, wrong, plain, cleared) in sums.items():
            shares = [f"{100 * part / max(most, 1):.1f} %" for part in (right, more, plain, cleared)]
            shares[1] = shares[1] if known.twin else "-"
            print(
                f"| {path.name} | {kind} | {cases} | {most} | {shares[0]} | {shares[1]} | {wrong} | {shares[2]} | {shares[3]} |", flush=True
            )


def zips(paths: list[Path]) -> None:
    """Archives cut at every 5 %: members whole, and tensors of the weights, against `zip -FF`."""
    print("| file | cases | tensors there (limit) | salvage | wrong | zip -FF |")
    print("| --- | --- | --- | --- | --- | --- |")
    for path in paths:
        data = path.read_bytes()
        with zipfile.ZipFile(path) as whole:
            weights = whole.read("model.weights.h5")
            start = data.find(weights)
        with tempfile.TemporaryDirectory() as folder:
            inner = Path(folder) / "w.h5"
            inner.write_bytes(weights)
            known = healthy(inner, None)
        totals = [0] * 5
        for percent in range(5, 100, 5):
            bad = data[: len(data) * percent // 100]
            member = next((m for m in archive.members(bad) if m.name == "model.weights.h5"), None)
            right, wrong, _ = brought(member.data, known, None) if member else (0, 0, 0)
            most = limit(known, bad[start:])
            totals = [a + b for a, b in zip(totals, (1, most, right, wrong, fixed(bad, known)), strict=True)]
        cases, most, right, wrong, other = totals
        print(
            f"| {path.name} | {cases} | {most} | {100 * right / max(most, 1):.1f} % | {wrong} | {100 * other / max(most, 1):.1f} % |",
            flush=True,
        )


def fixed(bad: bytes, known: Healthy) -> int:
    """Tensors that `zip -FF` and h5py bring back."""
    with tempfile.TemporaryDirectory() as folder:
        cut, mended = Path(folder) / "cut.zip", Path(folder) / "mended.zip"
        cut.write_bytes(bad)
        subprocess.run(["zip", "-FF", str(cut), "--out", str(mended)], input=b"y\n", capture_output=True, check=False, timeout=60)
        try:
            with zipfile.ZipFile(mended) as whole:
                inner = whole.read("model.weights.h5")
            with h5py.File(io.BytesIO(inner), "r") as file:
                return sum(reads(file, name, known.values[name]) for name in known.values)
        except (OSError, RuntimeError, KeyError, ValueError, zipfile.BadZipFile, EOFError):
            return 0


def kills(path: Path, killed: list[Path], older: Path | None) -> None:
    """Saves that were killed: the healthy file tells what was to be written, and where."""
    known = healthy(path, older)
    sums = [0] * 9
    for bad in (file.read_bytes() for file in killed):
        alone = brought(bad, known, None)
        helped = brought(bad, known, known.twin) if known.twin else (0, 0, 0)
        state = (not bad, bad == known.data, bad not in (b"", known.data))
        libraries = (by_library(bad, known, False), by_library(bad, known, True))
        row = (*state, limit(known, bad), alone[0], helped[0], alone[1] + helped[1], *libraries)
        sums = [a + b for a, b in zip(sums, row, strict=True)]
    words = "empty, finished, between, tensors there, salvage, with an older epoch, wrong, h5py, h5clear + h5py"
    print(len(killed), "kills:", ", ".join(f"{word} {number}" for word, number in zip(words.split(", "), sums, strict=True)))


def fuzz(paths: list[Path], mutants: int) -> None:
    """Mutants of every kind in this process: an exception that is not ours ends the run."""
    rng = np.random.default_rng(11)
    files = [path.read_bytes() for path in paths]
    slowest, start, torn = 0.0, time.process_time(), 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(mutants):
        bad = mutated(files[number % len(files)], rng)
        begun = time.process_time()
        try:
            read = scavenge(Image(bad)) if not bad.startswith(b"PK") else archive.members(bad)
            del read
        except Torn:
            torn += 1
        slowest = max(slowest, time.process_time() - begun)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    seconds = time.process_time() - start
    print(f"{mutants} mutants: {torn} hold nothing, none raised anything else")
    print(f"slowest {slowest:.2f} CPU-s, {seconds:.0f} in all; {used >> 10} MiB more")


def mutated(data: bytes, rng: np.random.Generator) -> bytes:
    """Bits flipped, fields set to telling numbers, ranges copied, cut or repeated."""
    bad = bytearray(data)
    for _ in range(int(rng.integers(1, 12))):
        at = int(rng.integers(0, max(1, len(bad) - 8)))
        kind = int(rng.integers(0, 5))
        if kind == 0:
            bad[at] ^= 1 << int(rng.integers(0, 8))
        elif kind == 1:
            width = int(rng.choice([1, 2, 4, 8]))
            number = int(rng.choice([0, 1, 2, 255, 65535, 96, 136, len(bad), (1 << 31) - 1, (1 << 63) - 1]))
            bad[at : at + width] = (number & ((1 << 8 * width) - 1)).to_bytes(width, "little")
        elif kind == 2:
            mark = [m for m in (b"TREE", b"SNOD", b"HEAP", b"GCOL", b"OHDR", b"\x01\x00\x05\x00\x01") if m in data]
            found = bad.find(mark[int(rng.integers(0, len(mark)))], at) if mark else -1
            if found >= 0:
                bad[found + int(rng.integers(4, 40)) : found + 40] = rng.bytes(8)
        elif kind == 3:
            other = int(rng.integers(0, len(bad)))
            length = int(rng.integers(1, 600))
            bad[at : at + length] = bad[other : other + length]
        elif rng.random() < 0.2:
            del bad[at:]
    return bytes(bad)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("table", "fuzz", "zips", "kills"))
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--older", type=Path)
    parser.add_argument("--overwrites", type=int, default=200)
    parser.add_argument("--mutants", type=int, default=100_000)
    given = parser.parse_args()
    if given.what == "table":
        table(given.files, given.older, given.overwrites)
    elif given.what == "kills":
        kills(given.files[0], given.files[1:], given.older)
    elif given.what == "zips":
        zips(given.files)
    else:
        fuzz(given.files, given.mutants)


if __name__ == "__main__":
    main()

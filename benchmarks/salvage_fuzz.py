"""Mutants of damaged files through the scavenger, in children with limits: no crash, no hang, little memory.

    python benchmarks/salvage_fuzz.py FILE.h5 FILE.keras ... [--mutants 100000]

Each child takes a batch. An exception that is not ours, a mutant that takes over `SLOW` CPU-seconds, and address space beyond
400 MiB above what was there end the run, with the seed of the mutant that did it.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.scavenge import archive
from layerfix.scavenge.hdf5 import based, scavenge
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.values import value

BATCH, SLOW, ROOM = 1000, 20, 400 << 20


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


def tried(bad: bytes) -> int:
    """Tensors that are whole in one mutant; each is decoded too."""
    given: dict[str, Any] | None = None
    if bad.startswith(b"PK"):
        members = {member.name: member.data for member in archive.members(bad)}
        bad = members.get("model.weights.h5", b"")
        try:
            given = {"model_config": json.loads(members.get("config.json", b""))}
        except (ValueError, RecursionError):
            given = None
    try:
        image = Image(bad)
        found = scavenge(image, (), given if given is not None and isinstance(given["model_config"], dict) else None)
    except Torn:
        return 0
    whole = [tensor.dataset for tensor in found.tensors if tensor.state == "whole" and tensor.dataset is not None]
    return len([value(based(image), dataset) for dataset in whole])


def batch(files: list[bytes], first: int, size: int) -> None:
    """Runs in a child; ends it with the first failure."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ROOM + max(map(len, files)), resource.RLIM_INFINITY))
    for seed in range(first, first + size):
        bad = mutated(files[seed % len(files)], np.random.default_rng(seed))
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        try:
            tried(bad)
        except BaseException as error:
            print(f"mutant {seed}: {type(error).__name__}: {error}", flush=True)
            os._exit(1)
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--mutants", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    given = parser.parse_args()
    files = [path.read_bytes() for path in given.files]
    begun, failed = time.monotonic(), 0
    for first in range(given.first, given.first + given.mutants, BATCH):
        child = os.fork()
        if child == 0:
            batch(files, first, min(BATCH, given.first + given.mutants - first))
        _, status = os.waitpid(child, 0)
        if status:
            failed += 1
            print(f"batch {first}: status {status}", flush=True)
        if first // BATCH % 10 == 0:
            print(f"{first + BATCH} mutants, {failed} failed, {time.monotonic() - begun:.0f} s", flush=True)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds, most = used.ru_utime + used.ru_stime, used.ru_maxrss >> 10
    print(f"{given.mutants} mutants, {failed} batches failed; {seconds:.0f} CPU-s, at most {most} MiB each")
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()

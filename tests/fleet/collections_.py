"""A folder of many checkpoints for the tests of the fleet: sound, broken, damaged and hostile ones."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path.insert(0, str(TESTS / "isolation"))
SAMPLES = sorted((TESTS.parent / "sample_models").glob("*.h5"))


def fill(folder: Path, count: int) -> None:
    """`count` files: 5 % damaged, 2 % hostile, the others copies of the sample models."""
    from hostile import KINDS

    folder.mkdir(parents=True)
    hostile = [make for outcome, make in KINDS.values() if outcome == "refused"]
    for number in range(count):
        path = folder / f"{number:05}.h5"
        if number % 50 == 7:
            hostile[number % 7](path)
        else:
            shutil.copy(SAMPLES[number % len(SAMPLES)], path)
        if number % 20 == 3:
            path.write_bytes(path.read_bytes()[: 100 * number % 5000])

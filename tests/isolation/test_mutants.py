"""Mutants of sound files: each ends in exactly one outcome, and this process lives on."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from layerfix.fleet.engine import run
from layerfix.fleet.tasks import Task
from layerfix.isolation.limits import Limits

SAMPLES = Path(__file__).parents[2] / "sample_models"
COUNT = 500


def mutant(data: bytes, source: random.Random) -> bytes:
    """A flipped bit, some smashed bytes, a hole, or a cut; half of them where HDF5 keeps its structure, at the start."""
    size = len(data) if source.random() < 0.5 else min(len(data), 6000)
    place = source.randrange(size)
    match source.randrange(4):
        case 0:
            return data[:place] + bytes([data[place] ^ (1 << source.randrange(8))]) + data[place + 1 :]
        case 1:
            smash = source.randbytes(source.choice((1, 2, 4, 8, 64)))
            return data[:place] + smash + data[place + len(smash) :]
        case 2:
            width = source.choice((8, 64, 512))
            return data[:place] + source.choice((b"\0", b"\xff")) * width + data[place + width :]
        case _:
            return data[:place]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["healthy-stateless.h5", "weights-only.h5"])
def test_every_mutant_has_exactly_one_outcome(name: str, tmp_path: Path) -> None:
    source, data = random.Random(name), (SAMPLES / name).read_bytes()
    tasks = []
    for number in range(COUNT // 2):
        path = tmp_path / f"{number}.h5"
        path.write_bytes(mutant(data, source))
        tasks.append(Task(str(path), "probe" if number % 5 == 0 else "audit"))
    answers = list(run(tasks, jobs=2, limits=Limits(seconds=3.0, cpu=3)))
    assert sorted(task.name for task, _ in answers) == sorted(task.name for task in tasks)
    states = Counter(answer["state"] for _, answer in answers)
    assert set(states) <= {"ok", "damaged", "refused", "none"}
    assert states["ok"] > 0
    assert states["damaged"] > 0

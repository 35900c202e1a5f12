from __future__ import annotations

import numpy as np
import pytest

from layerfix.rng.generate import candidates
from layerfix.rng.guesses import Memory
from layerfix.rng.initializers import Stream, stream
from layerfix.rng.likely import likely
from layerfix.rng.numpy_stream import Cursor, NumpyStream
from layerfix.rng.philox import Fingerprint
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

GLOROT = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}


def drawn(numpy_seed: int, shapes: list[tuple[int, int]], noise: float = 0.5) -> list[Fingerprint]:
    """Kernels as a script draws them one after the other, moved by training."""
    made, cursor, generator = NumpyStream(numpy_seed), Cursor(0), np.random.default_rng(1)
    found = []
    for at, shape in enumerate(shapes):
        op_seed, _, cursor = made.randint(cursor)
        filled: Stream = stream(GLOROT, shape, "2.2.4")
        kernel = candidates(filled, DEFAULT_GRAPH_SEED, np.array([op_seed]), int(np.prod(shape)))[0]
        moved = kernel + noise * kernel.std() * generator.normal(size=kernel.size)
        found.append(Fingerprint((f"dense_{at}", "kernel"), moved.astype(np.float32), filled))
    return found


def test_a_number_that_people_write_is_found_with_every_op_seed() -> None:
    found = likely(drawn(1337, [(16, 32), (32, 32), (32, 8)]), Memory())
    assert found is not None
    assert found.origins[0].numpy_seed == 1337
    assert len(found.strong) == 3
    assert found.numpy_hypotheses > 1e5  # all that was tried is paid for
    assert {candidates.tried for candidates in found.candidates.values()} == {10_000_000}


@pytest.mark.parametrize("numpy_seed", [4711, 20170101])
def test_of_other_numbers_nothing_is_said(numpy_seed: int) -> None:
    assert likely(drawn(numpy_seed, [(16, 32), (32, 32), (32, 8)]), Memory()) is None


def test_a_number_that_the_user_remembers_is_tried_instead() -> None:
    found = likely(drawn(4711, [(16, 32), (32, 32), (32, 8)]), Memory(numpy_seed=4711))
    assert found is not None
    assert found.origins[0].numpy_seed == 4711
    assert likely(drawn(42, [(16, 32), (32, 32), (32, 8)]), Memory(numpy_seed=4711)) is None


def test_without_kernels_there_is_nothing_to_try() -> None:
    assert likely([], Memory()) is None

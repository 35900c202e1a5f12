from __future__ import annotations

import numpy as np
import pytest

from layerfix.rng.chain import search
from layerfix.rng.guesses import Memory
from layerfix.rng.initializers import stream
from layerfix.rng.philox import Fingerprint
from layerfix.rng.streams import values

SHAPE = (3, 8, 16)
SEED, GRAPH_SEED, CONSUMED = 77_777_001, 5, 30_000


@pytest.mark.slow
def test_remembered_seeds_find_a_model_built_deep_in_the_stream() -> None:
    random = np.random.RandomState(SEED)
    random.randint(10e6, size=CONSUMED)
    op_seeds = [int(random.randint(10e6)) for _ in range(3)]
    drawn = stream({"class_name": "GlorotUniform", "config": {}}, SHAPE, "2.2.4")
    noise = np.random.default_rng(0)
    marks = []
    for name, op_seed in zip("abc", op_seeds, strict=True):
        first = np.ravel(values(drawn, GRAPH_SEED, op_seed, int(np.prod(SHAPE))))
        trained = (first + noise.normal(0, first.std(), first.size)).astype(np.float32)
        marks.append(Fingerprint((name, "kernel:0"), trained, drawn))
    found = search(marks, Memory(SEED, GRAPH_SEED))
    assert found.graph_seed == GRAPH_SEED
    assert list(found.strong.values()) == op_seeds
    assert found.origins[0].numpy_seed == SEED
    assert len(found.origins[0].places) == 3
    assert min(found.origins[0].places.values()) > CONSUMED


def test_without_kernels_nothing_is_searched_and_said() -> None:
    found = search((), Memory())
    assert found.origins == ()
    assert found.strong == {}
    assert "No tracked kernel" in found.log[0]

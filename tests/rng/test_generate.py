from __future__ import annotations

import numpy as np
import pytest

from layerfix.rng import generate
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import stream
from layerfix.rng.streams import DEFAULT_GRAPH_SEED, values

SHAPE = (3, 5, 7)
SEEDS = np.array([0, 1, 42, 809371, 9_999_999])


@pytest.mark.parametrize("graph_seed", [DEFAULT_GRAPH_SEED, 0, 42])
@pytest.mark.parametrize("initializer", ["GlorotUniform", "GlorotNormal", "RandomNormal", "RandomUniform"])
def test_candidates_are_the_reference_streams(initializer: str, graph_seed: int) -> None:
    drawn = stream({"class_name": initializer, "config": {}}, SHAPE, "2.2.4")
    many = candidates(drawn, graph_seed, SEEDS, 105)
    assert many.dtype == np.float32
    for row, seed in zip(many, SEEDS, strict=True):
        assert np.allclose(row, np.ravel(values(drawn, graph_seed, int(seed), 105)), rtol=0, atol=1e-7)


def test_plain_numpy_gives_the_same_bits_as_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = stream({"class_name": "GlorotUniform", "config": {}}, SHAPE, "2.2.4")
    fast = candidates(drawn, DEFAULT_GRAPH_SEED, SEEDS, 13)
    monkeypatch.setattr(generate, "_compiled", lambda: None)
    assert fast.tobytes() == candidates(drawn, DEFAULT_GRAPH_SEED, SEEDS, 13).tobytes()

"""Scores with chosen groups of a kernel's values."""

from __future__ import annotations

import numpy as np
import pytest

from layerfix.rng.initializers import stream
from layerfix.rng.parts import score_groups
from layerfix.rng.philox import Fingerprint, score_seeds
from layerfix.rng.streams import unit


@pytest.mark.parametrize("initializer", ["glorot_uniform", "normal", "he_normal"])
def test_chosen_groups_are_scored_as_if_there_were_no_others(initializer: str) -> None:
    drawn = stream(initializer, (3, 5, 6), "2.2.4")
    fingerprint = Fingerprint("kernel", np.random.default_rng(0).normal(drawn.center, 1, 90).astype(np.float32), drawn)
    groups, op_seeds = np.array([2, 3, 11, 22]), np.arange(100, 140)
    found = score_groups(fingerprint, 87654321, groups, op_seeds)
    candidate = unit(fingerprint.stream.kind, 87654321, 123, 90)
    chosen = np.zeros(92, bool)
    chosen.reshape(-1, 4)[groups] = True
    weights = np.where(chosen[:90], fingerprint.weights, 0)
    assert found[23] == pytest.approx(weights @ candidate / np.linalg.norm(weights), abs=0.4 if initializer == "he_normal" else 2e-3)
    every = score_groups(fingerprint, 87654321, np.arange(23), op_seeds)
    np.testing.assert_allclose(every, score_seeds(fingerprint, 87654321, op_seeds), atol=1e-5)

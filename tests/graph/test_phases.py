from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.probe import phases


@pytest.fixture
def norm() -> Any:
    layer = keras.layers.BatchNormalization(momentum=0.99)
    layer.build((None, 5, 3))
    return layer


@pytest.mark.parametrize(("version", "share"), [("2.0.9", 0.99**100), ("2.1.2", 0.99**100), ("2.1.3", 0.0), ("2.2.4", 0.0), (None, 0.0)])
def test_old_moving_averages_are_freed_from_their_start(
    norm: Any, monkeypatch: pytest.MonkeyPatch, version: str | None, share: float
) -> None:
    monkeypatch.setattr(phases, "_steps", lambda checkpoint: 100)
    mean, variance = np.array([0.5, -1.0, 2.0]), np.array([0.2, 1.0, 4.0])
    norm.moving_mean.assign((1 - share) * mean)
    norm.moving_variance.assign((1 - share) * variance + share)
    checkpoint: Any = SimpleNamespace(keras_version=version)
    found = phases.learnt_statistics(checkpoint, norm)
    assert np.allclose(found, [mean, variance], rtol=1e-5)


def test_a_variance_below_the_share_of_the_start_shows_that_nothing_was_kept(norm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phases, "_steps", lambda checkpoint: 100)
    norm.moving_variance.assign(np.array([0.1, 1.0, 1.0]))
    checkpoint: Any = SimpleNamespace(keras_version="2.0.9")
    assert np.allclose(phases.learnt_statistics(checkpoint, norm)[1], [0.1, 1.0, 1.0])


def test_each_group_of_a_batch_is_normalised_by_itself_and_only_inside(norm: Any) -> None:
    values = np.random.default_rng(0).normal(size=(6, 5, 3)).astype(np.float32)
    values[3:] = 10 + 4 * values[3:]
    with phases.normalising([norm], groups=2):
        found = np.asarray(norm(values))
    for part in (found[:3], found[3:]):
        assert np.allclose(part.mean((0, 1)), 0, atol=1e-5)
        assert np.allclose(part.std((0, 1)), 1, atol=1e-2)
    assert np.allclose(np.asarray(norm(values, training=False)), values / np.sqrt(1 + norm.epsilon), atol=1e-4)

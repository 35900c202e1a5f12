"""The pytest plugin guards saves while a test runs, and leaves Keras as it was."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import keras
import pytest
from keras import layers

from layerfix.pytest_plugin import SAVES, guarded_saves
from layerfix.saving_guard import UntrackedWeightsError

ROOT = Path(__file__).parents[2]


class Holder:
    """Plain."""


class Hidden(layers.Layer):
    def build(self, input_shape: Any) -> None:
        self.holder = Holder()
        self.holder.dense = layers.Dense(3)  # type: ignore[attr-defined]

    def call(self, x: Any) -> Any:
        return self.holder.dense(x)  # type: ignore[attr-defined]


def _model(layer: Any) -> Any:
    inputs = keras.Input((4,))
    return keras.Model(inputs, layer(inputs))


def test_a_save_that_would_lose_weights_fails_and_writes_nothing(tmp_path: Path) -> None:
    with guarded_saves(), pytest.raises(UntrackedWeightsError, match="would lose"):
        _model(Hidden()).save(tmp_path / "lost.keras")
    assert not list(tmp_path.iterdir())


def test_a_healthy_model_is_saved_and_keras_is_left_as_it_was(tmp_path: Path) -> None:
    before = [getattr(keras.Model, name) for name in SAVES]
    with guarded_saves():
        _model(layers.Dense(2)).save(tmp_path / "whole.keras")
    assert (tmp_path / "whole.keras").exists()
    assert [getattr(keras.Model, name) for name in SAVES] == before


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib")
def test_pytest_finds_the_plugin_by_its_entry_point() -> None:
    import tomllib

    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert stated["project"]["entry-points"]["pytest11"] == {"layerfix": "layerfix.pytest_plugin"}

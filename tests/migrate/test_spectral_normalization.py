"""SpectralNormalization of Keras 3: in an archive by the objects that hold its weights, in an `.h5` as one list."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

import layerfix


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_its_weights_come_from_either_container(suffix: str, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.SpectralNormalization(keras.layers.Dense(2))])
    draw = np.random.default_rng(0)
    model.set_weights([draw.random(weight.shape, np.float32) for weight in model.get_weights()])
    model.save(tmp_path / f"old{suffix}")
    result = layerfix.migrate(tmp_path / f"old{suffix}", tmp_path / "new.keras")
    assert result.proof.kind == "reference"
    x = draw.random((3, 4), np.float32)
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "new.keras")(x), model(x))

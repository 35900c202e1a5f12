"""An archive of a subclassed model tells no layers: its weights are judged by their names, as in a file of weights alone."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np

from layerfix.audit import audit


class Pair(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = keras.layers.Dense(3), keras.layers.Dense(2)

    def call(self, inputs):
        return self.second(self.first(inputs))


def test_a_subclassed_models_archive_is_readable_and_not_called_lost(tmp_path: Path) -> None:
    model = Pair()
    model(np.ones((1, 4), "float32"))
    model.save(tmp_path / "pair.keras")
    assert {finding.code for finding in audit(tmp_path / "pair.keras").findings} == {"LF502"}

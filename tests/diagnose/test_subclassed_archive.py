"""Archives of Keras 3: a subclassed model tells no layers and is judged by names; what was trained and not saved left its slots."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from genuine import sampled

from layerfix.commands.audit import audit


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


class Reserved(keras.layers.Layer):
    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self._layers = [keras.layers.Dense(4)]

    def call(self, inputs):
        return self._layers[0](inputs)


@pytest.mark.slow
@pytest.mark.parametrize(("own", "lost"), [(Reserved, True), (lambda: keras.layers.Dense(4), False)])
@pytest.mark.parametrize("optimizer", sampled(["adam", "rmsprop"], 2))
def test_what_the_optimizer_trained_and_the_save_left_out_is_lost(own, lost, optimizer, tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4), own(), keras.layers.Dense(1)])
    model.compile(optimizer, "mse")
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    model.save(tmp_path / "m.keras")
    assert (audit(tmp_path / "m.keras").outcome == "lost") == ("LF403" in {f.code for f in audit(tmp_path / "m.keras").findings}) == lost

"""The guard finds both silent losses of Keras 3 and lets healthy models pass."""

from __future__ import annotations

import keras
import pytest
from keras import layers

from layerfix.guard import UntrackedWeightsError, guard


class Holder:
    """Plain."""


class Held(layers.Layer):
    def build(self, input_shape):
        self.holder = Holder()
        self.holder.dense = layers.Dense(3)

    def call(self, x):
        return self.holder.dense(x)


class Reserved(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._layers = [layers.Dense(3)]

    def call(self, x):
        return self._layers[0](x)


def model(*inner):
    return keras.Sequential([keras.Input((5,)), *inner])


@pytest.mark.parametrize(("layer", "path"), [(Held, "holder.dense"), (Reserved, "2 variables")])
def test_silent_losses_are_raised(layer, path):
    with pytest.raises(UntrackedWeightsError, match=path):
        guard(model(layer()))


@pytest.mark.parametrize(
    "make",
    [
        lambda: [layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.1)],
        lambda: [layers.Reshape((5, 1)), layers.Bidirectional(layers.LSTM(3, dropout=0.1))],
        lambda: [keras.Sequential([layers.Dense(2)])],
    ],
)
def test_healthy_models_pass(make):
    guard(model(*make()))

"""The guard finds the silent losses of Keras 3 by owner and attribute, stops training before it starts, and lets healthy models pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

import layerfix
from layerfix.errors import LayerfixError
from layerfix.saving_guard import UntraceableError, UntrackedWeightsError, guard, reads, saves


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


class MadeInCall(layers.Layer):
    def call(self, x):
        return layers.Dense(3)(x)


class Good(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.parts = {"gate": layers.Dense(3, activation="sigmoid"), "values": [layers.Dense(3)]}

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(1,), initializer="ones")

    def call(self, x):
        return self.scale * self.parts["gate"](x) * self.parts["values"][0](x)


class Subclassed(keras.Model):
    def __init__(self, inner: layers.Layer) -> None:
        super().__init__()
        self.inner, self.norm = inner, layers.BatchNormalization()

    def call(self, x):
        return self.norm(self.inner(x))


def sequential(*inner: layers.Layer, shape: tuple[int, ...] = (5,)) -> keras.Model:
    return keras.Sequential([keras.Input(shape), *inner])


def built(model: keras.Model) -> keras.Model:
    model(np.ones((2, 5), "float32"))
    return model


def shared() -> keras.Model:
    first, second = keras.Input((5,)), keras.Input((5,))
    dense = layers.Dense(4)
    return keras.Model([first, second], layers.add([dense(first), dense(second)]))


def by_name() -> keras.Model:
    inputs = {"a": keras.Input((5,), name="a"), "b": keras.Input((5,), name="b")}
    return keras.Model(inputs, layers.Dense(2)(layers.concatenate([inputs["a"], inputs["b"]])))


def compiled() -> keras.Model:
    model = sequential(layers.Dense(3))
    model.compile("adam", "mse", metrics=["mae", keras.metrics.AUC()])
    model.fit(np.ones((4, 5)), np.ones((4, 3)), verbose=0)
    return model


class TwoInputs(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, inputs):
        return self.dense(inputs["a"]) + self.dense(inputs["b"])


def two_inputs() -> keras.Model:
    model = TwoInputs()
    model({"a": np.ones((2, 5), "float32"), "b": np.ones((2, 5), "float32")})
    return model


def adapted() -> keras.Model:
    model = sequential(layers.Dense(8))
    model.layers[-1].enable_lora(2)
    return model


HEALTHY: dict[str, Callable[[], keras.Model]] = {
    "dense": lambda: sequential(layers.Dense(4), layers.Dense(2)),
    "batch-normalization": lambda: sequential(layers.Dense(4), layers.BatchNormalization()),
    "seed-generators": lambda: sequential(layers.Dropout(0.1), layers.GaussianNoise(0.1), layers.Dense(2)),
    "seeded-dropout": lambda: sequential(layers.Dropout(0.1, seed=4), layers.Dense(2)),
    "lstm": lambda: sequential(layers.LSTM(3), shape=(4, 5)),
    "recurrent-dropout": lambda: sequential(layers.GRU(3, recurrent_dropout=0.2), shape=(4, 5)),
    "bidirectional": lambda: sequential(layers.Bidirectional(layers.LSTM(3)), shape=(4, 5)),
    "stacked-cells": lambda: sequential(layers.RNN([layers.LSTMCell(3), layers.GRUCell(2)]), shape=(4, 5)),
    "time-distributed": lambda: sequential(layers.TimeDistributed(layers.Dense(3)), shape=(4, 5)),
    "attention": lambda: sequential(layers.Conv1D(4, 3), layers.GlobalAveragePooling1D(), shape=(6, 2)),
    "embedding": lambda: sequential(layers.Embedding(9, 3), layers.Flatten()),
    "nested": lambda: sequential(sequential(layers.Dense(4)), layers.Dense(2)),
    "nested-twice": lambda: sequential(sequential(sequential(layers.Dense(4)))),
    "shared": shared,
    "inputs-by-name": by_name,
    "metrics-and-optimizer": compiled,
    "custom": lambda: sequential(Good()),
    "custom-nested": lambda: sequential(Good(), sequential(Good(), shape=(3,))),
    "stateful": lambda: keras.Sequential([keras.Input(batch_shape=(2, 4, 5)), layers.LSTM(3, stateful=True)]),
    "lora": adapted,
    "subclassed-inputs-by-name": two_inputs,
    "subclassed": lambda: built(Subclassed(layers.Dense(3))),
    "subclassed-custom": lambda: built(Subclassed(Good())),
    "lambda": lambda: sequential(layers.Dense(3), layers.Lambda(ops.relu)),
    "frozen": lambda: sequential(layers.Dense(3, trainable=False)),
}


@pytest.mark.parametrize(
    ("layer", "path"),
    [
        (Held, r"held\S*\.holder\.dense"),
        (Reserved, r"reserved\S*\._layers\[0\]"),
        (MadeInCall, r"made_in_call\S*/dense\S* \(made in `call`\)"),
    ],
)
def test_silent_losses_are_raised_by_owner_and_attribute(layer: Any, path: str) -> None:
    with pytest.raises(UntrackedWeightsError, match=path):
        guard(sequential(layer()))


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_models_pass(name: str) -> None:
    assert guard(HEALTHY[name]()) is None


def test_fit_is_stopped_before_its_first_step() -> None:
    model = sequential(layers.Dense(3), Held())
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(UntrackedWeightsError, match=r"holder\.dense"):
        model.fit(np.ones((4, 5)), np.ones((4, 3)), verbose=0, callbacks=[layerfix.Guard()])
    assert all(np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True))
    assert int(model.optimizer.iterations.numpy()) == 0


def test_a_subclassed_model_that_nobody_called_is_judged_after_its_first_batch_at_the_latest() -> None:
    model = Subclassed(Held())
    model.compile("sgd", "mse")
    with pytest.raises(UntrackedWeightsError, match=r"holder\.dense"):
        model.fit(np.ones((4, 5)), np.ones((4, 3)), batch_size=1, verbose=0, callbacks=[layerfix.Guard()])
    assert int(model.optimizer.iterations.numpy()) <= 1  # Keras on Torch builds it before


def test_healthy_training_goes_on() -> None:
    model = Subclassed(Good())
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 5)), np.ones((4, 3)), batch_size=2, epochs=2, verbose=0, callbacks=[layerfix.Guard()])
    assert int(model.optimizer.iterations.numpy()) == 4


def test_a_model_that_is_not_built_is_said_to_be_so() -> None:
    with pytest.raises(LayerfixError, match="not built"):
        layerfix.assert_all_weights_tracked(Subclassed(Good()))


class TakesTwo(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(3)

    def call(self, first, second):
        return self.dense(first) + self.dense(second)


def test_a_model_that_cannot_be_traced_is_said_to_be_so_in_one_line() -> None:
    model = TakesTwo()
    model(np.ones((2, 5), "float32"), np.ones((2, 5), "float32"))
    with pytest.raises(UntraceableError, match=r"^takes_two\S*: its forward pass cannot be traced: [^\n]*second[^\n]*\.") as caught:
        guard(model)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("inner", "stray"), [(Held, 2), (Reserved, 2), (Good, 0), (lambda: layers.LSTM(3, return_sequences=True), 0)])
def test_the_way_of_other_backends_sees_the_same(inner: Callable[[], Any], stray: int) -> None:
    model = sequential(inner(), shape=(4, 5))
    read = reads._asked_for(model, reads._input_specs(model))
    assert len(set(read) - saves.saved(model)) == stray


def test_the_package_offers_it_under_all_its_names() -> None:
    layerfix.guard(sequential(layers.Dense(2)))
    layerfix.assert_all_weights_tracked(sequential(layers.Dense(2)))
    assert issubclass(layerfix.Guard, keras.callbacks.Callback)

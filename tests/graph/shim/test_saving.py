"""How a legacy layer keeps its arguments and its weights for a `.keras` archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.graph.shim.loader import load_layers
from layerfix.graph.shim.saving import constructor_arguments

SOURCE = """
from keras import backend as K
from keras.engine.topology import Layer
from keras.layers import Conv1D, Dense, LSTM

class Gate(Layer):
    def __init__(self, units, rate=0.5, names=("a", "b"), layer=None, **kwargs):
        self.units = units
        super(Gate, self).__init__(**kwargs)

    def build(self, input_shape):
        self.gain = self.add_weight(name="gain", shape=(input_shape[-1],), initializer="ones")
        self.bare = K.zeros((self.units,))
        super(Gate, self).build(input_shape)

    def call(self, x):
        return Dense(self.units)(x * self.gain) + self.bare

    def compute_output_shape(self, input_shape):
        return (input_shape[0], self.units)

class Told(Gate):
    def get_config(self):
        return dict(super(Told, self).get_config(), rate=9, more=1)

class Mine(Dense):
    def __init__(self, units, scale=2.0, **kwargs):
        super(Mine, self).__init__(units, **kwargs)
        self.scale = scale

    def build(self, input_shape):
        super(Mine, self).build(input_shape)
        self.extra = self.add_weight(name="extra", shape=(3,), initializer="ones")

    def call(self, x):
        return super(Mine, self).call(x) * self.scale

class Sequence(LSTM):
    def call(self, inputs, mask=None, training=None, initial_state=None):
        return super(Sequence, self).call(inputs, mask, training, initial_state) * 2.0
"""


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("saving") / "mine.py"
    file.write_text(SOURCE)
    return load_layers([Path(file)])


def built(cls: Any, *args: Any, shape: tuple[int, ...] = (4,), **kwargs: Any) -> Any:
    layer = cls(*args, **kwargs)
    layer(keras.Input(shape))
    return layer


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        ((3,), {}, {"units": 3, "rate": 0.5, "names": ("a", "b"), "layer": None}),
        ((3, 0.1), {"names": ["c"]}, {"units": 3, "rate": 0.1, "names": ["c"], "layer": None}),
        ((3,), {"name": "g", "trainable": False, "input_shape": (4,)}, {"units": 3, "rate": 0.5, "names": ("a", "b"), "layer": None}),
        ((3,), {"layer": object()}, {"units": 3, "rate": 0.5, "names": ("a", "b")}),
        ((3,), {"names": {"a": [1, {"b": None}]}}, {"units": 3, "rate": 0.5, "names": {"a": [1, {"b": None}]}, "layer": None}),
        ((3,), {"names": {1: "a"}}, {"units": 3, "rate": 0.5, "layer": None}),
    ],
)
def test_arguments_are_kept_by_name_as_far_as_a_config_holds_them(classes: Any, args: Any, kwargs: Any, expected: Any) -> None:
    assert constructor_arguments(classes["Gate"], args, kwargs) == expected


def test_arguments_behind_stars_are_kept_those_of_every_layer_are_not() -> None:
    class Open:
        def __init__(self, first: int, *rest: int, **more: Any) -> None: ...

    assert constructor_arguments(Open, (1, 2, 3), {"weights": [1], "depth": 4}) == {"first": 1, "depth": 4}


def test_a_class_that_tells_no_arguments_is_made_again_with_them(classes: Any) -> None:
    layer = classes["Gate"](3, rate=0.1, name="gate_1")
    config = layer.get_config()
    assert config == {"units": 3, "rate": 0.1, "names": ("a", "b"), "layer": None, "name": "gate_1", "trainable": True}
    again = classes["Gate"].from_config(config)
    assert (again.units, again.name) == (3, "gate_1")


def test_what_a_class_tells_itself_goes_before_what_was_given(classes: Any) -> None:
    config = classes["Told"](3, rate=0.1).get_config()
    assert (config["units"], config["rate"], config["more"]) == (3, 9, 1)


def test_every_weight_goes_into_the_store_and_comes_back(classes: Any) -> None:
    one, other = built(classes["Gate"], 2), built(classes["Gate"], 2)
    store: dict[str, Any] = {}
    one.save_own_variables(store)
    assert [tuple(variable.shape) for variable in store.values()] == [(4,), (2,), (4, 2), (2,)]
    values = {name: np.full(variable.shape, float(name) + 1, np.float32) for name, variable in store.items()}
    other.load_own_variables(values)
    second: dict[str, Any] = {}
    other.save_own_variables(second)
    assert {name: np.unique(np.asarray(value)).tolist() for name, value in second.items()} == {"0": [1], "1": [2], "2": [3], "3": [4]}


def test_a_store_with_another_number_of_weights_is_refused_by_name(classes: Any) -> None:
    layer = built(classes["Gate"], 2, name="gate_7")
    with pytest.raises(ValueError, match="gate_7 has 4 variables, the file holds 1 of it"):
        layer.load_own_variables({"0": np.zeros(4)})


def test_saving_does_not_walk_into_what_the_class_holds(classes: Any) -> None:
    layer = built(classes["Gate"], 2)
    assert "gain" not in dir(layer)
    assert "save_own_variables" in dir(layer)


def test_a_class_that_derives_from_a_stock_layer_keeps_its_weights_and_adds_its_own(classes: Any) -> None:
    layer = built(classes["Mine"], 2, scale=3.0, name="mine_1")
    assert [tuple(variable.shape) for variable in layer.own_variables()] == [(4, 2), (2,)]
    assert [tuple(variable.shape) for variable in layer._saved_variables()] == [(4, 2), (2,), (3,)]
    config = layer.get_config()
    assert (config["units"], config["scale"], config["use_bias"], config["name"]) == (2, 3.0, True, "mine_1")
    kernel = np.asarray(layer.stock_variables[0])
    x = np.ones((1, 4), np.float32)
    np.testing.assert_allclose(np.asarray(layer(x)), 3 * x @ kernel, rtol=1e-5)


def test_a_recurrent_base_is_called_in_the_order_of_keras_2(classes: Any) -> None:
    """`call(inputs, mask, training, initial_state)`: today's order is another one."""
    layer = built(classes["Sequence"], 2, shape=(5, 4))
    x = np.random.default_rng(0).normal(size=(3, 5, 4)).astype(np.float32)
    expected = keras.layers.LSTM(2, recurrent_activation=layer.recurrent_activation)
    expected(x)
    for mine, theirs in zip(layer.stock_variables, expected.weights, strict=True):
        mine.assign(np.random.default_rng(1).normal(size=mine.shape))
        theirs.assign(mine)
    np.testing.assert_allclose(np.asarray(layer(x)), 2 * np.asarray(expected(x)), rtol=1e-5, atol=1e-6)

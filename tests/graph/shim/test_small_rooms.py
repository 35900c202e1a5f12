"""What legacy source finds beside layers and backend: Lambdas that make layers, models, wrappers, activations, contrib, numpy's draws."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from layerfix.errors import LackError
from layerfix.graph.numpy_calls import noted
from layerfix.graph.shim import activations
from layerfix.graph.shim.function_layer import FunctionLayer, makes_or_draws
from layerfix.graph.shim.held_layer import with_wrapped, wrapped_config
from layerfix.graph.shim.modules import find
from layerfix.graph.shim.stock import stock_class
from layerfix.graph.trace import frame
from layerfix.graph.units import is_composite, legacy_class, legacy_config, unit_weights
from layerfix.graph.units import stock_class as stock_name

L: Any = find("keras.layers")
Dense, K = L.Dense, find("keras.backend")


def makes(x: Any) -> Any:
    return Dense(2)(x)


def makes_inside(x: Any) -> Any:
    return (lambda y: Dense(2)(y))(x)


def draws(x: Any) -> Any:
    return x + K.random_normal((1,))  # type: ignore[union-attr]


def by_module(x: Any) -> Any:
    return L.Dense(2)(x)


def counts(x: Any) -> Any:
    return x * 2.0


@pytest.mark.parametrize(("function", "known"), [(makes, True), (makes_inside, True), (draws, True), (by_module, True), (counts, False)])
def test_a_function_that_names_layers_or_draws_must_be_traced(function: Callable[..., Any], known: bool) -> None:
    assert makes_or_draws(function) is known


def test_what_is_no_function_of_python_is_not_traced() -> None:
    assert not makes_or_draws(np.sum)


@pytest.mark.parametrize(("twice", "made"), [(True, 2), (False, 1)])
def test_a_lambda_without_an_output_shape_made_its_layers_twice(twice: bool, made: int) -> None:
    layer = FunctionLayer(makes, twice, name="lam")
    out = layer(keras.Input((3,)))
    assert out.shape == (None, 2)
    assert [type(event.subject).__name__ for event in layer.events if event.kind == "made"].count("Dense") == made
    assert len(layer.weights) == 2 * made


def test_a_lambda_gets_its_arguments() -> None:
    layer = FunctionLayer(lambda x, by: x * by, False, {"by": 3.0}, name="lam")
    assert np.asarray(layer(np.ones((1, 2), "float32"))).tolist() == [[3.0, 3.0]]


def test_a_sequential_builds_each_layer_as_it_is_added() -> None:
    holder = SimpleNamespace(name="own", events=[], memory=[], traced=False)
    with frame(holder, "build"):
        model = L.Sequential()
        model.add(L.Dense(2, input_shape=(3,)))
        assert len(model.weights) == 2
        model.add(L.Dense(1))
    assert model.output_shape == (None, 1)
    dense = [event.kind for event in holder.events if type(event.subject).__name__ == "Dense"]
    assert dense == ["made", "enter", "weights", "called", "exit"] * 2


def test_a_model_of_keras_1_takes_its_ends_by_their_names_of_then() -> None:
    x = L.Input(shape=(3,))
    assert L.Model(input=x, output=L.Dense(2)(x)).output_shape == (None, 2)
    assert L.Input(batch_shape=(4, 3)).shape == (4, 3)
    assert L.Input([3], dtype="int32").dtype == "int32"


class Doubling(L.Wrapper):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return self.layer(x) * 2.0


def test_a_wrapper_s_layer_is_tracked_and_goes_through_its_config() -> None:
    wrapper = Doubling(L.Dense(2, kernel_initializer="ones"), name="twice")
    assert np.asarray(wrapper(np.ones((1, 3), "float32"))).tolist() == [[6.0, 6.0]]
    assert len(wrapper.weights) == 2
    config = wrapper.get_config()
    assert (config["layer"]["class_name"], config["layer"]["config"]["units"], config["layer"]["module"]) == ("Dense", 2, "keras.layers")
    again = Doubling.from_config(config)
    assert (again.name, again.layer.units) == ("twice", 2)


def test_a_config_without_a_wrapped_layer_stays() -> None:
    assert wrapped_config(L.Dense(2)) == {}
    assert with_wrapped({"units": 2}, stock_class) == {"units": 2}


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("linear", -2.0, -2.0),
        ("relu", -2.0, 0.0),
        ("hard_sigmoid", 1.0, 0.7),
        ("exponential", 0.0, 1.0),
        ("selu", 1.0, 1.05070098),
        ("softsign", -1.0, -0.5),
        (None, -2.0, -2.0),
    ],
)
def test_an_activation_by_its_name(name: str | None, given: float, wanted: float) -> None:
    assert float(activations.get(name)(tf.constant(given))) == pytest.approx(wanted, rel=1e-6)


def test_an_activation_that_is_a_function_stays_and_tells_its_name() -> None:
    assert activations.get(counts) is counts
    assert activations.serialize(activations.get("tanh")) == "tanh"
    assert activations.deserialize("relu") is activations.relu


def test_contrib_may_be_imported_and_what_is_known_of_it_used() -> None:
    contrib: Any = find("tensorflow.contrib.layers")
    assert isinstance(contrib.xavier_initializer(), keras.initializers.GlorotUniform)
    assert isinstance(contrib.xavier_initializer(uniform=False), keras.initializers.GlorotNormal)
    assert float(contrib.l2_regularizer(0.1)(tf.constant([2.0]))) == pytest.approx(0.2)  # half of the squares
    assert float(contrib.l1_regularizer(0.1)(tf.constant([-2.0]))) == pytest.approx(0.2)


def test_what_contrib_does_not_have_here_is_refused_when_it_is_called() -> None:
    rnn: Any = find("tensorflow.contrib.rnn")
    with pytest.raises(LackError, match=r"calls tensorflow\.contrib\.rnn\.LayerNormBasicLSTMCell"):
        rnn.LayerNormBasicLSTMCell(3)


def test_numpy_s_draws_are_noted_where_a_layer_makes_them_and_can_be_made_again() -> None:
    layer = SimpleNamespace(name="own", events=[], memory=[], traced=False)
    state, before = np.random.RandomState(7), np.random.normal
    with noted({1: state}):
        np.random.normal(size=2)
        with frame(layer, "build"):
            np.random.normal(0.0, 2.0, size=3)
            second = np.random.uniform(size=2)
    assert [(event.kind, event.subject, event.detail.number) for event in layer.events] == [
        ("numpy", "np.random.normal", 0), ("numpy", "np.random.uniform", 1),
    ]  # fmt: skip
    assert second.tolist() == np.random.RandomState(7).uniform(size=2).tolist()
    assert np.random.normal == before


def built(layer: Any, *shape: int | None) -> Any:
    layer.build((None, *shape))
    return layer


def test_a_stock_layer_s_weights_bear_their_legacy_roles_and_initializers() -> None:
    weights = unit_weights(built(L.Dense(2, kernel_initializer="he_normal"), 3))
    assert [(weight.role, weight.trainable) for weight in weights] == [("kernel", True), ("bias", True)]
    kernel, bias = (weight.initializer for weight in weights)
    assert kernel is not None
    assert bias is not None
    assert (kernel["config"]["mode"], bias["class_name"]) == ("fan_in", "Zeros")


def test_a_frozen_layer_trains_none_of_its_weights() -> None:
    layer = built(L.BatchNormalization(), 3)
    assert [weight.trainable for weight in unit_weights(layer)] == [True, True, False, False]
    layer.trainable = False
    assert not any(weight.trainable for weight in unit_weights(layer))


def test_a_layer_that_no_table_knows_tells_its_weights_by_their_own_names() -> None:
    class Own(keras.layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.gain = self.add_weight(name="gain", shape=(2,))
            self.seen = self.add_weight(name="seen", shape=(), trainable=False)

    found = [(weight.role, weight.initializer, weight.trainable) for weight in unit_weights(built(Own(), 3))]
    assert found == [("gain", None, True), ("seen", None, False)]


def test_a_class_is_called_as_legacy_source_called_it() -> None:
    cudnn = L.CuDNNGRU(2)
    assert (legacy_class(cudnn), stock_name(cudnn), legacy_config(cudnn)["units"]) == ("CuDNNGRU", "CuDNNGRU", 2)
    assert is_composite(keras.Sequential())
    assert not is_composite(keras.layers.Dense(1))

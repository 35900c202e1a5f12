"""A live model of an architecture: one call after the other, and every reason for which there is none, by the layer's name."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import GraphError, LayersError
from layerfix.graph.build import build_model, make_layer
from layerfix.graph.shim.function_layer import FunctionLayer
from layerfix.model import Argument, Call, Layer, Model, Operation, Tensor


def entry(name: str = "x", shape: tuple[int | None, ...] = (None, 3)) -> Layer:
    return Layer("InputLayer", name, {"batch_shape": shape})


def call(*sources: str, number: int = 0, **kwargs: Argument) -> Call:
    tensors = [Tensor(source, number, 0) for source in sources]
    return Call((tensors if len(tensors) > 1 else tensors[0],), kwargs)


def graph(*layers: Layer, call: int = 0) -> Model:
    """From "x" to a call of "out"."""
    return Model("Functional", "m", layers, [Tensor("x", 0, 0)], [Tensor("out", call, 0)])


def dense(name: str, source: str, units: int = 2) -> Layer:
    return Layer("Dense", name, {"units": units}, (call(source),))


def chain(*layers: Layer) -> Model:
    return Model("Sequential", "m", (entry(), *layers))


def test_layers_may_stand_in_any_order() -> None:
    made = build_model(graph(dense("out", "middle", 4), dense("middle", "x"), entry()))
    assert made.output_shape == (None, 4)
    assert made.name == "m"


def test_a_shared_layer_is_one_layer_called_twice() -> None:
    shared = Layer("Dense", "out", {"units": 3}, (call("x"), Call((Tensor("out", 0, 0),))))
    made = build_model(graph(entry(), shared, call=1))
    assert len(made.weights) == 2
    x = np.ones((1, 3), "float32")
    layer = made.get_layer("out")
    assert np.allclose(made(x), layer(layer(x)))


def test_outputs_and_inputs_keep_their_structure() -> None:
    layers = (entry("x"), entry("y"), Layer("Add", "out", {}, (call("x", "y"),)))
    made = build_model(Model("Functional", "m", layers, {"a": Tensor("x", 0, 0), "b": Tensor("y", 0, 0)}, {"sum": Tensor("out", 0, 0)}))
    found = made({"a": np.ones((1, 3), "float32"), "b": np.ones((1, 3), "float32")})
    assert {key: np.asarray(value).tolist() for key, value in found.items()} == {"sum": [[2.0, 2.0, 2.0]]}


def test_an_operation_stands_between_layers() -> None:
    square = Layer("TFOpLambda", "out", {}, (call("x"),), operation=Operation("square", {}))
    assert np.asarray(build_model(graph(entry(), square))(np.full((1, 3), 3.0, "float32"))).tolist() == [[9.0] * 3]


def test_a_wrapper_gets_the_layer_that_it_wraps() -> None:
    wrapped = Layer("TimeDistributed", "td", {}, wrapped={"layer": Layer("Dense", "inner", {"units": 5})})
    made = build_model(Model("Sequential", "m", (entry(shape=(None, 4, 3)), wrapped)))
    assert made.output_shape == (None, 4, 5)
    assert made.get_layer("td").layer.name == "inner"


def test_cells_come_in_their_order() -> None:
    cells = tuple(Layer("LSTMCell", f"c{units}", {"units": units}) for units in (2, 4))
    made = build_model(Model("Sequential", "m", (entry(shape=(None, 4, 3)), Layer("RNN", "rnn", {}, wrapped={
        "cell": Layer("StackedRNNCells", "cells", {}, cells=cells)}))))  # fmt: skip
    assert [cell.units for cell in made.get_layer("rnn").cell.cells] == [2, 4]


def test_an_einsum_takes_open_sizes_from_its_input() -> None:
    einsum = Layer("EinsumDense", "e", {"equation": "abc,cd->abd", "output_shape": (None, 7), "bias_axes": "d"})
    assert build_model(Model("Sequential", "m", (entry(shape=(None, 5, 3)), einsum))).output_shape == (None, 5, 7)


def test_channels_are_scaled_whatever_the_rank() -> None:
    scale = Layer("EinsumDense", "e", {"equation": "", "output_shape": (None,), "bias_axes": "c"}, channels=-1)
    made = build_model(Model("Sequential", "m", (entry(shape=(None, 5, 4, 3)), scale)))
    made.get_layer("e").set_weights([np.array([1.0, 2.0, 3.0]), np.array([0.0, 1.0, 0.0])])
    assert np.asarray(made(np.ones((1, 5, 4, 3), "float32")))[0, 0, 0].tolist() == [1.0, 3.0, 3.0]


def test_a_class_of_the_user_s_comes_before_one_of_keras() -> None:
    class Dense(keras.layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x + 1.0

    made = build_model(chain(Layer("Dense", "mine", {}, custom=True)), {"Dense": Dense})
    assert type(made.layers[0]) is Dense


def test_a_named_activation_of_the_user_s_is_taken_where_keras_has_none() -> None:
    def doubled(x: Any) -> Any:
        return x * 2.0

    layer = make_layer(Layer("Dense", "d", {"units": 1, "activation": "doubled"}), {"doubled": doubled})
    assert layer.activation is doubled
    assert make_layer(Layer("Dense", "d", {"units": 1, "activation": "relu"}), {"relu": doubled}).activation is keras.activations.relu


def test_arguments_of_a_later_keras_that_are_off_are_left_out() -> None:
    assert make_layer(Layer("Dense", "d", {"units": 1, "quantization_of_tomorrow": None}), {}).units == 1
    with pytest.raises(GraphError, match="Dense does not fit into today's Keras"):
        make_layer(Layer("Dense", "d", {"units": 1, "quantization_of_tomorrow": 8}), {})


def test_a_lambda_is_the_user_s_function_of_its_name() -> None:
    settings = {"function": ["code", None, None], "function_type": "lambda", "arguments": {"by": 3.0}}
    made = build_model(chain(Layer("Lambda", "scaled", settings)), {"scaled": lambda x, by: x * by})
    assert np.asarray(made(np.ones((1, 3), "float32"))).tolist() == [[3.0] * 3]


def test_a_lambda_whose_function_makes_layers_is_traced() -> None:
    def making(x: Any) -> Any:
        return keras.layers.Dense(2)(x)

    layer = make_layer(Layer("Lambda", "making", {"function": "making", "function_type": "function"}), {"making": making})
    assert isinstance(layer, FunctionLayer)
    assert layer.twice


REFUSED: dict[str, tuple[Model, str]] = {
    "an unknown class": (chain(Layer("Capsule", "c", {}, custom=True)), "class Capsule is not one of Keras' own layers"),
    "a class that bears a name of Keras'": (
        chain(Layer("Attention", "a", {"attention_dim": 3}, custom=True)),
        "class Attention is not Keras' Attention: its arguments are attention_dim",
    ),
    "one without any arguments": (
        chain(Layer("Attention", "a", {}, custom=True)),
        "is not Keras' Attention: the file says that it is somebody's own",
    ),
    "a setting that the class does not take": (chain(Layer("Dense", "d", {"units": -1})), "Dense does not fit into today's Keras"),
    "a layer that does not fit behind another": (
        chain(Layer("LSTM", "l", {"units": 2})),
        "LSTM does not fit into today's Keras",
    ),
    "inputs that nothing gives": (
        graph(entry(), dense("one", "out"), dense("out", "one")),
        "waits for inputs that no layer gives",
    ),
    "a source that is not there": (graph(entry(), dense("out", "gone")), "inbound layer 'gone' that it does not hold"),
    "a Lambda without its function": (
        chain(Layer("Lambda", "l", {"function": ["code", None, None], "function_type": "lambda"})),
        "Lambda",
    ),
    "an input without a shape": (graph(Layer("InputLayer", "x", {}), dense("out", "x")), "does not hold the shape of this input"),
    "a mask that a Sequential cannot lose": (
        chain(Layer("Masking", "m", {}, mask_lost=True), Layer("Dense", "d", {"units": 1})),
        "handed on no mask in tf.keras of TensorFlow 1.12",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_become_a_model_is_refused_in_one_sentence(case: str) -> None:
    architecture, told = REFUSED[case]
    with pytest.raises(GraphError, match=told) as refused:
        build_model(architecture)
    assert "\n" not in str(refused.value)


def test_an_error_in_the_user_s_class_stays_what_it_says() -> None:
    class Failing(keras.layers.Layer):  # type: ignore[misc]
        @classmethod
        def from_config(cls, config: dict[str, Any]) -> Any:
            raise LayersError("the class fails in line 7.")

    with pytest.raises(LayersError, match="the class fails in line 7"):
        build_model(chain(Layer("Failing", "f", {}, custom=True)), {"Failing": Failing})

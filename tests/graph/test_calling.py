"""One call of a layer: tensors by name and place, arguments as today's Keras takes them, and what is said where they do not fit."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import GraphError
from layerfix.graph.calling import called, filled, ready
from layerfix.model import Call, Layer, Tensor

X, Y = keras.Input((4, 3)), keras.Input((4, 3))
OUTPUTS: dict[tuple[str, int], list[Any]] = {("x", 0): [X], ("y", 0): [Y], ("both", 1): [X, Y]}


def test_a_call_is_ready_when_every_tensor_is_there() -> None:
    assert ready(Call((Tensor("x", 0, 0),), {"mask": Tensor("y", 0, 0)}), OUTPUTS, {"x", "y"})
    assert not ready(Call((Tensor("x", 0, 0),), {"mask": Tensor("y", 1, 0)}), OUTPUTS, {"x", "y"})


def test_a_layer_that_the_config_does_not_hold_is_named() -> None:
    with pytest.raises(GraphError, match="names an inbound layer 'gone' that it does not hold"):
        ready(Call((Tensor("gone", 0, 0),)), OUTPUTS, {"x"})


def test_tensors_take_their_places_in_lists_tuples_and_dicts() -> None:
    found = filled({"a": [Tensor("x", 0, 0), 1.5], "b": (Tensor("both", 1, 1), None)}, OUTPUTS)
    assert found["a"][0] is X
    assert found["a"][1] == 1.5
    assert found["b"] == (Y, None)


@pytest.mark.parametrize("tensor", [Tensor("both", 1, 2), Tensor("both", 1, -1), Tensor("x", 3, 0)])
def test_an_output_that_a_layer_has_not_is_named(tensor: Tensor) -> None:
    with pytest.raises(GraphError, match=f"output {tensor.place} of call {tensor.call} of '{tensor.layer}', which has none such"):
        filled(tensor, OUTPUTS)


def run(outputs: list[Any], *arrays: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(keras.Model([X, Y], outputs)([*arrays]))


ONES = np.ones((1, 4, 3), np.float32)


def test_several_inputs_of_a_recurrent_layer_are_its_sequence_and_its_state() -> None:
    live = keras.layers.SimpleRNN(3, activation="linear", kernel_initializer="zeros", recurrent_initializer="identity", use_bias=False)
    state = keras.ops.sum(Y, axis=1)
    outputs = {**OUTPUTS, ("s", 0): [state]}
    made = called(live, Layer("SimpleRNN", "r", {}), Call(([Tensor("x", 0, 0), Tensor("s", 0, 0)],)), outputs)
    assert run(made, ONES, ONES).tolist() == [[4.0, 4.0, 4.0]]


def test_the_mask_of_a_sequence_reaches_a_layer_that_is_given_a_state() -> None:
    masked = keras.layers.Masking(0.0)(X)
    live = keras.layers.SimpleRNN(3, activation="linear", kernel_initializer="identity", recurrent_initializer="zeros", use_bias=False)
    outputs = {**OUTPUTS, ("m", 0): [masked], ("s", 0): [keras.ops.sum(Y, axis=1)]}
    made = called(live, Layer("SimpleRNN", "r", {}), Call(([Tensor("m", 0, 0), Tensor("s", 0, 0)],)), outputs)
    x = np.array([[[5, 5, 5], [7, 7, 7], [0, 0, 0], [0, 0, 0]]], np.float32)
    assert run(made, x, ONES).tolist() == [[7.0, 7.0, 7.0]]  # the last step that is there


@pytest.mark.parametrize("complete", [False, True])
def test_a_layer_that_legacy_keras_let_no_mask_through_hands_on_none(complete: bool) -> None:
    masked = keras.layers.Masking(0.0)(X)
    layer = Layer("Dense", "d", {}, mask_lost=True)
    (made,) = called(keras.layers.Dense(2), layer, Call((Tensor("m", 0, 0),), complete=complete), {("m", 0): [masked]})
    assert getattr(made, "_keras_mask", None) is None


def test_a_layer_that_took_no_notice_of_masks_sees_none() -> None:
    masked = keras.layers.Masking(0.0)(X)
    layer = Layer("GlobalAveragePooling1D", "g", {}, unmasked=True)
    made = called(keras.layers.GlobalAveragePooling1D(), layer, Call((Tensor("m", 0, 0),)), {**OUTPUTS, ("m", 0): [masked]})
    x = np.array([[[4, 4, 4], [0, 0, 0], [0, 0, 0], [0, 0, 0]]], np.float32)
    assert run(made, x, ONES).tolist() == [[1.0, 1.0, 1.0]]  # over all four steps


def test_constants_of_nothing_are_no_argument() -> None:
    call = Call((Tensor("x", 0, 0),), {"constants": None})
    assert len(called(keras.layers.SimpleRNN(2), Layer("SimpleRNN", "r", {}), call, OUTPUTS)) == 1


@pytest.mark.parametrize("complete", [False, True])
def test_what_a_layer_does_not_take_is_said_with_its_class_and_name(complete: bool) -> None:
    call = Call((Tensor("x", 0, 0),), {"flavour": 1}, complete)
    with pytest.raises(GraphError, match=r"Dense does not fit into today's Keras: .*flavour") as refused:
        called(keras.layers.Dense(2), Layer("Dense", "d", {}), call, OUTPUTS)
    assert refused.value.where == "d"

"""Activations that are younger than Keras 2.2, said in older ones, follow their formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compositions import KERAS_2_2_LAYERS, brought, filled, kinds, numbers, one, outputs
from keras import layers

from layerfix.arrays import Array
from layerfix.graph.composing.activations import ACTIVATIONS, activation_of


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


FORMULAS: dict[str, Callable[[Array], Array]] = {
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * np.tanh(np.log1p(np.exp(x))),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "hard_sigmoid": lambda x: np.clip(x + 3, 0, 6) / 6,
    "hard_silu": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "log_sigmoid": lambda x: -np.log1p(np.exp(-x)),
    "celu": lambda x: np.where(x > 0, x, np.expm1(x)),
}
"""keras 3.15, activations.py"""


def test_every_activation_that_is_composed_is_held_to_its_formula() -> None:
    assert FORMULAS.keys() == ACTIVATIONS.keys()


@pytest.mark.parametrize("name", FORMULAS)
def test_a_layer_of_its_own_follows_the_formula(name: str) -> None:
    found = brought(one(layers.Activation(name), (200,)))
    (x,) = numbers((200,), rows=2)
    assert kinds(found.model) <= KERAS_2_2_LAYERS
    assert np.abs(outputs(found.model, [x]) - FORMULAS[name](x)).max() <= 1e-5


@pytest.mark.parametrize("name", FORMULAS)
def test_the_activation_of_a_layer_follows_the_formula_of_what_the_layer_gives(name: str) -> None:
    layer = layers.Dense(3, name)
    model = filled(one(layer, (4,)))
    (x,) = numbers((4,))
    found = brought(model)
    wanted = FORMULAS[name](x @ np.asarray(layer.kernel) + np.asarray(layer.bias))
    assert np.abs(outputs(found.model, [x]) - wanted).max() <= 1e-5 * max(1.0, np.abs(wanted).max())
    # A Dense may keep today's hard_sigmoid: writing it for an older Keras scales its weights.
    assert kinds(found.model) <= KERAS_2_2_LAYERS


@pytest.mark.parametrize("name", ["relu", "tanh", "softmax", "elu", "selu"])
def test_what_keras_2_2_has_stays(name: str) -> None:
    model = one(layers.Dense(3, name), (4,))
    assert brought(model).model is model


def test_tf_keras_has_swish_from_the_start_and_mish_never() -> None:
    assert brought(one(layers.Dense(3, "silu"), (4,)), "tf2.4").rules == ()
    assert len(brought(one(layers.Dense(3, "mish"), (4,)), "tf2.4").rules) == 1


def test_a_function_of_the_users_own_is_left_to_be_refused() -> None:
    def mine(x: Any) -> Any:
        return x * 2.0

    layer = layers.Dense(3, mine)
    assert activation_of(layer) == "mine"
    assert brought(one(layer, (4,))).rules == ()


def test_a_layer_without_an_activation_has_no_name_for_it() -> None:
    assert activation_of(layers.Flatten()) == ""

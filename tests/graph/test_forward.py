"""A model on arrays: what a layer says when it does not take them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from layerfix.errors import GraphError
from layerfix.graph.forward import forward, random_inputs


def test_what_a_layer_raises_is_one_sentence_with_the_model_s_name() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)], name="mine")
    with pytest.raises(GraphError, match="cannot be run on these inputs") as refused:
        forward(model, [np.zeros((2, 4), "float32")])
    assert refused.value.where == "mine"
    assert "\n" not in refused.value.message


def test_no_samples_give_empty_outputs() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
    (found,) = forward(model, [np.zeros((0, 3), "float32")])
    assert found.shape == (0, 2)


def test_a_model_predicts_as_it_does_not_train() -> None:
    model = keras.Sequential([keras.Input((50,)), layers.Dropout(0.9)])
    (found,) = forward(model, [np.ones((1, 50), "float32")])
    assert found.tolist() == [[1.0] * 50]


def test_words_are_made_for_an_input_of_text() -> None:
    model = keras.Sequential([keras.Input((1,), dtype="string"), layers.StringLookup(vocabulary=["a", "layerfix"])])
    (given,) = random_inputs(model) or ()
    assert given.tolist() == [["layerfix"]] * 4
    (found,) = forward(model, [given])
    assert found.tolist() == [[2]] * 4


class Failing(layers.Layer):  # type: ignore[misc]
    def call(self, x: Any) -> Any:
        return x if isinstance(x, keras.KerasTensor) else x.nothing

    def compute_output_shape(self, shape: Any) -> Any:
        return shape


def test_a_layer_that_takes_nothing_gives_no_inputs() -> None:
    assert random_inputs(keras.Sequential([keras.Input((None, 2)), Failing()])) is None

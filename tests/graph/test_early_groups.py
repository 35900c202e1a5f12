"""Variables in the groups in which Keras 2.13 to 2.15 keep them: by attribute, by class in a model, or refused by the layer's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from layerfix.containers.numbered import Group
from layerfix.errors import GraphError
from layerfix.graph.early_groups import early_groups


def grouped(*inner: Any, shape: tuple[int, ...] = (5, 3)) -> Group:
    return early_groups(keras.Sequential([keras.Input(shape), *inner], name="m"), np.asarray, "layer_with_weights")


def only(group: Group) -> Group:
    ((_, _, found),) = group.layers
    return found


def shapes(group: Group) -> list[tuple[int, ...]]:
    return [array.shape for array in group.arrays]


def test_a_layer_keeps_its_own_variables_trained_ones_first() -> None:
    group = only(grouped(layers.BatchNormalization(scale=False)))
    assert shapes(group) == [(3,), (3,), (3,)]
    assert group.parts == {}
    assert [array.tolist() for array in group.arrays] == [[0.0] * 3, [0.0] * 3, [1.0] * 3]


def test_layers_stand_by_class_under_the_container_of_that_keras() -> None:
    group = grouped(layers.Dense(2), layers.Conv1D(2, 3), layers.Dense(2))
    assert [name for name, _, _ in group.layers] == ["dense", "conv1d", "dense"]
    assert group.container == "layer_with_weights"


def test_what_is_written_is_what_the_caller_makes_of_a_variable() -> None:
    model = keras.Sequential([keras.Input((1,)), layers.Dense(1, kernel_initializer="ones")])
    assert only(early_groups(model, lambda weight: 5 * np.asarray(weight), "layers")).arrays[0].tolist() == [[5.0]]


def test_a_recurrent_layer_keeps_its_cell() -> None:
    group = only(grouped(layers.LSTM(2)))
    assert (group.arrays, list(group.parts)) == ((), ["cell"])
    assert shapes(group.parts["cell"]) == [(3, 8), (2, 8), (8,)]


def test_both_directions_keep_their_cells() -> None:
    group = only(grouped(layers.Bidirectional(layers.GRU(2))))
    assert list(group.parts) == ["forward_layer", "backward_layer"]
    assert [shapes(part.parts["cell"]) for part in group.parts.values()] == [[(3, 6), (2, 6), (2, 6)]] * 2


def test_cells_on_each_other_are_numbered_by_class() -> None:
    group = only(grouped(layers.RNN([layers.LSTMCell(2), layers.GRUCell(4)]))).parts["cell"]
    assert [name for name, _, _ in group.layers] == ["lstm_cell", "gru_cell"]
    assert group.container == "cells"
    assert [shapes(cell) for _, _, cell in group.layers] == [[(3, 8), (2, 8), (8,)], [(2, 12), (4, 12), (2, 12)]]


def test_a_layer_at_each_step_stands_under_layer() -> None:
    group = only(grouped(layers.TimeDistributed(layers.Dense(2))))
    assert shapes(group.parts["layer"]) == [(3, 2), (2,)]


def test_heads_stand_under_the_names_of_their_attributes() -> None:
    x = keras.Input((5, 3))
    heads = layers.MultiHeadAttention(2, 4)
    group = early_groups(keras.Model(x, heads(x, x)), np.asarray, "layers").layers[1][2]
    assert list(group.parts) == ["_key_dense", "_output_dense", "_query_dense", "_value_dense"]
    assert shapes(group.parts["_output_dense"]) == [(2, 4, 3), (3,)]


def test_a_model_in_a_model_is_called_functional_and_a_sequential_by_its_class() -> None:
    x = keras.Input((5, 3))
    inner = keras.Model(x, layers.Dense(2)(x))
    group = grouped(inner, keras.Sequential([layers.Dense(2)]))
    assert [name for name, _, _ in group.layers] == ["functional", "sequential"]
    assert all(found.is_weighted for _, _, found in group.layers)


def test_a_layer_that_is_shared_has_one_identity() -> None:
    x = keras.Input((3,))
    shared = layers.Dense(3)
    two = keras.Sequential([keras.Input((3,)), shared])
    group = early_groups(keras.Model(x, two(shared(x))), np.asarray, "layers")
    inside = {name: found for name, _, found in group.layers}["sequential"]
    assert [number for _, number, _ in inside.layers] == [number for name, number, _ in group.layers if name == "dense"]


def test_a_layer_without_weights_is_no_group_with_any() -> None:
    assert not grouped(layers.Flatten()).is_weighted


class Held(keras.layers.Layer):
    def __init__(self) -> None:
        super().__init__(name="mine")
        self.inside = layers.Dense(2)

    def call(self, inputs: Any) -> Any:
        return self.inside(inputs)


@pytest.mark.parametrize("make", [Held, lambda: layers.SpectralNormalization(layers.Dense(2), name="mine")])
def test_parts_that_are_not_known_are_refused_by_the_layer(make: Callable[[], Any]) -> None:
    with pytest.raises(GraphError, match=r"mine: .* keeps its weights in parts that a .keras of that Keras names otherwise"):
        grouped(make())

"""Layers of a live model with their weights, and where checkpoints have them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from layerfix.graph.live_leaves import is_graph, live_leaves


class Blocks(keras.Model):
    """A model that holds its layers in a list, and one in a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = [keras.layers.Dense(5, name="a"), keras.layers.Dense(2, name="b")]
        self.heads = {"mean": keras.layers.Dense(1, use_bias=False)}

    def call(self, x: Any) -> Any:
        for block in self.blocks:
            x = block(x)
        return self.heads["mean"](x)


def test_leaves_know_where_checkpoints_have_them() -> None:
    made = Blocks()
    made(np.zeros((1, 7), np.float32))
    leaves, variables = live_leaves(made)
    assert [leaf.shapes for leaf in leaves] == [((7, 5), (5,)), ((5, 2), (2,)), ((2, 1),)]
    assert [leaf.roles for leaf in leaves] == [("kernel", "bias"), ("kernel", "bias"), ("kernel",)]
    assert [leaf.order for leaf in leaves] == [0, 1, 2]
    assert {"blocks/0", "blocks/dense"} <= leaves[0].attributes
    assert {"blocks/1", "blocks/dense_1"} <= leaves[1].attributes
    assert {"heads/mean", "heads/dense"} <= leaves[2].attributes
    shapes = {key: tuple(variable.shape) for key, variable in variables.items()}
    assert shapes == {"0/0": (7, 5), "0/1": (5,), "1/0": (5, 2), "1/1": (2,), "2/0": (2, 1)}


def test_a_graph_s_layers_are_counted_as_tensorflow_counts_those_with_weights() -> None:
    made = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.ReLU(), keras.layers.Dense(1)])
    leaves, _ = live_leaves(made)
    assert [next(iter(place for place in leaf.attributes if "with_weights" in place)) for leaf in leaves] == [
        "layer_with_weights-0",
        "layer_with_weights-1",
    ]


def test_a_shared_layer_is_one_leaf() -> None:
    shared = keras.layers.Dense(3)
    x = keras.Input((3,))
    leaves, _ = live_leaves(keras.Model(x, shared(shared(x))))
    assert len(leaves) == 1


def test_moving_statistics_come_behind_what_is_trained() -> None:
    leaves, _ = live_leaves(keras.Sequential([keras.Input((3,)), keras.layers.BatchNormalization()]))
    assert leaves[0].roles == ("gamma", "beta", "moving_mean", "moving_variance")


def test_a_model_of_called_layers_is_told_from_a_class_of_the_user_s() -> None:
    x = keras.Input((3,))
    assert is_graph(keras.Sequential([x]))
    assert is_graph(keras.Model(x, keras.layers.Dense(1)(x)))
    assert not is_graph(Blocks())

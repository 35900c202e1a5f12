"""Activations that are younger than a target, of those that every Keras has."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import layers

from layerfix.graph.composing.pieces import Pieces


def _hard_sigmoid(pieces: Pieces, x: Tensor) -> Tensor:
    return pieces.scaled(pieces.clipped(pieces.scaled(x, 1.0, 3.0), 6.0), 1 / 6)


def _leaky(pieces: Pieces, x: Tensor) -> Tensor:
    return layers.LeakyReLU(0.2, name=pieces.named("leaky"))(x)


ACTIVATIONS: Mapping[str, Callable[[Pieces, Tensor], Tensor]] = {
    "silu": lambda pieces, x: pieces.times(x, pieces.activated(x, "sigmoid")),
    "mish": lambda pieces, x: pieces.times(x, pieces.activated(pieces.activated(x, "softplus"), "tanh")),
    "relu6": lambda pieces, x: pieces.clipped(x, 6.0),
    "leaky_relu": _leaky,
    "hard_sigmoid": _hard_sigmoid,
    "hard_silu": lambda pieces, x: pieces.times(x, _hard_sigmoid(pieces, x)),
    "hard_tanh": lambda pieces, x: pieces.scaled(pieces.clipped(pieces.scaled(x, 1.0, 1.0), 2.0), 1.0, -1.0),
    "tanh_shrink": lambda pieces, x: pieces.minus(x, pieces.activated(x, "tanh")),
    "log_sigmoid": lambda pieces, x: pieces.scaled(pieces.activated(pieces.scaled(x, -1.0), "softplus"), -1.0),
    "celu": lambda pieces, x: pieces.activated(x, "elu"),
}
"""By the name of today's function (keras 3.15, activations.py)."""


def activation_of(layer: keras.Layer) -> str:
    """The name of a layer's activation, or "" for none."""
    return str(getattr(getattr(layer, "activation", None), "__name__", ""))


def apart(pieces: Pieces, layer: keras.Layer, x: Tensor) -> Tensor:
    """A layer of which the activation is a layer of its own."""
    name = activation_of(layer)
    if isinstance(layer, layers.Activation):
        return ACTIVATIONS[name](pieces, x)
    bare = type(layer).from_config({**layer.get_config(), "activation": "linear", "name": pieces.name})
    y = bare(x)
    bare.set_weights([np.asarray(weight) for weight in layer.weights])
    return ACTIVATIONS[name](pieces, y)

"""Normalizations of layers that every Keras has.

What divides is found by Dot(normalize=True), which makes vectors unit vectors: of (c, x) behind it, the first number is
c / sqrt(c * c + sum(x * x)) (keras 2.2.4, layers/merge.py and backend `l2_normalize`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import layers
from numpy.typing import ArrayLike

from layerfix.graph.composing.pieces import Pieces, Unfit
from layerfix.graph.tensors import Shape


def _divided(pieces: Pieces, x: Tensor, epsilon: float) -> Tensor:
    """x / sqrt(mean(x * x) + epsilon) over the last axis of (batch, places, numbers).

    Raises:
        Unfit: without an epsilon, since the number put before x is made of it.
    """
    if epsilon <= 0:
        raise Unfit
    size = x.shape[-1]
    shift = math.sqrt(size * epsilon)
    vectors = pieces.joined([pieces.constant(x, shift), x])
    nothing = layers.GlobalAveragePooling1D(name=pieces.named("pool"))(pieces.constant(x, 0.0))
    first = pieces.mapped(nothing, np.zeros((1, size + 1)), np.eye(size + 1)[0])
    part = pieces.dotted(vectors, pieces.shaped(first, (1, size + 1)), (2, 2), normalize=True)
    return pieces.times(x, pieces.scaled(part, math.sqrt(size) / shift))


def _centred(pieces: Pieces, x: Tensor) -> Tensor:
    return pieces.minus(x, pieces.mapped(x, np.full((x.shape[-1], 1), 1 / x.shape[-1])))


def _places(x: Tensor) -> tuple[int | None, int]:
    """(places, numbers) of a tensor whose last axis is normalized."""
    sizes = x.shape[1:-1]
    return (None if None in sizes else math.prod(sizes)), x.shape[-1]


def _finished(pieces: Pieces, y: Tensor, shape: Shape, scale: ArrayLike | None, offset: ArrayLike | None) -> Tensor:
    gamma, beta = 1.0 if scale is None else np.asarray(scale), 0.0 if offset is None else np.asarray(offset)
    return pieces.scaled(pieces.shaped(y, shape[1:]), gamma, beta)


def _last_axis(layer: keras.layers.Layer, x: Tensor) -> bool:
    axis = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
    return list(axis) in ([-1], [len(x.shape) - 1]) and x.shape[1:].count(None) <= 1 and x.shape[-1] is not None


def layer_normalization(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """keras 3.15, layer_normalization.py; RMSNormalization is the same without a mean."""
    if not _last_axis(layer, x) or layer.get_config().get("rms_scaling"):
        return None
    y = _divided(pieces, _centred(pieces, pieces.shaped(x, _places(x))), layer.epsilon)
    return _finished(pieces, y, x.shape, layer.gamma, layer.beta)


def rms_normalization(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """keras 3.15, rms_normalization.py."""
    if not _last_axis(layer, x):
        return None
    return _finished(pieces, _divided(pieces, pieces.shaped(x, _places(x)), layer.epsilon), x.shape, layer.scale, None)


def unit_normalization(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """keras 3.15, unit_normalization.py: vectors of length 1. What is added below the root, 1e-12, no float32 shows beside 1e-3."""
    if not _last_axis(layer, x):
        return None
    size = x.shape[-1]
    y = _divided(pieces, pieces.shaped(x, _places(x)), 1e-12 / size)
    return _finished(pieces, y, x.shape, np.full(size, 1 / math.sqrt(size)), None)


def group_normalization(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """keras 3.15, group_normalization.py: the places and the channels of a group together."""
    if layer.axis not in (-1, len(x.shape) - 1) or None in x.shape[1:]:
        return None
    channels, groups = x.shape[-1], layer.groups
    places = math.prod(x.shape[1:-1])
    parts = pieces.permuted(pieces.shaped(x, (places, groups, channels // groups)), (2, 1, 3))
    y = _divided(pieces, _centred(pieces, pieces.shaped(parts, (groups, places * channels // groups))), layer.epsilon)
    back = pieces.permuted(pieces.shaped(y, (groups, places, channels // groups)), (2, 1, 3))
    return _finished(pieces, back, x.shape, layer.gamma, layer.beta)


def normalization(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """keras 3.15, normalization.py: the mean goes first, so that rounding is the same."""
    mean, variance = np.ravel(layer.mean), np.ravel(layer.variance)
    if layer.invert or len(mean) not in (1, x.shape[-1]) or not (layer.axis in (None, ()) or _last_axis(layer, x)):
        return None
    return pieces.scaled(pieces.scaled(x, 1.0, -mean), 1 / np.maximum(np.sqrt(variance), keras.backend.epsilon()))


def rescaling(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """keras 3.15, rescaling.py."""
    return pieces.scaled(x, layer.scale, layer.offset)


NORMALIZATIONS: Mapping[str, Callable[[Pieces, keras.Layer, Tensor], Tensor | None]] = {
    "LayerNormalization": layer_normalization,
    "RMSNormalization": rms_normalization,
    "UnitNormalization": unit_normalization,
    "GroupNormalization": group_normalization,
    "Normalization": normalization,
    "Rescaling": rescaling,
}

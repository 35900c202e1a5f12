"""Layers that multiply matrices or convolve, of those that every Keras has."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import layers

from layerfix.arrays import Array
from layerfix.graph.composing.pieces import Pieces


def einsum_dense(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """Where the last axes of x meet the first ones of the kernel, a Dense (keras 3.15, einsum_dense.py)."""
    stated = re.fullmatch(r"(?:\.\.\.)?(\w+),(\w+)->(?:\.\.\.)?(\w+)", layer.equation.replace(" ", ""))
    if stated is None or layer.activation.__name__ != "linear":
        return None
    source, kernel, target = stated.groups()
    shared = [letter for letter in source if letter in kernel]
    count = len(shared)
    free = kernel[count:]
    if not count or source[-count:] != kernel[:count] or target != source[:-count] + free:
        return None
    weights = np.asarray(layer.kernel)
    ends = weights.shape[count:]
    matrix = weights.reshape(math.prod(weights.shape[:count]), -1)
    kept = x.shape[1:-count]
    bias = None if layer.bias is None else np.broadcast_to(np.asarray(layer.bias), _broadcast(layer.bias, ends)).reshape(-1)
    if bias is not None and bias.size != matrix.shape[1]:
        return None
    y = pieces.mapped(pieces.shaped(x, (*kept, matrix.shape[0])), matrix, bias)
    return pieces.shaped(y, (*kept, *ends))


def _broadcast(bias: keras.Variable, ends: tuple[int, ...]) -> tuple[int, ...]:
    return (*bias.shape[: len(bias.shape) - len(ends)], *ends)


def grouped(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """A convolution in groups as one whose kernel is zero between groups."""
    if layer.data_format != "channels_last":
        return None
    held = np.asarray(layer.kernel)
    per_group, filters = held.shape[-2], held.shape[-1] // layer.groups
    kernel = np.zeros((*held.shape[:-2], per_group * layer.groups, held.shape[-1]), held.dtype)
    for group in range(layer.groups):
        out = slice(group * filters, (group + 1) * filters)
        kernel[..., group * per_group : (group + 1) * per_group, out] = held[..., out]
    whole = type(layer).from_config({**layer.get_config(), "groups": 1, "name": pieces.name})
    y = whole(x)
    whole.set_weights([kernel, np.asarray(layer.bias)] if layer.use_bias else [kernel])
    return y


def depthwise1d(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """As a picture of one column."""
    if layer.data_format != "channels_last" or layer.padding == "causal" or layer.dilation_rate != (1,):
        return None
    given = {"strides": layer.strides[0], "padding": layer.padding, "depth_multiplier": layer.depth_multiplier, "use_bias": layer.use_bias}
    made = layers.DepthwiseConv2D((layer.kernel_size[0], 1), activation=layer.activation, name=pieces.named("conv"), **given)
    return _as_picture(pieces, made, np.asarray(layer.kernel)[:, None], layer.bias, x)


def transposed1d(pieces: Pieces, layer: keras.layers.Layer, x: Tensor) -> Tensor | None:
    """As a picture of one column."""
    if layer.data_format != "channels_last" or layer.dilation_rate != (1,) or layer.output_padding is not None:
        return None
    given = {"strides": (layer.strides[0], 1), "padding": layer.padding, "use_bias": layer.use_bias, "activation": layer.activation}
    made = layers.Conv2DTranspose(layer.filters, (layer.kernel_size[0], 1), name=pieces.named("conv"), **given)
    return _as_picture(pieces, made, np.asarray(layer.kernel)[:, None], layer.bias, x)


def _as_picture(pieces: Pieces, made: keras.Layer, kernel: Array, bias: keras.Variable | None, x: Tensor) -> Tensor:
    y = made(pieces.shaped(x, (x.shape[1], 1, x.shape[2])))
    made.set_weights([kernel] if bias is None else [kernel, np.asarray(bias)])
    return pieces.shaped(y, (y.shape[1], y.shape[3]))


PRODUCTS: Mapping[str, Callable[[Pieces, keras.Layer, Tensor], Tensor | None]] = {
    "EinsumDense": einsum_dense,
    "DepthwiseConv1D": depthwise1d,
    "Conv1DTranspose": transposed1d,
}

"""Convolutions in numpy, by their definitions (keras 2.2.4, convolutional.py, local.py)."""

from __future__ import annotations

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported, activate, windows
from layerfix.reference.registry import Config, Layer, back, last, registrar, whole

CONVOLUTIONS: dict[str, Layer] = {}
layer = registrar(CONVOLUTIONS)


@layer("Conv1D", "Conv2D", "Conv3D")
def convolution(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    kernel, groups = weights[0], config.get("groups", 1)
    rank = kernel.ndim - 2
    seen = windows(
        last(config, inputs[0]), kernel.shape[:rank], whole(config.get("strides", 1), rank), whole(config.get("dilation_rate", 1), rank),
        config.get("padding", "valid"),
    )  # fmt: skip
    parts = zip(np.split(seen, groups, -1), np.split(kernel, groups, -1), strict=True)
    result = np.concatenate([np.tensordot(part, own, rank + 1) for part, own in parts], -1) + (weights[1] if len(weights) > 1 else 0)
    return back(config, activate(config.get("activation"), result))


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def transposed_convolution(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Each input place adds its kernel (space..., filters, channels) to the output (keras 2.2.4, conv_utils.py, deconv_length)."""
    kernel, x = weights[0], last(config, inputs[0])
    rank = kernel.ndim - 2
    strides = whole(config.get("strides", 1), rank)
    if config.get("output_padding") is not None or any(size != 1 for size in whole(config.get("dilation_rate", 1), rank)):
        raise Unsupported("the reference does not know dilated or padded transposed convolutions")
    if any(stride > size for stride, size in zip(strides, kernel.shape[:rank], strict=True)):
        raise Unsupported("the reference does not know transposed convolutions with strides above their kernel")
    lengths = [(size - 1) * stride + own for size, stride, own in zip(x.shape[1:-1], strides, kernel.shape[:rank], strict=True)]
    full = np.zeros((len(x), *lengths, kernel.shape[-2]), x.dtype)
    for place in np.ndindex(*kernel.shape[:rank]):
        spots = tuple(slice(at, at + stride * size, stride) for at, stride, size in zip(place, strides, x.shape[1:-1], strict=True))
        full[(slice(None), *spots)] += x @ kernel[place].T
    if config.get("padding", "valid") == "same":
        cuts = [max(own - stride, 0) for own, stride in zip(kernel.shape[:rank], strides, strict=True)]
        kept = (slice(cut // 2, cut // 2 + size * stride) for cut, size, stride in zip(cuts, x.shape[1:-1], strides, strict=True))
        full = full[(slice(None), *kept)]
    return back(config, activate(config.get("activation"), full + (weights[1] if len(weights) > 1 else 0)))


@layer("DepthwiseConv1D", "DepthwiseConv2D")
def depthwise(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    result = _depthwise(config, last(config, inputs[0]), weights[0]) + (weights[1] if len(weights) > 1 else 0)
    return back(config, activate(config.get("activation"), result))


def _depthwise(config: Config, x: Array, kernel: Array) -> Array:
    rank = kernel.ndim - 2
    seen = windows(
        x, kernel.shape[:rank], whole(config.get("strides", 1), rank), whole(config.get("dilation_rate", 1), rank), config["padding"]
    )
    letters = "uvw"[:rank]
    places = "xyz"[:rank]
    result: Array = np.einsum(f"b{places}{letters}c,{letters}cm->b{places}cm", seen, kernel)
    return result.reshape((*result.shape[:-2], -1))


@layer("SeparableConv1D", "SeparableConv2D")
def separable(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    deep = _depthwise(config, last(config, inputs[0]), weights[0])
    point = weights[1].reshape(weights[1].shape[-2:])
    result = deep @ point + (weights[2] if len(weights) > 2 else 0)
    return back(config, activate(config.get("activation"), result))


@layer("LocallyConnected1D", "LocallyConnected2D")
def locally_connected(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """A kernel (places, patch * channels, filters) of its own at each place (keras 2.2.4, local.py)."""
    if config.get("implementation", 1) != 1 or config.get("padding", "valid") != "valid":
        raise Unsupported("the reference does not know this setting of LocallyConnected")
    x = last(config, inputs[0])
    rank = x.ndim - 2
    seen = windows(x, whole(config["kernel_size"], rank), whole(config.get("strides", 1), rank), [1] * rank, "valid")
    places = seen.shape[1 : 1 + rank]
    result: Array = np.einsum("bpk,pkf->bpf", seen.reshape((len(x), weights[0].shape[0], -1)), weights[0])
    result = result.reshape((len(x), *places, -1)) + (weights[1] if len(weights) > 1 else 0)
    return back(config, activate(config.get("activation"), result))

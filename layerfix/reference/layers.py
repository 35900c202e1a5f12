"""Stock layers in numpy, written from keras 2.2.4: convolutional.py, pooling.py, normalization.py, merge.py, core.py, embeddings.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.reference.functions import Array, Unsupported, activate, softmax, windows

Config = Mapping[str, Any]
Layer = Callable[[Config, list[Array], list[Array]], Array]
LAYERS: dict[str, Layer] = {}


def layer(*names: str) -> Callable[[Layer], Layer]:
    """Registers an evaluation (config, inputs, stored weights) -> output under class names."""

    def register(function: Layer) -> Layer:
        LAYERS.update(dict.fromkeys(names, function))
        return function

    return register


def _whole(value: Any, rank: int) -> list[int]:
    return [int(item) for item in value] if isinstance(value, list | tuple) else [int(value)] * rank


def _last(config: Config, x: Array) -> Array:
    """Channels last."""
    return np.moveaxis(x, 1, -1) if config.get("data_format") == "channels_first" else x


def _back(config: Config, x: Array) -> Array:
    return np.moveaxis(x, -1, 1) if config.get("data_format") == "channels_first" else x


@layer("Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
       "ActivityRegularization")  # fmt: skip
def identity(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0]


@layer("Dense", "TimeDistributedDense")
def dense(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return activate(config.get("activation"), inputs[0] @ weights[0] + (weights[1] if len(weights) > 1 else 0))


@layer("Activation")
def activation(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return activate(config["activation"], inputs[0])


@layer("Conv1D", "Conv2D", "Conv3D")
def convolution(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    if config.get("groups", 1) != 1:
        raise Unsupported("the reference does not know grouped convolutions")
    kernel = weights[0]
    rank = kernel.ndim - 2
    seen = windows(
        _last(config, inputs[0]), kernel.shape[:rank], _whole(config.get("strides", 1), rank), _whole(config.get("dilation_rate", 1), rank),
        config.get("padding", "valid"),
    )  # fmt: skip
    result = np.tensordot(seen, kernel, rank + 1) + (weights[1] if len(weights) > 1 else 0)
    return _back(config, activate(config.get("activation"), result))


@layer("DepthwiseConv2D")
def depthwise(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    result = _depthwise(config, _last(config, inputs[0]), weights[0]) + (weights[1] if len(weights) > 1 else 0)
    return _back(config, activate(config.get("activation"), result))


def _depthwise(config: Config, x: Array, kernel: Array) -> Array:
    rank = kernel.ndim - 2
    seen = windows(
        x, kernel.shape[:rank], _whole(config.get("strides", 1), rank), _whole(config.get("dilation_rate", 1), rank), config["padding"]
    )
    letters = "uvw"[:rank]
    places = "xyz"[:rank]
    result: Array = np.einsum(f"b{places}{letters}c,{letters}cm->b{places}cm", seen, kernel)
    return result.reshape((*result.shape[:-2], -1))


@layer("SeparableConv1D", "SeparableConv2D")
def separable(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    deep = _depthwise(config, _last(config, inputs[0]), weights[0])
    point = weights[1].reshape(weights[1].shape[-2:])
    result = deep @ point + (weights[2] if len(weights) > 2 else 0)
    return _back(config, activate(config.get("activation"), result))


@layer("BatchNormalization")
def batch_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) else axis
    shape = [1] * inputs[0].ndim
    shape[axis] = -1
    rest = [weight.reshape(shape) for weight in weights]
    gamma = rest.pop(0) if config.get("scale", True) else 1.0
    beta = rest.pop(0) if config.get("center", True) else 0.0
    mean, variance = rest[:2]  # renorm keeps two more, for training
    return np.asarray((inputs[0] - mean) / np.sqrt(variance + config.get("epsilon", 1e-3)) * gamma + beta)


def _pool(config: Config, x: Array, rank: int, best: bool) -> Array:
    size = _whole(config.get("pool_size", 2), rank)
    strides = _whole(config.get("strides") or size, rank)
    x = _last(config, x)
    padding = config.get("padding", "valid")
    if best:
        seen = windows(x, size, strides, [1] * rank, padding, -np.inf)
        return _back(config, seen.max(tuple(range(1 + rank, 1 + 2 * rank))))
    axes = tuple(range(1 + rank, 1 + 2 * rank))
    total = windows(x, size, strides, [1] * rank, padding).sum(axes)
    count = windows(np.ones_like(x), size, strides, [1] * rank, padding).sum(axes)
    return _back(config, total / count)


for _rank in (1, 2, 3):
    layer(f"MaxPooling{_rank}D")(lambda config, inputs, weights, rank=_rank: _pool(config, inputs[0], rank, True))  # type: ignore[misc]
    layer(f"AveragePooling{_rank}D")(lambda config, inputs, weights, rank=_rank: _pool(config, inputs[0], rank, False))  # type: ignore[misc]


@layer("GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D")
def global_max(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = _last(config, inputs[0])
    return np.asarray(x.max(tuple(range(1, x.ndim - 1))))


@layer("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")
def global_average(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = _last(config, inputs[0])
    return np.asarray(x.mean(tuple(range(1, x.ndim - 1))))


@layer("Flatten")
def flatten(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = _last(config, inputs[0])
    return x.reshape(len(x), -1)


@layer("Reshape")
def reshape(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0].reshape((len(inputs[0]), *config["target_shape"]))


@layer("Permute")
def permute(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return inputs[0].transpose((0, *config["dims"]))


@layer("RepeatVector")
def repeat_vector(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.repeat(inputs[0][:, None], config["n"], 1)


@layer("Embedding")
def embedding(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    if config.get("mask_zero"):
        raise Unsupported("the reference does not follow masks")
    return np.asarray(weights[0][inputs[0].astype(np.int64)])


def _slope(value: Any) -> float:
    return float(value["value"] if isinstance(value, Mapping) else value)


@layer("LeakyReLU")
def leaky_relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], _slope(config["alpha"]) * inputs[0])


@layer("PReLU")
def prelu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], weights[0] * inputs[0])


@layer("ELU")
def elu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], _slope(config["alpha"]) * np.expm1(np.minimum(inputs[0], 0)))


@layer("ThresholdedReLU")
def thresholded_relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > _slope(config["theta"]), inputs[0], 0)


@layer("ReLU")
def relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x, slope, threshold = inputs[0], _slope(config.get("negative_slope") or 0), _slope(config.get("threshold") or 0)
    ceiling = config.get("max_value")
    result = np.where(x >= threshold, x, slope * (x - threshold))
    return result if ceiling is None else np.minimum(result, _slope(ceiling))


@layer("Softmax")
def softmax_layer(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return softmax(inputs[0], config.get("axis", -1))


@layer("UpSampling1D", "UpSampling2D", "UpSampling3D")
def upsampling(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    if config.get("interpolation", "nearest") != "nearest":
        raise Unsupported("the reference does not know bilinear upsampling")
    x = _last(config, inputs[0])
    for axis, times in enumerate(_whole(config.get("size", 2), x.ndim - 2), start=1):
        x = np.repeat(x, times, axis)
    return _back(config, x)


def _sides(value: Any, rank: int) -> list[tuple[int, int]]:
    items = value if isinstance(value, list | tuple) else [value] * rank
    if rank == 1 and len(items) == 2 and not isinstance(items[0], list | tuple):
        items = [items]
    return [(item, item) if isinstance(item, int) else (item[0], item[1]) for item in items]


@layer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")
def zero_padding(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = _last(config, inputs[0])
    return _back(config, np.pad(x, [(0, 0), *_sides(config["padding"], x.ndim - 2), (0, 0)]))


@layer("Cropping1D", "Cropping2D", "Cropping3D")
def cropping(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = _last(config, inputs[0])
    sides = _sides(config["cropping"], x.ndim - 2)
    return _back(config, x[(slice(None), *(slice(a, size - b) for (a, b), size in zip(sides, x.shape[1:-1], strict=True)))])


def _reduced(step: Callable[[Array, Array], Array]) -> Layer:
    def evaluate(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
        result = inputs[0]
        for other in inputs[1:]:
            result = step(result, other)
        return result

    return evaluate


LAYERS |= {"Add": _reduced(np.add), "Multiply": _reduced(np.multiply), "Subtract": _reduced(np.subtract)}
LAYERS |= {"Maximum": _reduced(np.maximum), "Minimum": _reduced(np.minimum)}


@layer("Average")
def average(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.asarray(sum(inputs) / len(inputs))


@layer("Concatenate")
def concatenate(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.concatenate(inputs, config.get("axis", -1))


@layer("Dot")
def dot(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    a, b = inputs
    axes: Sequence[int] = config["axes"] if isinstance(config["axes"], list | tuple) else [config["axes"]] * 2
    first, second = axes[0] % a.ndim, axes[1] % b.ndim
    if config.get("normalize"):
        a = a / np.sqrt(np.maximum((a * a).sum(first, keepdims=True), 1e-12))
        b = b / np.sqrt(np.maximum((b * b).sum(second, keepdims=True), 1e-12))
    left, right = "bijk"[: a.ndim], "bxyz"[: b.ndim]
    right = right[:second] + left[first] + right[second + 1 :]
    result: Array = np.einsum(f"{left},{right}->b{left[1:].replace(left[first], '')}{right[1:].replace(left[first], '')}", a, b)
    return result[:, None] if result.ndim == 1 else result

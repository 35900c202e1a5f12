"""Stock layers in numpy, written from keras 2.2.4: convolutional.py, pooling.py, normalization.py, merge.py, core.py, embeddings.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.reference.functions import Array, Unsupported, activate, softmax, windows
from layerfix.reference.preprocessing import resize

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


@layer(
    "Identity", "Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout", "AlphaDropout",
    "ActivityRegularization",
)  # fmt: skip
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
    kernel, groups = weights[0], config.get("groups", 1)
    rank = kernel.ndim - 2
    seen = windows(
        _last(config, inputs[0]), kernel.shape[:rank], _whole(config.get("strides", 1), rank), _whole(config.get("dilation_rate", 1), rank),
        config.get("padding", "valid"),
    )  # fmt: skip
    parts = zip(np.split(seen, groups, -1), np.split(kernel, groups, -1), strict=True)
    result = np.concatenate([np.tensordot(part, own, rank + 1) for part, own in parts], -1) + (weights[1] if len(weights) > 1 else 0)
    return _back(config, activate(config.get("activation"), result))


@layer("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")
def transposed_convolution(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Each input place adds its kernel (space..., filters, channels) to the output (keras 2.2.4, conv_utils.py, deconv_length)."""
    kernel, x = weights[0], _last(config, inputs[0])
    rank = kernel.ndim - 2
    strides = _whole(config.get("strides", 1), rank)
    if config.get("output_padding") is not None or any(size != 1 for size in _whole(config.get("dilation_rate", 1), rank)):
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
    return _back(config, activate(config.get("activation"), full + (weights[1] if len(weights) > 1 else 0)))


@layer("DepthwiseConv1D", "DepthwiseConv2D")
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


@layer("BatchNormalization", "SyncBatchNormalization")
def batch_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    axis = config.get("axis", -1)
    axis = axis[0] if isinstance(axis, list) else axis
    if config.get("virtual_batch_size") is not None:
        axis -= axis > 0  # counted behind the axis of virtual batches
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
    if config.get("keepdims"):
        raise Unsupported("the reference does not know global pooling that keeps its dimensions")
    x = _last(config, inputs[0])
    return np.asarray(x.max(tuple(range(1, x.ndim - 1))))


@layer("GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D")
def global_average(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    if config.get("keepdims"):
        raise Unsupported("the reference does not know global pooling that keeps its dimensions")
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
    return np.asarray(weights[0][inputs[0].astype(np.int64)])


def _slope(value: Any) -> float:
    return float(value["value"] if isinstance(value, Mapping) else value)


@layer("LeakyReLU")
def leaky_relu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    slope = config["alpha"] if "alpha" in config else config["negative_slope"]
    return np.where(inputs[0] > 0, inputs[0], _slope(slope) * inputs[0])


@layer("PReLU")
def prelu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], weights[0] * inputs[0])


@layer("ELU")
def elu(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    return np.where(inputs[0] > 0, inputs[0], _slope(config.get("alpha", 1.0)) * np.expm1(np.minimum(inputs[0], 0)))


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
    x = _last(config, inputs[0])
    if config.get("interpolation", "nearest") != "nearest":
        if not config.get("half_pixels"):
            raise Unsupported("the reference does not know TensorFlow 1's bilinear upsampling")
        wanted = tuple(int(size * times) for size, times in zip(x.shape[1:-1], _whole(config.get("size", 2), 2), strict=True))
        return _back(config, resize(x, wanted, config["interpolation"]))
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


@layer("LayerNormalization")
def layer_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x = inputs[0]
    if config.get("rms_scaling") or config.get("use_rms_scaling"):
        raise Unsupported("the reference does not know LayerNormalization by the root mean square")
    axis = config.get("axis", -1)
    axes = tuple(sorted(number % x.ndim for number in (axis if isinstance(axis, list) else [axis])))
    shape = [size if place in axes else 1 for place, size in enumerate(x.shape)]
    mean, variance = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return _scaled(config, (x - mean) / np.sqrt(variance + config.get("epsilon", 1e-3)), weights, shape)


def _scaled(config: Config, x: Array, weights: list[Array], shape: list[int]) -> Array:
    rest = [weight.reshape(shape) for weight in weights]
    gamma = rest.pop(0) if config.get("scale", True) else 1.0
    return np.asarray(x * gamma + (rest.pop(0) if config.get("center", True) else 0.0))


@layer("GroupNormalization")
def group_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    x, groups = inputs[0], config["groups"]
    if config.get("axis", -1) not in (-1, x.ndim - 1):
        raise Unsupported("the reference does not know GroupNormalization over other axes than the last")
    parts = x.reshape((*x.shape[:-1], x.shape[-1] if groups == -1 else groups, -1))
    axes = (*range(1, x.ndim - 1), x.ndim)
    mean, variance = parts.mean(axes, keepdims=True), parts.var(axes, keepdims=True)
    normal = ((parts - mean) / np.sqrt(variance + config.get("epsilon", 1e-3))).reshape(x.shape)
    return _scaled(config, normal, weights, [1] * (x.ndim - 1) + [-1])


@layer("UnitNormalization")
def unit_normalization(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    axis = config.get("axis", -1)
    axes = tuple(axis) if isinstance(axis, list) else axis
    return np.asarray(inputs[0] / np.sqrt(np.maximum((inputs[0] ** 2).sum(axes, keepdims=True), 1e-12)))


@layer("EinsumDense")
def einsum_dense(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    result: Array = np.einsum(config["equation"], inputs[0], weights[0])
    letters = config["equation"].partition("->")[2]
    if len(weights) > 1:
        kept = [result.shape[place - len(letters)] if letter in config["bias_axes"] else 1 for place, letter in enumerate(letters)]
        result = result + weights[1].reshape(kept)
    return activate(config.get("activation"), result)


@layer("LocallyConnected1D", "LocallyConnected2D")
def locally_connected(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """A kernel (places, patch * channels, filters) of its own at each place (keras 2.2.4, local.py)."""
    if config.get("implementation", 1) != 1 or config.get("padding", "valid") != "valid":
        raise Unsupported("the reference does not know this setting of LocallyConnected")
    x = _last(config, inputs[0])
    rank = x.ndim - 2
    seen = windows(x, _whole(config["kernel_size"], rank), _whole(config.get("strides", 1), rank), [1] * rank, "valid")
    places = seen.shape[1 : 1 + rank]
    result: Array = np.einsum("bpk,pkf->bpf", seen.reshape((len(x), weights[0].shape[0], -1)), weights[0])
    result = result.reshape((len(x), *places, -1)) + (weights[1] if len(weights) > 1 else 0)
    return _back(config, activate(config.get("activation"), result))

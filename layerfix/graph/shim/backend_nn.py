"""`keras.backend`: activations, convolutions, pooling, normalisation (keras 2.2.4, backend/tensorflow_backend.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from layerfix.errors import LackError
from layerfix.graph.shim.arguments import hard_sigmoid as _hard_sigmoid
from layerfix.graph.shim.backend import t
from layerfix.graph.tensors import Axis, Held, Shape, Size, Tensor

hard_sigmoid = _hard_sigmoid


def relu(x: Held, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Tensor:
    x = t(x)
    above = tf.where(x > threshold, x, tf.zeros_like(x))
    above = above if max_value is None else tf.clip_by_value(above, 0.0, max_value)
    return above + alpha * tf.minimum(x - threshold, 0.0) if alpha else above


def elu(x: Held, alpha: float = 1.0) -> Tensor:
    x = t(x)
    return tf.where(x > 0, tf.nn.elu(x), alpha * tf.nn.elu(x))


def softmax(x: Held, axis: int = -1) -> Tensor:
    return tf.nn.softmax(t(x), axis)


def softplus(x: Held) -> Tensor:
    return tf.nn.softplus(t(x))


def softsign(x: Held) -> Tensor:
    return tf.nn.softsign(t(x))


def sigmoid(x: Held) -> Tensor:
    return tf.sigmoid(t(x))


def tanh(x: Held) -> Tensor:
    return tf.tanh(t(x))


def l2_normalize(x: Held, axis: Axis = None) -> Tensor:
    return tf.nn.l2_normalize(t(x), axis)


def categorical_crossentropy(target: Held, output: Held, from_logits: bool = False, axis: int = -1) -> Tensor:
    return keras.ops.categorical_crossentropy(t(target), t(output), from_logits, axis)


def sparse_categorical_crossentropy(target: Held, output: Held, from_logits: bool = False, axis: int = -1) -> Tensor:
    return keras.ops.sparse_categorical_crossentropy(t(target), t(output), from_logits, axis)


def binary_crossentropy(target: Held, output: Held, from_logits: bool = False) -> Tensor:
    return keras.ops.binary_crossentropy(t(target), t(output), from_logits)


def bias_add(x: Held, bias: Held, data_format: str | None = None) -> Tensor:
    x, bias = t(x), t(bias)
    if data_format == "channels_first" and bias.shape.rank == 1:
        return x + tf.reshape(bias, [1, -1] + [1] * (x.shape.rank - 2))
    return x + bias


def _last(x: Held, data_format: str | None) -> tf.Tensor:
    """A tensor with its channels last: TensorFlow's kernels on a CPU take no others, and genuine Keras turns them too
    (keras 2.2.4, tensorflow_backend.py, `_preprocess_conv2d_input`)."""
    x = t(x)
    return tf.transpose(x, [0, *range(2, x.shape.rank), 1]) if data_format == "channels_first" else x


def _turned_back(x: tf.Tensor, data_format: str | None) -> tf.Tensor:
    """What was made of a tensor from `_last`, with channels where the source has them."""
    return tf.transpose(x, [0, x.shape.rank - 1, *range(1, x.shape.rank - 1)]) if data_format == "channels_first" else x


def _each(value: Size, rank: int) -> list[int]:
    """A number for each axis, of one for all or of several."""
    return [value] * rank if isinstance(value, int) else list(value)


def _convolution(rank: int) -> Callable[..., Any]:
    def convolution(
        x: Held, kernel: Held, strides: Size = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Size = 1
    ) -> Tensor:
        x, kernel, dilation = _last(x, data_format), t(kernel), _each(dilation_rate, rank)
        if padding == "causal":
            x = tf.pad(x, [[0, 0], [dilation[0] * (int(kernel.shape[0]) - 1), 0], [0, 0]])
            padding = "valid"
        out = tf.nn.convolution(x, kernel, _each(strides, rank), padding.upper(), dilations=dilation)
        return _turned_back(out, data_format)

    return convolution


conv1d, conv2d, conv3d = map(_convolution, (1, 2, 3))


def _local_convolution(rank: int, x: Held, kernel: Held, patch: tuple[Sequence[int], Sequence[int]], data_format: str | None) -> Tensor:
    """A convolution whose kernel differs at each place: kernel (places, patch, filters), patches with channels innermost.

    `patch` is (kernel size, strides).
    """
    x, kernel = _last(x, data_format), t(kernel)
    image = x if rank == 2 else x[:, tf.newaxis]
    sizes, steps = ([1] * (2 - rank) + list(item) for item in patch)
    patches = tf.image.extract_patches(image, [1, *sizes, 1], [1, *steps, 1], [1, 1, 1, 1], "VALID")
    if data_format == "channels_first":  # legacy cut each patch with channels outermost
        patches = tf.reshape(patches, [-1, *patches.shape[1:3], sizes[0] * sizes[1], x.shape[-1]])
        patches = tf.reshape(tf.transpose(patches, [0, 1, 2, 4, 3]), [-1, *patches.shape[1:3], sizes[0] * sizes[1] * x.shape[-1]])
    places = list(patches.shape[1:3])[2 - rank :]
    flat = tf.reshape(patches, [-1, kernel.shape[0], kernel.shape[1]])
    out = tf.reshape(tf.einsum("bpk,pkf->bpf", flat, kernel), [-1, *places, kernel.shape[2]])
    return _turned_back(out, data_format)


def local_conv1d(inputs: Held, kernel: Held, kernel_size: Sequence[int], strides: Sequence[int], data_format: str | None = None) -> Tensor:
    return _local_convolution(1, inputs, kernel, (kernel_size, strides), data_format)


def local_conv2d(
    inputs: Held, kernel: Held, kernel_size: Sequence[int], strides: Sequence[int], output_shape: Shape, data_format: str | None = None
) -> Tensor:
    return _local_convolution(2, inputs, kernel, (kernel_size, strides), data_format)


def depthwise_conv2d(
    x: Held,
    depthwise_kernel: Held,
    strides: Size = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Size = (1, 1),
) -> Tensor:
    steps = [1, *_each(strides, 2), 1]
    out = tf.nn.depthwise_conv2d(_last(x, data_format), t(depthwise_kernel), steps, padding.upper(), dilations=_each(dilation_rate, 2))
    return _turned_back(out, data_format)


def separable_conv2d(
    x: Held,
    depthwise_kernel: Held,
    pointwise_kernel: Held,
    strides: Size = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Size = (1, 1),
) -> Tensor:
    steps, dilations = [1, *_each(strides, 2), 1], _each(dilation_rate, 2)
    depthwise, pointwise = t(depthwise_kernel), t(pointwise_kernel)
    out = tf.nn.separable_conv2d(_last(x, data_format), depthwise, pointwise, steps, padding.upper(), dilations=dilations)
    return _turned_back(out, data_format)


def separable_conv1d(
    x: Held,
    depthwise_kernel: Held,
    pointwise_kernel: Held,
    strides: Size = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Size = 1,
) -> Tensor:
    step, dilation = _each(strides, 1)[0], _each(dilation_rate, 1)[0]
    image, depthwise, pointwise = (
        tf.expand_dims(item, axis) for item, axis in ((_last(x, data_format), 1), (t(depthwise_kernel), 0), (t(pointwise_kernel), 0))
    )
    out = tf.squeeze(separable_conv2d(image, depthwise, pointwise, (step, step), padding, None, (1, dilation)), [1])
    return _turned_back(out, data_format)


def conv2d_transpose(
    x: Held,
    kernel: Held,
    output_shape: Shape,
    strides: Size = (1, 1),
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: Size = (1, 1),
) -> Tensor:
    shape = tf.stack(list(output_shape)) if isinstance(output_shape, list | tuple) else t(output_shape)
    if data_format == "channels_first":
        shape = tf.gather(shape, [0, 2, 3, 1])
    x, steps, dilations = _last(x, data_format), _each(strides, 2), _each(dilation_rate, 2)
    return _turned_back(tf.nn.conv2d_transpose(x, t(kernel), shape, steps, padding.upper(), dilations=dilations), data_format)


def resize_images(
    x: Held, height_factor: int, width_factor: int, data_format: str = "channels_last", interpolation: str = "nearest"
) -> Tensor:
    image = _last(x, data_format)
    resize = tf.compat.v1.image.resize_nearest_neighbor if interpolation == "nearest" else tf.compat.v1.image.resize_bilinear
    resized = resize(image, tf.shape(image)[1:3] * tf.constant([height_factor, width_factor]))
    sizes = [None if size is None else size * factor for size, factor in zip(image.shape[1:3], (height_factor, width_factor), strict=True)]
    resized.set_shape([image.shape[0], *sizes, image.shape[3]])
    return _turned_back(resized, data_format)


def resize_images_of_tf_keras(
    x: Held, height_factor: int, width_factor: int, data_format: str = "channels_last", interpolation: str = "nearest"
) -> Tensor:
    """`resize_images` as source that imports tf.keras means it.

    Raises:
        LackError: for another interpolation than "nearest": tf.keras of TensorFlow 1 sampled at other places than that of 2
            (1.13 and 2.4, keras/backend.py), and source does not tell which it was written for.
    """
    if interpolation != "nearest":
        raise LackError(
            f"K.resize_images by {interpolation} is one thing in TensorFlow 1 and another in 2.",
            hint="Write it with tf.compat.v1.image.resize_bilinear, or with tf.image.resize.",
        )
    return resize_images(x, height_factor, width_factor, data_format)


def _pool(rank: int) -> Callable[..., Any]:
    def pool(
        x: Held, pool_size: Size, strides: Size = 1, padding: str = "valid", data_format: str | None = None, pool_mode: str = "max"
    ) -> Tensor:
        pooled = tf.nn.pool(_last(x, data_format), _each(pool_size, rank), pool_mode.upper(), _each(strides, rank), padding.upper())
        return _turned_back(pooled, data_format)

    return pool


pool2d, pool3d = map(_pool, (2, 3))


def batch_normalization(x: Held, mean: Held, var: Held, beta: Held, gamma: Held, axis: int = -1, epsilon: float = 1e-3) -> Tensor:
    beta, gamma = (None if side is None else t(side) for side in (beta, gamma))
    return tf.nn.batch_normalization(t(x), t(mean), t(var), beta, gamma, epsilon)


def in_top_k(predictions: Held, targets: Held, k: int) -> Tensor:
    return tf.math.in_top_k(t(targets), t(predictions), k)

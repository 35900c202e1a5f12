"""`keras.backend`: activations, convolutions, pooling, normalisation and loops over time (keras 2.2.4, backend/tensorflow_backend.py)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from layerfix.graph.shim.arguments import hard_sigmoid as _hard_sigmoid
from layerfix.graph.shim.backend import t

hard_sigmoid = _hard_sigmoid


def relu(x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Any:
    x = t(x)
    above = tf.where(x > threshold, x, tf.zeros_like(x))
    above = above if max_value is None else tf.minimum(above, max_value)
    return above + alpha * tf.minimum(x - threshold, 0.0) if alpha else above


def elu(x: Any, alpha: float = 1.0) -> Any:
    x = t(x)
    return tf.where(x > 0, tf.nn.elu(x), alpha * tf.nn.elu(x))


def softmax(x: Any, axis: int = -1) -> Any:
    return tf.nn.softmax(t(x), axis)


def softplus(x: Any) -> Any:
    return tf.nn.softplus(t(x))


def softsign(x: Any) -> Any:
    return tf.nn.softsign(t(x))


def sigmoid(x: Any) -> Any:
    return tf.sigmoid(t(x))


def tanh(x: Any) -> Any:
    return tf.tanh(t(x))


def l2_normalize(x: Any, axis: Any = None) -> Any:
    return tf.nn.l2_normalize(t(x), axis)


def categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    import keras

    return keras.ops.categorical_crossentropy(t(target), t(output), from_logits, axis)


def sparse_categorical_crossentropy(target: Any, output: Any, from_logits: bool = False, axis: int = -1) -> Any:
    import keras

    return keras.ops.sparse_categorical_crossentropy(t(target), t(output), from_logits, axis)


def binary_crossentropy(target: Any, output: Any, from_logits: bool = False) -> Any:
    import keras

    return keras.ops.binary_crossentropy(t(target), t(output), from_logits)


def bias_add(x: Any, bias: Any, data_format: str | None = None) -> Any:
    x, bias = t(x), t(bias)
    if data_format == "channels_first" and bias.shape.rank == 1:
        return x + tf.reshape(bias, [1, -1] + [1] * (x.shape.rank - 2))
    return x + bias


def _convolution(rank: int) -> Callable[..., Any]:
    def convolution(
        x: Any, kernel: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None, dilation_rate: Any = 1
    ) -> Any:
        x, kernel = t(x), t(kernel)
        first = data_format == "channels_first"
        if first:
            x = tf.transpose(x, [0, *range(2, rank + 2), 1])
        dilation = [dilation_rate] * rank if isinstance(dilation_rate, int) else list(dilation_rate)
        if padding == "causal":
            x = tf.pad(x, [[0, 0], [dilation[0] * (int(kernel.shape[0]) - 1), 0], [0, 0]])
            padding = "valid"
        out = tf.nn.convolution(
            x, kernel, [strides] * rank if isinstance(strides, int) else list(strides), padding.upper(), dilations=dilation
        )
        return tf.transpose(out, [0, rank + 1, *range(1, rank + 1)]) if first else out

    return convolution


conv1d, conv2d, conv3d = map(_convolution, (1, 2, 3))


def _local_convolution(rank: int) -> Callable[..., Any]:
    """A convolution whose kernel differs at each place: kernel (places, patch, filters), patches with channels innermost."""

    def convolution(x: Any, kernel: Any, kernel_size: Any, strides: Any, output_shape: Any = None, data_format: str | None = None) -> Any:
        x, kernel = t(x), t(kernel)
        first = data_format == "channels_first"
        if first:
            x = tf.transpose(x, [0, *range(2, rank + 2), 1])
        image = x if rank == 2 else x[:, tf.newaxis]
        sizes, steps = ([1] * (2 - rank) + list(item) for item in (kernel_size, strides))
        patches = tf.image.extract_patches(image, [1, *sizes, 1], [1, *steps, 1], [1, 1, 1, 1], "VALID")
        if first:  # legacy cut each patch with channels outermost
            patches = tf.reshape(patches, [-1, *patches.shape[1:3], sizes[0] * sizes[1], x.shape[-1]])
            patches = tf.reshape(tf.transpose(patches, [0, 1, 2, 4, 3]), [-1, *patches.shape[1:3], sizes[0] * sizes[1] * x.shape[-1]])
        places = list(patches.shape[1:3])[2 - rank :]
        flat = tf.reshape(patches, [-1, kernel.shape[0], kernel.shape[1]])
        out = tf.reshape(tf.einsum("bpk,pkf->bpf", flat, kernel), [-1, *places, kernel.shape[2]])
        return tf.transpose(out, [0, rank + 1, *range(1, rank + 1)]) if first else out

    return convolution


local_conv1d, local_conv2d = map(_local_convolution, (1, 2))


def depthwise_conv2d(
    x: Any, kernel: Any, strides: Any = (1, 1), padding: str = "valid", data_format: Any = None, dilation_rate: Any = (1, 1)
) -> Any:
    return tf.nn.depthwise_conv2d(t(x), t(kernel), [1, *strides, 1], padding.upper(), dilations=list(dilation_rate))


def separable_conv2d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    steps, dilations = [1, *strides, 1], list(dilation_rate)
    return tf.nn.separable_conv2d(t(x), t(depthwise_kernel), t(pointwise_kernel), steps, padding.upper(), dilations=dilations)


def separable_conv1d(
    x: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: Any = 1,
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = 1,
) -> Any:
    step, dilation = (item if isinstance(item, int) else item[0] for item in (strides, dilation_rate))
    image, depthwise, pointwise = (tf.expand_dims(t(item), axis) for item, axis in ((x, 1), (depthwise_kernel, 0), (pointwise_kernel, 0)))
    return tf.squeeze(separable_conv2d(image, depthwise, pointwise, (step, step), padding, None, (1, dilation)), [1])


def conv2d_transpose(
    x: Any,
    kernel: Any,
    output_shape: Any,
    strides: Any = (1, 1),
    padding: str = "valid",
    data_format: Any = None,
    dilation_rate: Any = (1, 1),
) -> Any:
    shape = tf.stack(list(output_shape)) if isinstance(output_shape, list | tuple) else output_shape
    return tf.nn.conv2d_transpose(t(x), t(kernel), shape, list(strides), padding.upper(), dilations=list(dilation_rate))


def resize_images(x: Any, height_factor: int, width_factor: int, data_format: str = "channels_last", interpolation: str = "nearest") -> Any:
    first = data_format == "channels_first"
    image = tf.transpose(t(x), [0, 2, 3, 1]) if first else t(x)
    resize = tf.compat.v1.image.resize_nearest_neighbor if interpolation == "nearest" else tf.compat.v1.image.resize_bilinear
    resized = resize(image, tf.shape(image)[1:3] * tf.constant([height_factor, width_factor]))
    sizes = [None if size is None else size * factor for size, factor in zip(image.shape[1:3], (height_factor, width_factor), strict=True)]
    resized.set_shape([image.shape[0], *sizes, image.shape[3]])
    return tf.transpose(resized, [0, 3, 1, 2]) if first else resized


def _pool(rank: int) -> Callable[..., Any]:
    def pool(
        x: Any, pool_size: Any, strides: Any = 1, padding: str = "valid", data_format: str | None = None, pool_mode: str = "max"
    ) -> Any:
        strides = [strides] * rank if isinstance(strides, int) else list(strides)
        return tf.nn.pool(t(x), list(pool_size), pool_mode.upper(), strides, padding.upper())

    return pool


pool2d, pool3d = map(_pool, (2, 3))


def batch_normalization(x: Any, mean: Any, var: Any, beta: Any, gamma: Any, axis: int = -1, epsilon: float = 1e-3) -> Any:
    beta, gamma = (None if side is None else t(side) for side in (beta, gamma))
    return tf.nn.batch_normalization(t(x), t(mean), t(var), beta, gamma, epsilon)


def rnn(
    step_function: Callable[..., Any],
    inputs: Any,
    initial_states: Any,
    go_backwards: bool = False,
    mask: Any = None,
    constants: Any = None,
    unroll: bool = False,
    input_length: int | None = None,
) -> tuple[Any, Any, list[Any]]:
    """Runs a step over the time axis; returns (last output, outputs, states), as legacy Keras did."""
    from keras.src import backend

    constants = list(constants or [])

    def step(x: Any, states: Any) -> Any:
        output, new_states = step_function(x, list(states) + constants)
        return output, list(new_states)

    last, outputs, states = backend.rnn(
        step, t(inputs), [t(s) for s in initial_states], go_backwards, None if mask is None else t(mask), unroll=unroll
    )
    return last, outputs, list(states)


def in_top_k(predictions: Any, targets: Any, k: int) -> Any:
    return tf.math.in_top_k(t(targets), t(predictions), k)

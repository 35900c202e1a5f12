"""Functions of legacy Keras, TensorFlow, numpy and Python that Lambda layers call, as operations of today's Keras.

Each has the name, the arguments and the defaults of the function that it stands for (`K_mean` for
`keras.backend.mean`, `tf_reduce_mean` for `tf.reduce_mean`), and its exact semantics; sources are keras 2.2.4
(tensorflow_backend.py), tf.keras 2.15 (backend.py) and TensorFlow 1.15 and 2.15. A name that ends in `__tf1` or
`__tf2` is for that generation of TensorFlow alone. What is not here is refused.

A migration calls them on symbolic tensors; `layerfix lambdas` prints them from this source.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops, random


def sizes(x: Any, shape: Any) -> Any:
    """A shape to reshape to; one size may be open, and -1 is worked out where the batch is open too."""
    wanted = [-1 if size is None else int(size) for size in shape]
    inner = list(x.shape[1:])
    if wanted.count(-1) == 2 and wanted[0] == -1 and x.shape[0] is None and None not in inner:
        place = wanted.index(-1, 1)
        wanted[place] = math.prod(inner) // math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) > 1:
        raise ValueError(f"a reshape to {wanted} has more than one open size")
    return wanted


def K_reshape(x: Any, shape: Any) -> Any:
    return ops.reshape(x, sizes(x, shape))


def tf_reshape(tensor: Any, shape: Any) -> Any:
    return ops.reshape(tensor, sizes(tensor, shape))


def K_mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.mean(x, axis=axis, keepdims=keepdims)


def K_sum(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.sum(x, axis=axis, keepdims=keepdims)


def K_max(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.max(x, axis=axis, keepdims=keepdims)


def K_min(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.min(x, axis=axis, keepdims=keepdims)


def K_prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.prod(x, axis=axis, keepdims=keepdims)


def K_std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.std(x, axis=axis, keepdims=keepdims)


def K_var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.var(x, axis=axis, keepdims=keepdims)


def K_any(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.any(x, axis=axis, keepdims=keepdims)


def K_all(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.all(x, axis=axis, keepdims=keepdims)


def K_logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.logsumexp(x, axis=axis, keepdims=keepdims)


def K_argmax(x: Any, axis: int = -1) -> Any:
    return ops.argmax(x, axis=axis)


def K_argmin(x: Any, axis: int = -1) -> Any:
    return ops.argmin(x, axis=axis)


def K_cumsum(x: Any, axis: int = 0) -> Any:
    return ops.cumsum(x, axis=axis)


def K_cumprod(x: Any, axis: int = 0) -> Any:
    return ops.cumprod(x, axis=axis)


def K_abs(x: Any) -> Any:
    return ops.absolute(x)


def K_square(x: Any) -> Any:
    return ops.square(x)


def K_sqrt(x: Any) -> Any:
    return ops.sqrt(ops.maximum(x, 0.0))


def K_exp(x: Any) -> Any:
    return ops.exp(x)


def K_log(x: Any) -> Any:
    return ops.log(x)


def K_sign(x: Any) -> Any:
    return ops.sign(x)


def K_round(x: Any) -> Any:
    return ops.round(x)


def K_sin(x: Any) -> Any:
    return ops.sin(x)


def K_cos(x: Any) -> Any:
    return ops.cos(x)


def K_pow(x: Any, a: Any) -> Any:
    return ops.power(x, a)


def K_clip(x: Any, min_value: Any, max_value: Any) -> Any:
    low = -math.inf if min_value is None else min_value
    high = math.inf if max_value is None else max_value
    return ops.clip(x, low, max(low, high))


def K_maximum(x: Any, y: Any) -> Any:
    return ops.maximum(x, y)


def K_minimum(x: Any, y: Any) -> Any:
    return ops.minimum(x, y)


def K_equal(x: Any, y: Any) -> Any:
    return ops.equal(x, y)


def K_not_equal(x: Any, y: Any) -> Any:
    return ops.not_equal(x, y)


def K_greater(x: Any, y: Any) -> Any:
    return ops.greater(x, y)


def K_greater_equal(x: Any, y: Any) -> Any:
    return ops.greater_equal(x, y)


def K_less(x: Any, y: Any) -> Any:
    return ops.less(x, y)


def K_less_equal(x: Any, y: Any) -> Any:
    return ops.less_equal(x, y)


def K_cast(x: Any, dtype: str) -> Any:
    return ops.cast(x, dtype)


def K_floatx() -> str:
    return "float32"


def K_epsilon() -> float:
    return 1e-07


def K_cast_to_floatx(x: Any) -> Any:
    return ops.cast(x, "float32")


def K_relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    negative = ops.relu(threshold - x) if alpha else None
    positive = x * ops.cast(x > threshold, "float32") if threshold else ops.relu(x)
    if max_value is not None:
        positive = ops.minimum(positive, max_value)
    return positive - alpha * negative if alpha else positive


def K_elu(x: Any, alpha: float = 1.0) -> Any:
    return ops.elu(x, alpha=alpha)


def K_sigmoid(x: Any) -> Any:
    return ops.sigmoid(x)


def K_hard_sigmoid(x: Any) -> Any:
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def K_tanh(x: Any) -> Any:
    return ops.tanh(x)


def K_softmax(x: Any, axis: int = -1) -> Any:
    return ops.softmax(x, axis=axis)


def K_softplus(x: Any) -> Any:
    return ops.softplus(x)


def K_softsign(x: Any) -> Any:
    return ops.softsign(x)


def l2_normalized(x: Any, axis: Any, epsilon: float) -> Any:
    """x / sqrt(max(sum(x**2), epsilon)) (tf.nn.l2_normalize)."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon))


def K_l2_normalize(x: Any, axis: Any = None) -> Any:
    return l2_normalized(x, axis, 1e-12)


def K_expand_dims(x: Any, axis: int = -1) -> Any:
    return ops.expand_dims(x, axis)


def K_squeeze(x: Any, axis: int) -> Any:
    return ops.squeeze(x, axis=axis)


def K_permute_dimensions(x: Any, pattern: Any) -> Any:
    return ops.transpose(x, axes=pattern)


def K_transpose(x: Any) -> Any:
    return ops.transpose(x)


def K_concatenate(tensors: Any, axis: int = -1) -> Any:
    return ops.concatenate(tensors, axis=axis)


def K_stack(x: Any, axis: int = 0) -> Any:
    return ops.stack(x, axis=axis)


def K_tile(x: Any, n: Any) -> Any:
    return ops.tile(x, n)


def K_repeat(x: Any, n: int) -> Any:
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def K_repeat_elements(x: Any, rep: int, axis: int) -> Any:
    return ops.repeat(x, rep, axis=axis)


def K_reverse(x: Any, axes: Any) -> Any:
    return ops.flip(x, axis=axes)


def K_flatten(x: Any) -> Any:
    return ops.reshape(x, [-1])


def K_batch_flatten(x: Any) -> Any:
    return ops.reshape(x, [-1, math.prod(x.shape[1:])])


def K_gather(reference: Any, indices: Any) -> Any:
    return ops.take(reference, indices, axis=0)


def K_one_hot(indices: Any, num_classes: int) -> Any:
    return ops.one_hot(ops.cast(indices, "int32"), num_classes)


def K_shape(x: Any) -> Any:
    return ops.shape(x)


def K_int_shape(x: Any) -> Any:
    return tuple(x.shape)


def K_ndim(x: Any) -> int:
    return len(x.shape)


def K_dtype(x: Any) -> str:
    return str(x.dtype)


def K_zeros_like(x: Any) -> Any:
    return ops.zeros_like(x)


def K_ones_like(x: Any) -> Any:
    return ops.ones_like(x)


def K_constant(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    made = np.asarray(value, dtype or "float32")
    return made if shape is None else np.broadcast_to(made, shape)


def K_identity(x: Any) -> Any:
    return ops.copy(x)


def K_stop_gradient(variables: Any) -> Any:
    return ops.stop_gradient(variables)


def K_dot(x: Any, y: Any) -> Any:
    if len(x.shape) == 2 and len(y.shape) == 2:
        return ops.matmul(x, y)
    return ops.tensordot(x, y, axes=[[len(x.shape) - 1], [max(len(y.shape) - 2, 0)]])


def K_batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Up to rank 3, where every release agrees; Keras 2.3 gave higher ranks another meaning."""
    first, second = len(x.shape), len(y.shape)
    if not (first in (2, 3) and second in (2, 3)):
        raise ValueError(f"batch_dot of tensors of {first} and {second} dimensions had two meanings")
    if axes is None:
        axes = [first - 1, max(second - 2, 1)]
    one, two = [axes, axes] if isinstance(axes, int) else axes
    one, two = one % first, two % second
    if one == 0 or two == 0:
        raise ValueError("batch_dot over the batch had two meanings")
    if first == 2 and second == 2:
        return ops.sum(x * y, axis=1, keepdims=True)
    left = "bk" if first == 2 else "bik" if one == 2 else "bki"
    right = "bk" if second == 2 else "bjk" if two == 2 else "bkj"
    return ops.einsum(f"{left},{right}->b{'i' if first == 3 else ''}{'j' if second == 3 else ''}", x, y)


def K_switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    missing = len(then_expression.shape) - len(condition.shape)
    for _ in range(missing):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, then_expression, else_expression)


def K_resize_images__tf1(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Any:
    if interpolation != "nearest":
        raise ValueError("TensorFlow 1 sampled pictures at other places than Keras does today")
    rows, columns = (2, 3) if data_format == "channels_first" else (1, 2)
    return ops.repeat(ops.repeat(x, height_factor, axis=rows), width_factor, axis=columns)


def K_resize_images__tf2(
    x: Any, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest"
) -> Any:
    rows, columns = (2, 3) if data_format == "channels_first" else (1, 2)
    if interpolation == "nearest":
        return ops.repeat(ops.repeat(x, height_factor, axis=rows), width_factor, axis=columns)
    size = (x.shape[rows] * height_factor, x.shape[columns] * width_factor)
    return ops.image.resize(x, size, interpolation=interpolation, data_format=data_format)


def K_spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    pairs = [list(pair) for pair in padding]
    return ops.pad(x, [[0, 0], [0, 0], *pairs] if data_format == "channels_first" else [[0, 0], *pairs, [0, 0]])


def K_temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    return ops.pad(x, [[0, 0], list(padding), [0, 0]])


def K_arange(start: int, stop: Any = None, step: int = 1, dtype: str = "int32") -> Any:
    return np.arange(*(start, stop) if stop is not None else (0, start), step, dtype=dtype)


def K_random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    return random.normal(shape, mean=mean, stddev=stddev)


def K_random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    return random.uniform(shape, minval=minval, maxval=maxval)


def tf_random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    return random.normal(shape, mean=mean, stddev=stddev)


def tf_random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Any:
    return random.uniform(shape, minval=minval, maxval=maxval)


def tf_reduce_mean(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.mean(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_sum(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.sum(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_max(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.max(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_min(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.min(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_prod(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.prod(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_any(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.any(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_all(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.all(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_std(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.std(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_variance(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.var(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_logsumexp(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return ops.logsumexp(input_tensor, axis=axis, keepdims=keepdims)


def tf_moments(x: Any, axes: Any, shift: Any = None, keepdims: bool = False) -> Any:
    return (ops.mean(x, axis=axes, keepdims=keepdims), ops.var(x, axis=axes, keepdims=keepdims))


def tf_abs(x: Any) -> Any:
    return ops.absolute(x)


def tf_add(x: Any, y: Any) -> Any:
    return ops.add(x, y)


def tf_subtract(x: Any, y: Any) -> Any:
    return ops.subtract(x, y)


def tf_multiply(x: Any, y: Any) -> Any:
    return ops.multiply(x, y)


def tf_divide(x: Any, y: Any) -> Any:
    return x / y


def tf_truediv(x: Any, y: Any) -> Any:
    return ops.true_divide(x, y)


def tf_divide_no_nan(x: Any, y: Any) -> Any:
    return ops.divide_no_nan(x, y)


def tf_floormod(x: Any, y: Any) -> Any:
    return ops.mod(x, y)


def tf_floordiv(x: Any, y: Any) -> Any:
    return ops.floor_divide(x, y)


def tf_pow(x: Any, y: Any) -> Any:
    return ops.power(x, y)


def tf_maximum(x: Any, y: Any) -> Any:
    return ops.maximum(x, y)


def tf_minimum(x: Any, y: Any) -> Any:
    return ops.minimum(x, y)


def tf_squared_difference(x: Any, y: Any) -> Any:
    return ops.square(ops.subtract(x, y))


def tf_add_n(inputs: Any) -> Any:
    total = inputs[0]
    for tensor in inputs[1:]:
        total = total + tensor
    return total


def tf_square(x: Any) -> Any:
    return ops.square(x)


def tf_sqrt(x: Any) -> Any:
    return ops.sqrt(x)


def tf_rsqrt(x: Any) -> Any:
    return ops.rsqrt(x)


def tf_exp(x: Any) -> Any:
    return ops.exp(x)


def tf_expm1(x: Any) -> Any:
    return ops.expm1(x)


def tf_log(x: Any) -> Any:
    return ops.log(x)


def tf_log1p(x: Any) -> Any:
    return ops.log1p(x)


def tf_negative(x: Any) -> Any:
    return ops.negative(x)


def tf_reciprocal(x: Any) -> Any:
    return 1.0 / x


def tf_sign(x: Any) -> Any:
    return ops.sign(x)


def tf_floor(x: Any) -> Any:
    return ops.floor(x)


def tf_ceil(x: Any) -> Any:
    return ops.ceil(x)


def tf_round(x: Any) -> Any:
    return ops.round(x)


def tf_sin(x: Any) -> Any:
    return ops.sin(x)


def tf_cos(x: Any) -> Any:
    return ops.cos(x)


def tf_tan(x: Any) -> Any:
    return ops.tan(x)


def tf_atan2(y: Any, x: Any) -> Any:
    return ops.arctan2(y, x)


def tf_erf(x: Any) -> Any:
    return ops.erf(x)


def tf_tanh(x: Any) -> Any:
    return ops.tanh(x)


def tf_sigmoid(x: Any) -> Any:
    return ops.sigmoid(x)


def tf_relu(features: Any) -> Any:
    return ops.relu(features)


def tf_relu6(features: Any) -> Any:
    return ops.relu6(features)


def tf_elu(features: Any) -> Any:
    return ops.elu(features)


def tf_selu(features: Any) -> Any:
    return ops.selu(features)


def tf_leaky_relu(features: Any, alpha: float = 0.2) -> Any:
    return ops.leaky_relu(features, negative_slope=alpha)


def tf_softplus(features: Any) -> Any:
    return ops.softplus(features)


def tf_softsign(features: Any) -> Any:
    return ops.softsign(features)


def tf_swish(features: Any, beta: float = 1.0) -> Any:
    return features * ops.sigmoid(beta * features)


def tf_silu(features: Any, beta: float = 1.0) -> Any:
    return features * ops.sigmoid(beta * features)


def tf_gelu(features: Any, approximate: bool = False) -> Any:
    return ops.gelu(features, approximate=approximate)


def tf_crelu(features: Any, axis: int = -1) -> Any:
    return ops.relu(ops.concatenate([features, -features], axis=axis))


def tf_softmax(logits: Any, axis: int = -1) -> Any:
    return ops.softmax(logits, axis=axis)


def tf_log_softmax(logits: Any, axis: int = -1) -> Any:
    return ops.log_softmax(logits, axis=axis)


def tf_l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    return l2_normalized(x, axis, epsilon)


def tf_norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    if ord in ("euclidean", 2):
        return ops.sqrt(ops.sum(ops.square(tensor), axis=axis, keepdims=keepdims))
    if ord == 1:
        return ops.sum(ops.absolute(tensor), axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return ops.max(ops.absolute(tensor), axis=axis, keepdims=keepdims)
    raise ValueError(f"a norm of order {ord} is not known here")


def tf_clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any) -> Any:
    return ops.clip(t, clip_value_min, clip_value_max)


def tf_cast(x: Any, dtype: str) -> Any:
    return ops.cast(x, dtype)


def tf_to_float(x: Any) -> Any:
    return ops.cast(x, "float32")


def tf_identity(input: Any) -> Any:  # noqa: A002
    return ops.copy(input)


def tf_stop_gradient(input: Any) -> Any:  # noqa: A002
    return ops.stop_gradient(input)


def tf_expand_dims(input: Any, axis: int) -> Any:  # noqa: A002
    return ops.expand_dims(input, axis)


def tf_squeeze(input: Any, axis: Any = None) -> Any:  # noqa: A002
    return ops.squeeze(input, axis=tuple(axis) if isinstance(axis, list) else axis)


def tf_transpose(a: Any, perm: Any = None) -> Any:
    return ops.transpose(a, axes=perm)


def tf_concat(values: Any, axis: int) -> Any:
    return ops.concatenate(values, axis=axis)


def tf_stack(values: Any, axis: int = 0) -> Any:
    return ops.stack(values, axis=axis)


def tf_unstack(value: Any, num: Any = None, axis: int = 0) -> Any:
    return ops.unstack(value, num=num, axis=axis)


def tf_split(value: Any, num_or_size_splits: Any, axis: int = 0) -> Any:
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis=axis)
    ends = [sum(num_or_size_splits[: place + 1]) for place in range(len(num_or_size_splits) - 1)]
    if -1 in num_or_size_splits:
        raise ValueError("a split into parts of which one is open is not known here")
    return ops.split(value, ends, axis=axis)


def tf_tile(input: Any, multiples: Any) -> Any:  # noqa: A002
    return ops.tile(input, multiples)


def tf_repeat(input: Any, repeats: int, axis: Any = None) -> Any:  # noqa: A002
    return ops.repeat(input, repeats, axis=axis)


def tf_reverse(tensor: Any, axis: Any) -> Any:
    return ops.flip(tensor, axis=axis)


def tf_pad(
    tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: float = 0
) -> Any:
    if mode.upper() == "CONSTANT":
        return ops.pad(tensor, paddings, mode="constant", constant_values=constant_values)
    return ops.pad(tensor, paddings, mode=mode.lower())


def tf_gather(params: Any, indices: Any, axis: int = 0) -> Any:
    return ops.take(params, np.asarray(indices) if isinstance(indices, list) else indices, axis=axis)


def tf_slice(input_: Any, begin: Any, size: Any) -> Any:
    stops = [None if s == -1 else b + s for b, s in zip(begin, size, strict=True)]
    return input_[tuple(slice(b, stop) for b, stop in zip(begin, stops, strict=True))]


def tf_where(condition: Any, x: Any, y: Any) -> Any:
    return ops.where(condition, x, y)


def tf_one_hot(indices: Any, depth: int) -> Any:
    return ops.one_hot(indices, depth)


def tf_argmax(input: Any, axis: int = 0) -> Any:  # noqa: A002
    return ops.argmax(input, axis=axis)


def tf_argmin(input: Any, axis: int = 0) -> Any:  # noqa: A002
    return ops.argmin(input, axis=axis)


def tf_cumsum(x: Any, axis: int = 0) -> Any:
    return ops.cumsum(x, axis=axis)


def tf_einsum(equation: str, *inputs: Any) -> Any:
    return ops.einsum(equation, *inputs)


def tf_matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False) -> Any:
    left = ops.swapaxes(a, -1, -2) if transpose_a else a
    right = ops.swapaxes(b, -1, -2) if transpose_b else b
    return ops.matmul(left, right)


def tf_tensordot(a: Any, b: Any, axes: Any) -> Any:
    return ops.tensordot(a, b, axes=axes)


def tf_shape(input: Any) -> Any:  # noqa: A002
    return ops.shape(input)


def tf_rank(input: Any) -> int:  # noqa: A002
    return len(input.shape)


def tf_zeros_like(input: Any) -> Any:  # noqa: A002
    return ops.zeros_like(input)


def tf_ones_like(input: Any) -> Any:  # noqa: A002
    return ops.ones_like(input)


def tf_constant(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    whole = isinstance(value, int) or (isinstance(value, list) and np.asarray(value).dtype.kind == "i")
    made = np.asarray(value, dtype or ("int32" if whole else "float32"))
    return made if shape is None else np.broadcast_to(made, shape)


def tf_convert_to_tensor(value: Any, dtype: Any = None) -> Any:
    return value if hasattr(value, "shape") else np.asarray(value, dtype or "float32")


def tf_range(start: int, limit: Any = None, delta: int = 1) -> Any:
    return np.arange(*(start, limit) if limit is not None else (0, start), delta, dtype="int32")


def tf_equal(x: Any, y: Any) -> Any:
    return ops.equal(x, y)


def tf_not_equal(x: Any, y: Any) -> Any:
    return ops.not_equal(x, y)


def tf_greater(x: Any, y: Any) -> Any:
    return ops.greater(x, y)


def tf_greater_equal(x: Any, y: Any) -> Any:
    return ops.greater_equal(x, y)


def tf_less(x: Any, y: Any) -> Any:
    return ops.less(x, y)


def tf_less_equal(x: Any, y: Any) -> Any:
    return ops.less_equal(x, y)


def tf_logical_and(x: Any, y: Any) -> Any:
    return ops.logical_and(x, y)


def tf_logical_or(x: Any, y: Any) -> Any:
    return ops.logical_or(x, y)


def tf_logical_not(x: Any) -> Any:
    return ops.logical_not(x)


def tf_depth_to_space(input: Any, block_size: int, data_format: str = "NHWC") -> Any:  # noqa: A002
    if data_format != "NHWC":
        raise ValueError("depth_to_space is known for NHWC alone")
    b = block_size
    _, rows, columns, depth = input.shape
    split = ops.reshape(input, [-1, rows, columns, b, b, depth // (b * b)])
    return ops.reshape(
        ops.transpose(split, axes=[0, 1, 3, 2, 4, 5]), [-1, rows * b, columns * b, depth // (b * b)]
    )


def tf_space_to_depth(input: Any, block_size: int, data_format: str = "NHWC") -> Any:  # noqa: A002
    if data_format != "NHWC":
        raise ValueError("space_to_depth is known for NHWC alone")
    b = block_size
    _, rows, columns, depth = input.shape
    split = ops.reshape(input, [-1, rows // b, b, columns // b, b, depth])
    return ops.reshape(
        ops.transpose(split, axes=[0, 1, 3, 2, 4, 5]), [-1, rows // b, columns // b, depth * b * b]
    )


def resized(images: Any, size: Any, method: Any, aspect: bool, antialias: bool) -> Any:
    """tf.image.resize of TensorFlow 2: pixel centers at halves (image_ops_impl.py, resize_images_v2)."""
    if aspect:
        raise ValueError("a resize that keeps the proportions is not known here")
    name = {0: "bilinear", 1: "nearest", 2: "bicubic"}.get(method, method)
    if name not in {"bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"}:
        raise ValueError(f"a resize by {name} is not known here")
    if name == "bicubic":
        raise ValueError("a bicubic resize is not known here")
    return ops.image.resize(
        images, tuple(size), interpolation=name, antialias=antialias, data_format="channels_last"
    )


def tf_image_resize__tf2(
    images: Any, size: Any, method: Any = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False
) -> Any:
    return resized(images, size, method, preserve_aspect_ratio, antialias)


def tf1_resized(images: Any, size: Any, method: Any, align_corners: bool) -> Any:
    """Sampling of TensorFlow 1: no half-pixel centers, corners aligned on demand (resize_bilinear_op.cc)."""
    name = {0: "bilinear", 1: "nearest"}.get(method, method)
    if name not in {"bilinear", "nearest"}:
        raise ValueError(f"a resize of TensorFlow 1 by {name} is not known here")
    if None in images.shape[1:3]:
        raise ValueError("a resize of TensorFlow 1 needs the size of its input")
    for axis, wanted in ((1, size[0]), (2, size[1])):
        images = tf1_resized_axis(images, axis, int(wanted), name, align_corners)
    return images


def tf1_resized_axis(images: Any, axis: int, wanted: int, name: str, align: bool) -> Any:
    """One axis, by the places that each output pixel is made of."""
    held = images.shape[axis]
    scale = (held - 1) / (wanted - 1) if align and wanted > 1 else held / wanted
    places = np.arange(wanted) * scale
    if name == "nearest":
        chosen = np.floor(places + 0.5) if align else np.floor(places)
        return ops.take(images, np.minimum(chosen, held - 1).astype("int32"), axis=axis)
    low = np.floor(places).astype("int32")
    part = (places - low).astype("float32").reshape([-1 if a == axis else 1 for a in range(4)])
    below = ops.take(images, np.minimum(low, held - 1), axis=axis)
    above = ops.take(images, np.minimum(low + 1, held - 1), axis=axis)
    return below + (above - below) * part


def tf_image_resize__tf1(
    images: Any, size: Any, method: Any = 0, align_corners: bool = False, preserve_aspect_ratio: bool = False
) -> Any:
    return tf1_resized(images, size, method, align_corners)


def tf_image_resize_images(
    images: Any, size: Any, method: Any = 0, align_corners: bool = False, preserve_aspect_ratio: bool = False
) -> Any:
    return tf1_resized(images, size, method, align_corners)


def tf_image_resize_bilinear(images: Any, size: Any, align_corners: bool = False) -> Any:
    return tf1_resized(images, size, "bilinear", align_corners)


def tf_image_resize_nearest_neighbor(images: Any, size: Any, align_corners: bool = False) -> Any:
    return tf1_resized(images, size, "nearest", align_corners)


def tf_image_rgb_to_grayscale(images: Any) -> Any:
    return ops.sum(images * np.array([0.2989, 0.587, 0.114], "float32"), axis=-1, keepdims=True)


def tf_image_flip_left_right(image: Any) -> Any:
    return ops.flip(image, axis=-2)


def tf_image_flip_up_down(image: Any) -> Any:
    return ops.flip(image, axis=-3)


def pooled(pool: Any, x: Any, ksize: Any, strides: Any, padding: str) -> Any:
    size, steps = ([v] * 2 if isinstance(v, int) else list(v) for v in (ksize, strides))
    inner = [v[1:3] if len(v) == 4 else v for v in (size, steps)]
    return pool(
        x, tuple(inner[0]), strides=tuple(inner[1]), padding=padding.lower(), data_format="channels_last"
    )


def tf_max_pool(value: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Any:
    return pooled(ops.max_pool, value, ksize, strides, padding)


def tf_avg_pool(value: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Any:
    return pooled(ops.average_pool, value, ksize, strides, padding)


def tf_max_pool2d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Any:  # noqa: A002
    return pooled(ops.max_pool, input, ksize, strides, padding)


def tf_avg_pool2d(input: Any, ksize: Any, strides: Any, padding: str, data_format: str = "NHWC") -> Any:  # noqa: A002
    return pooled(ops.average_pool, input, ksize, strides, padding)


def keras_activations_relu(x: Any, alpha: float = 0.0, max_value: Any = None, threshold: float = 0.0) -> Any:
    return K_relu(x, alpha, max_value, threshold)


def keras_activations_softmax(x: Any, axis: int = -1) -> Any:
    return ops.softmax(x, axis=axis)


def keras_activations_sigmoid(x: Any) -> Any:
    return ops.sigmoid(x)


def keras_activations_tanh(x: Any) -> Any:
    return ops.tanh(x)


def keras_activations_elu(x: Any, alpha: float = 1.0) -> Any:
    return ops.elu(x, alpha=alpha)


def keras_activations_softplus(x: Any) -> Any:
    return ops.softplus(x)


def keras_activations_swish(x: Any) -> Any:
    return ops.silu(x)


def keras_activations_linear(x: Any) -> Any:
    return x


def image_scaled(x: Any) -> Any:
    """imagenet_utils.preprocess_input, mode "tf"."""
    return x / 127.5 - 1.0


def image_centered(x: Any) -> Any:
    """imagenet_utils.preprocess_input, mode "caffe", channels last."""
    return x[..., ::-1] - np.array([103.939, 116.779, 123.68], "float32")


def keras_applications_mobilenet_preprocess_input(x: Any) -> Any:
    return image_scaled(x)


def keras_applications_mobilenet_v2_preprocess_input(x: Any) -> Any:
    return image_scaled(x)


def keras_applications_xception_preprocess_input(x: Any) -> Any:
    return image_scaled(x)


def keras_applications_inception_v3_preprocess_input(x: Any) -> Any:
    return image_scaled(x)


def keras_applications_inception_resnet_v2_preprocess_input(x: Any) -> Any:
    return image_scaled(x)


def keras_applications_resnet_v2_preprocess_input(x: Any) -> Any:
    return image_scaled(x)


def keras_applications_vgg16_preprocess_input(x: Any) -> Any:
    return image_centered(x)


def keras_applications_vgg19_preprocess_input(x: Any) -> Any:
    return image_centered(x)


def keras_applications_resnet50_preprocess_input(x: Any) -> Any:
    return image_centered(x)


def keras_applications_resnet_preprocess_input(x: Any) -> Any:
    return image_centered(x)


def np_array(object: Any, dtype: Any = None) -> Any:  # noqa: A002
    return np.asarray(object, "float32" if dtype in (None, "float64") else dtype)


def np_sqrt(x: Any) -> float:
    return math.sqrt(x)


def np_log(x: Any) -> float:
    return math.log(x)


def np_exp(x: Any) -> float:
    return math.exp(x)


def np_prod(a: Any) -> Any:
    return math.prod(a)


def math_sqrt(x: float) -> float:
    return math.sqrt(x)


def math_log(x: float) -> float:
    return math.log(x)


def math_exp(x: float) -> float:
    return math.exp(x)


def math_floor(x: float) -> int:
    return math.floor(x)


def math_ceil(x: float) -> int:
    return math.ceil(x)


def python_len(x: Any) -> int:
    return len(x)


def python_int(x: Any) -> int:
    return int(x)


def python_float(x: Any) -> float:
    return float(x)


def python_abs(x: Any) -> Any:
    return ops.absolute(x)


def python_list(x: Any) -> Any:
    return list(x)


def python_tuple(x: Any) -> Any:
    return tuple(x)

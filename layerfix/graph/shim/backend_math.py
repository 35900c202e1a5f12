"""`keras.backend`: arithmetic, reductions and reshaping (keras 2.2.4, backend/tensorflow_backend.py)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from layerfix.graph.shim.backend import t
from layerfix.graph.tensors import Axis, Bound, Dtype, Held, Pairs, Shape, Size, Tensor


def _elementwise(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(x: Held) -> Tensor:
        return function(t(x))

    return wrapped


def _binary(function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(x: Held, y: Held) -> Tensor:
        return function(x if np.isscalar(x) else t(x), y if np.isscalar(y) else t(y))

    return wrapped


def _reduction(function: Callable[..., Any], *, boolean: bool = False) -> Callable[..., Any]:
    def wrapped(x: Held, axis: Axis = None, keepdims: bool = False) -> Tensor:
        x = tf.cast(t(x), bool) if boolean else t(x)
        x = tf.cast(x, tf.float32) if x.dtype == tf.bool and not boolean else x
        return function(x, axis=axis, keepdims=keepdims)

    return wrapped


abs, exp, log, sqrt, square, sign, round, sin, cos, floor, tan = map(  # noqa: A001
    _elementwise,
    (
        tf.abs, tf.exp, tf.math.log, lambda x: tf.sqrt(tf.clip_by_value(x, 0.0, np.inf)), tf.square, tf.sign, tf.round,
        tf.sin, tf.cos, tf.floor,
        tf.tan,
    ),
)  # fmt: skip
maximum, minimum, equal, not_equal, greater, greater_equal, less, less_equal = map(
    _binary, (tf.maximum, tf.minimum, tf.equal, tf.not_equal, tf.greater, tf.greater_equal, tf.less, tf.less_equal)
)
sum, mean, max, min, prod, std, var, logsumexp = map(  # noqa: A001
    _reduction,
    (
        tf.reduce_sum, tf.reduce_mean, tf.reduce_max, tf.reduce_min, tf.reduce_prod, tf.math.reduce_std, tf.math.reduce_variance,
        tf.reduce_logsumexp,
    ),
)  # fmt: skip
any, all = (_reduction(function, boolean=True) for function in (tf.reduce_any, tf.reduce_all))  # noqa: A001


def pow(x: Held, a: Held) -> Tensor:  # noqa: A001
    return tf.pow(t(x), a)


def clip(x: Held, min_value: Bound, max_value: Bound) -> Tensor:
    return tf.clip_by_value(t(x), min_value, np.inf if max_value is None else max_value)


def argmax(x: Held, axis: int = -1) -> Tensor:
    return tf.argmax(t(x), axis)


def argmin(x: Held, axis: int = -1) -> Tensor:
    return tf.argmin(t(x), axis)


def cumsum(x: Held, axis: int = 0) -> Tensor:
    return tf.cumsum(t(x), axis=axis)


def cumprod(x: Held, axis: int = 0) -> Tensor:
    return tf.math.cumprod(t(x), axis=axis)


def dot(x: Held, y: Held) -> Tensor:
    """Contracts the last axis of x with the last but one of y, like numpy.dot."""
    x, y = t(x), t(y)
    if (x.shape.rank or 0) > 2 or (y.shape.rank or 0) > 2:
        return tf.tensordot(x, y, [[x.shape.rank - 1], [max_of(y.shape.rank - 2, 0)]])
    return tf.linalg.matmul(x, y) if y.shape.rank == 2 else tf.tensordot(x, y, 1)


def max_of(one: int, other: int) -> int:
    return one if one > other else other


def batch_dot(x: Held, y: Held, axes: Axis = None) -> Tensor:
    """keras 2.2.4's: element by element sums for matrices, matmul with transposed sides for more dimensions.

    Two matrices without axes are multiplied as in 2.3: what 2.2.4 did fails unless there are as many samples as features.
    """
    x, y = t(x), t(y)
    axes = (axes, axes) if isinstance(axes, int) else axes
    x_ndim, y_ndim = x.shape.rank, y.shape.rank
    axes = (1, 1) if axes is None and x_ndim == y_ndim == 2 else axes
    axes = [x_ndim - 1, y_ndim - 2] if axes is None else [axis % rank for axis, rank in zip(axes, (x_ndim, y_ndim), strict=True)]
    for _ in range(x_ndim - y_ndim):
        y = tf.expand_dims(y, -1)
    for _ in range(y_ndim - x_ndim):
        x = tf.expand_dims(x, -1)
    if x_ndim == 2 and y_ndim == 2:
        out = tf.reduce_sum(x * y, axes[0]) if axes[0] == axes[1] else tf.reduce_sum(tf.transpose(x) * y, axes[1])
    else:
        out = tf.matmul(x, y, adjoint_a=axes[0] != x.shape.rank - 1, adjoint_b=axes[1] == y.shape.rank - 1)
    if x_ndim != y_ndim:
        longer = max_of(x_ndim, y_ndim)
        first = x_ndim + y_ndim - 3 if x_ndim > y_ndim else x_ndim - 1
        out = tf.squeeze(out, list(range(first, first + longer - (y_ndim if x_ndim > y_ndim else x_ndim))))
    return tf.expand_dims(out, 1) if out.shape.rank == 1 else out


def transpose(x: Held) -> Tensor:
    return tf.transpose(t(x))


def permute_dimensions(x: Held, pattern: Sequence[int]) -> Tensor:
    return tf.transpose(t(x), pattern)


def reshape(x: Held, shape: Shape) -> Tensor:
    return tf.reshape(t(x), shape)


def expand_dims(x: Held, axis: int = -1, dim: int | None = None) -> Tensor:
    return tf.expand_dims(t(x), axis if dim is None else dim)


def squeeze(x: Held, axis: int) -> Tensor:
    return tf.squeeze(t(x), [axis])


def flatten(x: Held) -> Tensor:
    return tf.reshape(t(x), [-1])


def batch_flatten(x: Held) -> Tensor:
    x = t(x)
    static = x.shape[1:]
    rest = static.num_elements() if static.is_fully_defined() else tf.reduce_prod(tf.shape(x)[1:])
    return tf.reshape(x, [-1, rest])


def concatenate(tensors: Sequence[Held], axis: int = -1) -> Tensor:
    return tf.concat([t(x) for x in tensors], axis)


def stack(x: Sequence[Held], axis: int = 0) -> Tensor:
    return tf.stack([t(item) for item in x], axis)


pack = stack


def repeat(x: Held, n: int) -> Tensor:
    return tf.repeat(tf.expand_dims(t(x), 1), n, axis=1)


def repeat_elements(x: Held, rep: int, axis: int) -> Tensor:
    return tf.repeat(t(x), rep, axis=axis)


def tile(x: Held, n: Size) -> Tensor:
    return tf.tile(t(x), [n] if isinstance(n, int) else n)


def reverse(x: Held, axes: Axis) -> Tensor:
    return tf.reverse(t(x), [axes] if isinstance(axes, int) else axes)


def slice(x: Held, start: Size, size: Size) -> Tensor:  # noqa: A001
    return tf.slice(t(x), start, size)


def gather(reference: Held, indices: Held) -> Tensor:
    return tf.gather(t(reference), tf.cast(t(indices), tf.int32))


def one_hot(indices: Held, num_classes: int) -> Tensor:
    return tf.one_hot(tf.cast(t(indices), tf.int32), num_classes)


def arange(start: float, stop: float | None = None, step: float = 1, dtype: str = "int32") -> Tensor:
    """With dtype "int32", the default, nothing is cast: a range of floats stays one."""
    made = tf.range(start, stop, step) if stop is not None else tf.range(0, start, step)
    return made if dtype == "int32" else tf.cast(made, dtype)


def map_fn(fn: Callable[..., Any], elems: Held, name: str | None = None, dtype: Dtype = None) -> Tensor:
    return tf.map_fn(fn, elems, fn_output_signature=dtype)


def foldl(fn: Callable[..., Any], elems: Held, initializer: Held = None, name: str | None = None) -> Tensor:
    return tf.foldl(fn, elems, initializer=initializer)


def foldr(fn: Callable[..., Any], elems: Held, initializer: Held = None, name: str | None = None) -> Tensor:
    return tf.foldr(fn, elems, initializer=initializer)


def identity(x: Held, name: str | None = None) -> Tensor:
    return tf.identity(t(x))


def temporal_padding(x: Held, padding: tuple[int, int] = (1, 1)) -> Tensor:
    return tf.pad(t(x), [[0, 0], list(padding), [0, 0]])


def spatial_2d_padding(x: Held, padding: Pairs = ((1, 1), (1, 1)), data_format: str | None = None) -> Tensor:
    inner = [list(padding[0]), list(padding[1])]
    return tf.pad(t(x), [[0, 0], [0, 0], *inner] if data_format == "channels_first" else [[0, 0], *inner, [0, 0]])

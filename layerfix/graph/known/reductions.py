"""Reductions and norms, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math
from typing import Any

from keras import ops


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


def K_argmax(x: Any, axis: Any = -1) -> Any:
    return ops.argmax(x, axis=0 if axis is None else axis)


def K_argmin(x: Any, axis: Any = -1) -> Any:
    return ops.argmin(x, axis=0 if axis is None else axis)


def K_cumsum(x: Any, axis: int = 0) -> Any:
    return ops.cumsum(x, axis=axis)


def K_cumprod(x: Any, axis: int = 0) -> Any:
    return ops.cumprod(x, axis=axis)


def known_l2_normalized(x: Any, axis: Any, epsilon: float) -> Any:
    """x / sqrt(max(sum(x**2), epsilon)) (tf.nn.l2_normalize)."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon))


def K_l2_normalize(x: Any, axis: Any = None) -> Any:
    return known_l2_normalized(x, axis, 1e-12)


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


def tf_l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12) -> Any:
    return known_l2_normalized(x, axis, epsilon)


def tf_norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    """Of vectors; of matrices (two axes) the Frobenius norm, the others being another thing each (tensorflow 2.15, ops/linalg_ops.py)."""
    if ord != "euclidean" and isinstance(axis, (list, tuple)):
        raise ValueError(f"a norm of order {ord} of matrices is not known here")
    if ord in ("euclidean", 2):
        return ops.sqrt(ops.sum(ops.square(tensor), axis=axis, keepdims=keepdims))
    if ord == 1:
        return ops.sum(ops.absolute(tensor), axis=axis, keepdims=keepdims)
    if ord == math.inf:
        return ops.max(ops.absolute(tensor), axis=axis, keepdims=keepdims)
    raise ValueError(f"a norm of order {ord} is not known here")


def tf_argmax(input: Any, axis: Any = 0) -> Any:  # noqa: A002
    return ops.argmax(input, axis=0 if axis is None else axis)


def tf_argmin(input: Any, axis: Any = 0) -> Any:  # noqa: A002
    return ops.argmin(input, axis=0 if axis is None else axis)


def tf_cumsum(x: Any, axis: int = 0) -> Any:
    return ops.cumsum(x, axis=axis)

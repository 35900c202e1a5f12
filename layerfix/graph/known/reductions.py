"""Reductions and norms, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math

from keras import ops

from layerfix.graph.tensors import Axis, Tensor


def K_mean(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.mean(x, axis=axis, keepdims=keepdims)


def K_sum(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.sum(x, axis=axis, keepdims=keepdims)


def K_max(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.max(x, axis=axis, keepdims=keepdims)


def K_min(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.min(x, axis=axis, keepdims=keepdims)


def K_prod(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.prod(x, axis=axis, keepdims=keepdims)


def K_std(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.std(x, axis=axis, keepdims=keepdims)


def K_var(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.var(x, axis=axis, keepdims=keepdims)


def K_any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.any(x, axis=axis, keepdims=keepdims)


def K_all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.all(x, axis=axis, keepdims=keepdims)


def K_logsumexp(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.logsumexp(x, axis=axis, keepdims=keepdims)


def K_argmax(x: Tensor, axis: Axis = -1) -> Tensor:
    return ops.argmax(x, axis=0 if axis is None else axis)


def K_argmin(x: Tensor, axis: Axis = -1) -> Tensor:
    return ops.argmin(x, axis=0 if axis is None else axis)


def K_cumsum(x: Tensor, axis: int = 0) -> Tensor:
    return ops.cumsum(x, axis=axis)


def K_cumprod(x: Tensor, axis: int = 0) -> Tensor:
    return ops.cumprod(x, axis=axis)


def known_l2_normalized(x: Tensor, axis: Axis, epsilon: float) -> Tensor:
    """x / sqrt(max(sum(x**2), epsilon)) (tf.nn.l2_normalize)."""
    return x * ops.rsqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon))


def K_l2_normalize(x: Tensor, axis: Axis = None) -> Tensor:
    return known_l2_normalized(x, axis, 1e-12)


def tf_reduce_mean(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.mean(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_sum(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.sum(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_max(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.max(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_min(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.min(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_prod(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.prod(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_any(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.any(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_all(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.all(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_std(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.std(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_variance(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.var(input_tensor, axis=axis, keepdims=keepdims)


def tf_reduce_logsumexp(input_tensor: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    return ops.logsumexp(input_tensor, axis=axis, keepdims=keepdims)


def tf_moments(x: Tensor, axes: Axis, shift: object = None, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    return (ops.mean(x, axis=axes, keepdims=keepdims), ops.var(x, axis=axes, keepdims=keepdims))


def tf_l2_normalize(x: Tensor, axis: Axis = None, epsilon: float = 1e-12) -> Tensor:
    return known_l2_normalized(x, axis, epsilon)


def tf_norm(tensor: Tensor, ord: str | float = "euclidean", axis: Axis = None, keepdims: bool = False) -> Tensor:  # noqa: A002
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


def tf_argmax(input: Tensor, axis: Axis = 0) -> Tensor:  # noqa: A002
    return ops.argmax(input, axis=0 if axis is None else axis)


def tf_argmin(input: Tensor, axis: Axis = 0) -> Tensor:  # noqa: A002
    return ops.argmin(input, axis=0 if axis is None else axis)


def tf_cumsum(x: Tensor, axis: int = 0) -> Tensor:
    return ops.cumsum(x, axis=axis)

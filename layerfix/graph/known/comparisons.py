"""Comparisons, and what is chosen by them, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

from keras import ops

from layerfix.graph.tensors import Tensor


def K_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.equal(x, y)


def K_not_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.not_equal(x, y)


def K_greater(x: Tensor, y: Tensor) -> Tensor:
    return ops.greater(x, y)


def K_greater_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.greater_equal(x, y)


def K_less(x: Tensor, y: Tensor) -> Tensor:
    return ops.less(x, y)


def K_less_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.less_equal(x, y)


def K_switch(condition: Tensor, then_expression: Tensor, else_expression: Tensor) -> Tensor:
    missing = len(then_expression.shape) - len(condition.shape)
    for _ in range(missing):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, then_expression, else_expression)


def tf_where(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    if len(condition.shape) == 1 and any(len(part.shape) > 1 for part in (x, y) if hasattr(part, "shape")):
        raise ValueError("a condition for each sample chose samples in TensorFlow 1, and is spread over the last axis in 2")
    return ops.where(condition, x, y)


def tf_where__tf1(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    return tf_where_select(condition, x, y)


def tf_where_select(condition: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """tf.select, and tf.where of TensorFlow 1: a condition of one axis chooses samples (1.15, ops/array_ops.py, `where`)."""
    missing = len(x.shape) - len(condition.shape)
    if missing and len(condition.shape) != 1:
        raise ValueError("a condition of another rank than what it chooses from was an error in TensorFlow 1")
    for _ in range(missing):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, x, y)


def tf_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.equal(x, y)


def tf_not_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.not_equal(x, y)


def tf_greater(x: Tensor, y: Tensor) -> Tensor:
    return ops.greater(x, y)


def tf_greater_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.greater_equal(x, y)


def tf_less(x: Tensor, y: Tensor) -> Tensor:
    return ops.less(x, y)


def tf_less_equal(x: Tensor, y: Tensor) -> Tensor:
    return ops.less_equal(x, y)


def tf_logical_and(x: Tensor, y: Tensor) -> Tensor:
    return ops.logical_and(x, y)


def tf_logical_or(x: Tensor, y: Tensor) -> Tensor:
    return ops.logical_or(x, y)


def tf_logical_not(x: Tensor) -> Tensor:
    return ops.logical_not(x)

"""Functions of each element, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math
from typing import Any

from keras import ops


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


def K_cast_to_floatx(x: Any) -> Any:
    return ops.cast(x, "float32")


def K_zeros_like(x: Any) -> Any:
    return ops.zeros_like(x)


def K_ones_like(x: Any) -> Any:
    return ops.ones_like(x)


def K_identity(x: Any) -> Any:
    return ops.copy(x)


def K_stop_gradient(variables: Any) -> Any:
    return ops.stop_gradient(variables)


def K_switch(condition: Any, then_expression: Any, else_expression: Any) -> Any:
    missing = len(then_expression.shape) - len(condition.shape)
    for _ in range(missing):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, then_expression, else_expression)


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


def tf_where(condition: Any, x: Any, y: Any) -> Any:
    if len(condition.shape) == 1 and any(len(part.shape) > 1 for part in (x, y) if hasattr(part, "shape")):
        raise ValueError("a condition for each sample chose samples in TensorFlow 1, and is spread over the last axis in 2")
    return ops.where(condition, x, y)


def tf_where__tf1(condition: Any, x: Any, y: Any) -> Any:
    return tf_where_select(condition, x, y)


def tf_where_select(condition: Any, x: Any, y: Any) -> Any:
    """tf.select, and tf.where of TensorFlow 1: a condition of one axis chooses samples (1.15, ops/array_ops.py, `where`)."""
    missing = len(x.shape) - len(condition.shape)
    if missing and len(condition.shape) != 1:
        raise ValueError("a condition of another rank than what it chooses from was an error in TensorFlow 1")
    for _ in range(missing):
        condition = ops.expand_dims(condition, -1)
    return ops.where(condition, x, y)


def tf_zeros_like(input: Any) -> Any:  # noqa: A002
    return ops.zeros_like(input)


def tf_ones_like(input: Any) -> Any:  # noqa: A002
    return ops.ones_like(input)


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

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


def tf_zeros_like(input: Any) -> Any:  # noqa: A002
    return ops.zeros_like(input)


def tf_ones_like(input: Any) -> Any:  # noqa: A002
    return ops.ones_like(input)

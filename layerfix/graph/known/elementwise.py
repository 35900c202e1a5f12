"""Functions of each element, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math

from keras import ops

from layerfix.graph.tensors import Bound, Tensor


def K_abs(x: Tensor) -> Tensor:
    return ops.absolute(x)


def K_square(x: Tensor) -> Tensor:
    return ops.square(x)


def K_sqrt(x: Tensor) -> Tensor:
    return ops.sqrt(ops.maximum(x, 0.0))


def K_exp(x: Tensor) -> Tensor:
    return ops.exp(x)


def K_log(x: Tensor) -> Tensor:
    return ops.log(x)


def K_sign(x: Tensor) -> Tensor:
    return ops.sign(x)


def K_round(x: Tensor) -> Tensor:
    return ops.round(x)


def K_sin(x: Tensor) -> Tensor:
    return ops.sin(x)


def K_cos(x: Tensor) -> Tensor:
    return ops.cos(x)


def K_pow(x: Tensor, a: Tensor) -> Tensor:
    return ops.power(x, a)


def K_clip(x: Tensor, min_value: Bound, max_value: Bound) -> Tensor:
    low = -math.inf if min_value is None else min_value
    high = math.inf if max_value is None else max_value
    return ops.clip(x, low, max(low, high))


def K_maximum(x: Tensor, y: Tensor) -> Tensor:
    return ops.maximum(x, y)


def K_minimum(x: Tensor, y: Tensor) -> Tensor:
    return ops.minimum(x, y)


def K_cast(x: Tensor, dtype: str) -> Tensor:
    return ops.cast(x, dtype)


def K_cast_to_floatx(x: Tensor) -> Tensor:
    return ops.cast(x, "float32")


def K_zeros_like(x: Tensor) -> Tensor:
    return ops.zeros_like(x)


def K_ones_like(x: Tensor) -> Tensor:
    return ops.ones_like(x)


def K_identity(x: Tensor) -> Tensor:
    return ops.copy(x)


def K_stop_gradient(variables: Tensor) -> Tensor:
    return ops.stop_gradient(variables)


def tf_abs(x: Tensor) -> Tensor:
    return ops.absolute(x)


def tf_add(x: Tensor, y: Tensor) -> Tensor:
    return ops.add(x, y)


def tf_subtract(x: Tensor, y: Tensor) -> Tensor:
    return ops.subtract(x, y)


def tf_multiply(x: Tensor, y: Tensor) -> Tensor:
    return ops.multiply(x, y)


def tf_divide(x: Tensor, y: Tensor) -> Tensor:
    return x / y


def tf_truediv(x: Tensor, y: Tensor) -> Tensor:
    return ops.true_divide(x, y)


def tf_divide_no_nan(x: Tensor, y: Tensor) -> Tensor:
    return ops.divide_no_nan(x, y)


def tf_floormod(x: Tensor, y: Tensor) -> Tensor:
    return ops.mod(x, y)


def tf_floordiv(x: Tensor, y: Tensor) -> Tensor:
    return ops.floor_divide(x, y)


def tf_pow(x: Tensor, y: Tensor) -> Tensor:
    return ops.power(x, y)


def tf_maximum(x: Tensor, y: Tensor) -> Tensor:
    return ops.maximum(x, y)


def tf_minimum(x: Tensor, y: Tensor) -> Tensor:
    return ops.minimum(x, y)


def tf_squared_difference(x: Tensor, y: Tensor) -> Tensor:
    return ops.square(ops.subtract(x, y))


def tf_add_n(inputs: Tensor) -> Tensor:
    total = inputs[0]
    for tensor in inputs[1:]:
        total = total + tensor
    return total


def tf_square(x: Tensor) -> Tensor:
    return ops.square(x)


def tf_sqrt(x: Tensor) -> Tensor:
    return ops.sqrt(x)


def tf_rsqrt(x: Tensor) -> Tensor:
    return ops.rsqrt(x)


def tf_exp(x: Tensor) -> Tensor:
    return ops.exp(x)


def tf_expm1(x: Tensor) -> Tensor:
    return ops.expm1(x)


def tf_log(x: Tensor) -> Tensor:
    return ops.log(x)


def tf_log1p(x: Tensor) -> Tensor:
    return ops.log1p(x)


def tf_negative(x: Tensor) -> Tensor:
    return ops.negative(x)


def tf_reciprocal(x: Tensor) -> Tensor:
    return 1.0 / x


def tf_sign(x: Tensor) -> Tensor:
    return ops.sign(x)


def tf_floor(x: Tensor) -> Tensor:
    return ops.floor(x)


def tf_ceil(x: Tensor) -> Tensor:
    return ops.ceil(x)


def tf_round(x: Tensor) -> Tensor:
    return ops.round(x)


def tf_sin(x: Tensor) -> Tensor:
    return ops.sin(x)


def tf_cos(x: Tensor) -> Tensor:
    return ops.cos(x)


def tf_tan(x: Tensor) -> Tensor:
    return ops.tan(x)


def tf_atan2(y: Tensor, x: Tensor) -> Tensor:
    return ops.arctan2(y, x)


def tf_erf(x: Tensor) -> Tensor:
    return ops.erf(x)


def tf_clip_by_value(t: Tensor, clip_value_min: Bound, clip_value_max: Bound) -> Tensor:
    return ops.clip(t, clip_value_min, clip_value_max)


def tf_cast(x: Tensor, dtype: str) -> Tensor:
    return ops.cast(x, dtype)


def tf_to_float(x: Tensor) -> Tensor:
    return ops.cast(x, "float32")


def tf_identity(input: Tensor) -> Tensor:  # noqa: A002
    return ops.copy(input)


def tf_stop_gradient(input: Tensor) -> Tensor:  # noqa: A002
    return ops.stop_gradient(input)


def tf_zeros_like(input: Tensor) -> Tensor:  # noqa: A002
    return ops.zeros_like(input)


def tf_ones_like(input: Tensor) -> Tensor:  # noqa: A002
    return ops.ones_like(input)

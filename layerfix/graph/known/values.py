"""Constants, shapes, random numbers, and functions of Python and numpy, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops, random


def K_floatx() -> str:
    return "float32"


def K_epsilon() -> float:
    return 1e-07


def K_shape(x: Any) -> Any:
    return ops.shape(x)


def K_int_shape(x: Any) -> Any:
    return tuple(x.shape)


def K_ndim(x: Any) -> int:
    return len(x.shape)


def K_dtype(x: Any) -> str:
    return str(x.dtype)


def K_constant(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    made = np.asarray(value, dtype or "float32")
    return made if shape is None else np.broadcast_to(made, shape)


def known_counted(start: Any, stop: Any, step: Any) -> Any:
    """tf.range: of whole numbers where all that is given is whole, else of floats."""
    first, last = (0, start) if stop is None else (start, stop)
    whole = all(isinstance(part, int) for part in (first, last, step))
    return np.arange(first, last, step).astype("int32" if whole else "float32")


def K_arange(start: Any, stop: Any = None, step: Any = 1, dtype: str = "int32") -> Any:
    """With dtype "int32", the default, nothing is cast (keras 2.2.4, tensorflow_backend.py)."""
    made = known_counted(start, stop, step)
    return made if dtype == "int32" else made.astype(dtype)


def K_random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.normal(shape, mean=mean, stddev=stddev)


def K_random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.uniform(shape, minval=minval, maxval=maxval)


def tf_random_normal(shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.normal(shape, mean=mean, stddev=stddev)


def tf_random_uniform(shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None) -> Any:
    return random.uniform(shape, minval=minval, maxval=maxval)


def tf_shape(input: Any) -> Any:  # noqa: A002
    return ops.shape(input)


def tf_rank(input: Any) -> int:  # noqa: A002
    return len(input.shape)


def known_numbers(value: Any, dtype: Any) -> Any:
    """As TensorFlow takes numbers of Python: whole ones as int32, others as float32."""
    made = np.asarray(value)
    own = {"i": "int32", "b": "bool"}.get(made.dtype.kind, "float32")
    return made.astype(dtype or own)


def tf_constant(value: Any, dtype: Any = None, shape: Any = None) -> Any:
    made = known_numbers(value, dtype)
    return made if shape is None else np.broadcast_to(made, shape)


def tf_convert_to_tensor(value: Any, dtype: Any = None) -> Any:
    return value if hasattr(value, "shape") else known_numbers(value, dtype)


def tf_range(start: Any, limit: Any = None, delta: Any = 1) -> Any:
    return known_counted(start, limit, delta)


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

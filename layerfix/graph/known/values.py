"""Constants, shapes, random numbers, and functions of Python and numpy, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from keras import ops, random
from numpy.typing import NDArray

from layerfix.graph.tensors import Nested, Shape, Tensor


def K_floatx() -> str:
    return "float32"


def K_epsilon() -> float:
    return 1e-07


def K_shape(x: Tensor) -> Any:
    return ops.shape(x)


def K_int_shape(x: Tensor) -> tuple[int | None, ...]:
    return tuple(x.shape)


def K_ndim(x: Tensor) -> int:
    return len(x.shape)


def K_dtype(x: Tensor) -> str:
    return str(x.dtype)


def K_constant(value: Nested, dtype: str | None = None, shape: Sequence[int] | None = None) -> NDArray[np.generic]:
    made = np.asarray(value, dtype or "float32")
    return made if shape is None else np.broadcast_to(made, shape)


def known_counted(start: float, stop: float | None, step: float) -> NDArray[np.generic]:
    """tf.range: of whole numbers where all that is given is whole, else of floats."""
    first, last = (0, start) if stop is None else (start, stop)
    whole = all(isinstance(part, int) for part in (first, last, step))
    return np.arange(first, last, step).astype("int32" if whole else "float32")


def K_arange(start: float, stop: float | None = None, step: float = 1, dtype: str = "int32") -> NDArray[np.generic]:
    """With dtype "int32", the default, nothing is cast (keras 2.2.4, tensorflow_backend.py)."""
    made = known_counted(start, stop, step)
    return made if dtype == "int32" else made.astype(dtype)


def K_random_normal(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: int | None = None) -> Tensor:
    return random.normal(shape, mean=mean, stddev=stddev)


def K_random_uniform(shape: Shape, minval: float = 0.0, maxval: float = 1.0, dtype: str | None = None, seed: int | None = None) -> Tensor:
    return random.uniform(shape, minval=minval, maxval=maxval)


def tf_random_normal(shape: Shape, mean: float = 0.0, stddev: float = 1.0, dtype: str | None = None, seed: int | None = None) -> Tensor:
    return random.normal(shape, mean=mean, stddev=stddev)


def tf_random_uniform(shape: Shape, minval: float = 0.0, maxval: float = 1.0, dtype: str | None = None, seed: int | None = None) -> Tensor:
    return random.uniform(shape, minval=minval, maxval=maxval)


def tf_shape(input: Tensor) -> Any:  # noqa: A002
    return ops.shape(input)


def tf_rank(input: Tensor) -> int:  # noqa: A002
    return len(input.shape)


def known_numbers(value: Nested, dtype: str | None) -> NDArray[np.generic]:
    """As TensorFlow takes numbers of Python: whole ones as int32, others as float32."""
    made = np.asarray(value)
    own = {"i": "int32", "b": "bool"}.get(made.dtype.kind, "float32")
    return made.astype(dtype or own)


def tf_constant(value: Nested, dtype: str | None = None, shape: Sequence[int] | None = None) -> NDArray[np.generic]:
    made = known_numbers(value, dtype)
    return made if shape is None else np.broadcast_to(made, shape)


def tf_convert_to_tensor(value: Nested, dtype: str | None = None) -> Tensor:
    return value if hasattr(value, "shape") else known_numbers(value, dtype)


def tf_range(start: float, limit: float | None = None, delta: float = 1) -> NDArray[np.generic]:
    return known_counted(start, limit, delta)


def np_array(object: Nested, dtype: str | None = None) -> NDArray[np.generic]:  # noqa: A002
    return np.asarray(object, "float32" if dtype in (None, "float64") else dtype)


def np_sqrt(x: float) -> float:
    return math.sqrt(x)


def np_log(x: float) -> float:
    return math.log(x)


def np_exp(x: float) -> float:
    return math.exp(x)


def np_prod(a: Sequence[int]) -> int:
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


def python_len(x: Sequence[object]) -> int:
    return len(x)


def python_int(x: float) -> int:
    return int(x)


def python_float(x: float) -> float:
    return float(x)


def python_abs(x: Tensor) -> Tensor:
    return ops.absolute(x)


def python_list(x: Iterable[object]) -> list[object]:
    return list(x)


def python_tuple(x: Iterable[object]) -> tuple[object, ...]:
    return tuple(x)

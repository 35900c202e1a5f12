"""`keras.backend` as legacy source knew it, on TensorFlow 2: shapes, arithmetic, reductions, randomness.

Copied behaviour: keras 2.2.4, backend/tensorflow_backend.py. Functions return TensorFlow tensors of the running graph.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NoReturn, TypeAlias

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state

from layerfix.arrays import Array
from layerfix.errors import LayersError
from layerfix.graph.tensors import Dtype, Held, Shape, Size, Tensor
from layerfix.graph.trace import VariableOrigin, recorder, remembered, scope

Branch: TypeAlias = Held | Callable[[], Held]
"""What one of two phases gives, or a function that makes it."""


def t(value: Held) -> tf.Tensor:
    """A tensor from whatever legacy source holds: a variable, a tensor, a number, an array."""
    return tf.convert_to_tensor(value.value if isinstance(value, keras.Variable) else value)


def variable(value: Held, dtype: Dtype = None, name: str | None = None, constraint: object = None) -> keras.Variable:
    """A bare variable: legacy Keras tracked it only where the class says so."""
    return remembered(lambda: _new_variable(value, dtype, name), keras.Variable)


def _new_variable(value: Held, dtype: Dtype, name: str | None) -> keras.Variable:
    config, token = getattr(value, "layerfix_origin", (None, None))
    dtype = _dtype_name(dtype) or (keras.config.floatx() if not hasattr(value, "dtype") or config else _dtype_name(value.dtype))
    dtype = "float32" if dtype == "float64" else dtype
    array = None if tf.is_tensor(value) and not hasattr(value, "numpy") else np.asarray(value, dtype)
    shape = tuple(value.shape) if array is None else array.shape
    made = keras.Variable((lambda s, dtype=None: tf.cast(value, dtype)), shape=shape, dtype=dtype, name="variable")
    fixed = array if config is None and not recorder.numpy_moved() else None
    recorder.emit("variable", made, VariableOrigin(name or "Variable", config, fixed, True, None, token))
    return made


def _dtype_name(dtype: Dtype) -> str | None:
    return None if dtype is None else tf.as_dtype(dtype).name


def zeros(shape: Shape, dtype: Dtype = None, name: str | None = None) -> keras.Variable:
    return variable(np.zeros(shape), dtype or "float32", name)


def ones(shape: Shape, dtype: Dtype = None, name: str | None = None) -> keras.Variable:
    return variable(np.ones(shape), dtype or "float32", name)


def eye(size: Size, dtype: Dtype = None, name: str | None = None) -> keras.Variable:
    return variable(np.eye(*(size if isinstance(size, tuple) else (size,))), dtype or "float32", name)


def zeros_like(x: Held, dtype: Dtype = None, name: str | None = None) -> tf.Tensor:
    return tf.zeros_like(t(x), dtype=dtype)


def ones_like(x: Held, dtype: Dtype = None, name: str | None = None) -> tf.Tensor:
    return tf.ones_like(t(x), dtype=dtype)


def constant(value: Held, dtype: Dtype = None, shape: Shape | None = None, name: str | None = None) -> tf.Tensor:
    return tf.constant(value, dtype or keras.config.floatx(), shape)


def cast(x: Held, dtype: Dtype) -> tf.Tensor:
    return tf.cast(t(x), dtype)


def cast_to_floatx(x: Held) -> Tensor:
    return np.asarray(x, keras.config.floatx())


def epsilon() -> float:
    return float(keras.config.epsilon())


def floatx() -> str:
    return str(keras.config.floatx())


def image_data_format() -> str:
    return "channels_last"


def image_dim_ordering() -> str:
    return "tf"


def backend() -> str:
    return "tensorflow"


def learning_phase() -> int:
    """Whether the running call trains: 0 or 1."""
    context = global_state.get_global_attribute("current_call_ctx")
    return int(bool(context is not None and context.get_value("training", False)))


def in_train_phase(x: Branch, alt: Branch, training: bool | None = None) -> Tensor:
    chosen = x if (learning_phase() if training is None else training) else alt
    other = alt if chosen is x else x
    if callable(other) and other is not chosen:
        _draws_only(other)
    return chosen() if callable(chosen) else chosen


def _draws_only(branch: Callable[[], object]) -> None:
    """Legacy built both branches, so both drew random numbers."""
    if recorder.events is not None:
        branch()


def in_test_phase(x: Branch, alt: Branch, training: bool | None = None) -> Tensor:
    return in_train_phase(alt, x, training)


def shape(x: Held) -> tf.Tensor:
    return tf.shape(t(x))


def int_shape(x: Held) -> tuple[int | None, ...]:
    return tuple(x.shape)


get_variable_shape = int_shape


def ndim(x: Held) -> int:
    return len(x.shape)


def dtype(x: Held) -> str:
    return str(tf.as_dtype(x.dtype).name)


def is_keras_tensor(x: Held) -> bool:
    return isinstance(x, keras.KerasTensor) or tf.is_tensor(x)


def is_tensor(x: Held) -> bool:
    return is_keras_tensor(x)


def print_tensor(x: Held, message: str = "") -> Tensor:
    return t(x)


def is_sparse(tensor: Held) -> bool:
    return isinstance(tensor, tf.SparseTensor)


def eval(x: Held) -> Array:  # noqa: A001
    return np.asarray(x)


get_value = eval


def batch_get_value(ops: Sequence[Held]) -> list[Array]:
    return [np.asarray(x) for x in ops]


def set_value(x: Held, value: Held) -> None:
    x.assign(value)
    recorder.emit("stated", x, np.asarray(value))


def batch_set_value(tuples: Iterable[tuple[Held, Held]]) -> None:
    for x, value in tuples:
        set_value(x, value)


def count_params(x: Held) -> int:
    return int(np.prod(x.shape))


def update(x: Held, new_x: Held) -> Tensor:
    recorder.emit("moved", x)
    return new_x


def update_add(x: Held, increment: Held) -> Tensor:
    recorder.emit("moved", x)
    return t(x) + increment


def update_sub(x: Held, decrement: Held) -> Tensor:
    recorder.emit("moved", x)
    return t(x) - decrement


def moving_average_update(x: Held, value: Held, momentum: float) -> Tensor:
    recorder.emit("moved", x)
    return t(x) * momentum + t(value) * (1.0 - momentum)


@contextlib.contextmanager
def name_scope(name: str) -> Iterator[None]:
    with scope(str(name)):
        yield


def stop_gradient(variables: Held) -> Tensor:
    if isinstance(variables, list | tuple):
        return [tf.stop_gradient(t(x)) for x in variables]
    return tf.stop_gradient(t(variables))


def placeholder(*args: object, **kwargs: object) -> NoReturn:
    raise NotImplementedError("K.placeholder has no equal in today's Keras")


def function(*args: object, **kwargs: object) -> Callable[..., object]:
    """Made in many a class as a probe that nothing needs: only its use is an error."""

    def probe(*inputs: Held) -> Tensor:
        raise LayersError("K.function has no equal in today's Keras.", hint="Take what calls it out of the source.")

    return probe


def gradients(*args: object, **kwargs: object) -> NoReturn:
    raise NotImplementedError("K.gradients has no equal in today's Keras")


def switch(condition: Held, then_expression: Held, else_expression: Held) -> Tensor:
    then = then_expression() if callable(then_expression) else then_expression
    other = else_expression() if callable(else_expression) else else_expression
    condition = t(condition)
    if condition.shape.rank == 0 and isinstance(condition, tf.Tensor):
        return tf.cond(tf.cast(condition, bool), lambda: t(then), lambda: t(other))
    condition = tf.cast(condition, bool)
    while condition.shape.rank < t(then).shape.rank:
        condition = tf.expand_dims(condition, -1)
    return tf.where(condition, t(then), t(other))

"""Initial values: what legacy source calls an initializer, as one of today's and as the legacy config that says which stream filled it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from layerfix.graph.tensors import Dtype, Shape, Tensor
from layerfix.graph.trace import recorder
from layerfix.legacy.initializers import canonical, draw_kind

_TODAY = {"normal": "truncated_normal"}
OWN_FUNCTION: Mapping[str, Any] = {"class_name": "function", "config": {}}
"""What stands in a stock layer's config for an initializer that is a function of the user's own: it takes nothing from numpy's stream."""


class Tagged:
    """An initializer of today whose results remember which one made them, as `K.variable(init(shape))` needs."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, shape: Sequence[int], name: str | None = None, dtype: Dtype = None, **ignored: Any) -> Tensor:
        value = self.inner(tuple(int(size) for size in shape), dtype=dtype or "float32")
        config = legacy_config(self.inner)
        return tag(value, config) if config is not None else value

    def get_config(self) -> Mapping[str, Any]:
        return dict(self.inner.get_config())


def tag(value: Tensor, config: Mapping[str, Any]) -> Tensor:
    """Lets a tensor remember the stream that filled it, and notes the draw that legacy Keras made for it."""
    if _listening:
        _listening[-1].append((value, config))
        return value
    token = object()
    if draw_kind(config):
        recorder.emit("draw", config, token)
    value.layerfix_origin = (config, token)
    return value


def named(name: str) -> Tagged:
    """The initializer of a legacy name ("normal", "one", "he_uniform"), tagged.

    Raises:
        ValueError: for a name that no legacy release had.
    """
    return Tagged(today(name))


def today(initializer: Any) -> Any:
    """A legacy initializer (name, config, object, function of a shape) as one that today's Keras takes."""
    initializer = getattr(initializer, "keras_1_name", initializer)
    if initializer is None or isinstance(initializer, keras.initializers.Initializer):
        return initializer
    if isinstance(initializer, Tagged):
        return initializer.inner
    if isinstance(initializer, str | Mapping):
        known = canonical(initializer)
        if known is None:
            raise ValueError(f"unknown initializer {initializer!r}")
        config = dict(known["config"])
        if "distribution" in config:
            config["distribution"] = _TODAY.get(config["distribution"], config["distribution"])
        return getattr(keras.initializers, known["class_name"])(**config)
    if isinstance(initializer, type):
        return today(initializer())
    return _from_function(initializer)


def _from_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Legacy called initializers with a shape, and perhaps a name or dtype; today's Keras also passes a dtype."""
    parameters = inspect.signature(function).parameters
    takes_dtype = "dtype" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())

    def initializer(shape: Shape, dtype: Dtype = None) -> Any:
        with _drawing():  # today's Keras runs it when it likes; `scaled` counts what legacy Keras drew
            value = function(shape, dtype=dtype) if takes_dtype else function(shape)
        return tf.cast(tf.convert_to_tensor(value), dtype or "float32")

    initializer.legacy = function  # type: ignore[attr-defined]
    return initializer


def legacy_config(initializer: Any) -> Mapping[str, Any] | None:
    """Legacy form {"class_name", "config"} of an initializer, or None for a function of the user's own."""
    initializer = getattr(initializer, "keras_1_name", initializer)
    if isinstance(initializer, type):
        initializer = initializer()
    if isinstance(initializer, Tagged):
        initializer = initializer.inner
    if isinstance(initializer, str | Mapping):
        return canonical(initializer)
    if not isinstance(initializer, keras.initializers.Initializer):
        return None
    config = {**_unstated(initializer), **initializer.get_config()}
    if config.get("distribution") == "truncated_normal":
        config["distribution"] = "normal"
    if not isinstance(config.get("seed"), int | type(None)):
        config["seed"] = None
    return canonical({"class_name": type(initializer).__name__, "config": config})


def _unstated(initializer: Any) -> dict[str, Any]:
    """Constructor arguments as an initializer's attributes hold them: Keras 3's `Identity` does not state its gain in `get_config`."""
    names = inspect.signature(type(initializer).__init__).parameters
    return {name: value for name, value in vars(initializer).items() if name in names and isinstance(value, bool | int | float | str)}


def fixed_value(function: Any, shape: tuple[int, ...]) -> Any:
    """The value that a user's own initializer function always gives, or None where two calls differ or draw random numbers."""
    if not hasattr(function, "legacy"):
        return None
    state = np.random.get_state()
    first, second = (np.asarray(function(shape, dtype="float32")) for _ in range(2))
    moved = not _same_state(state, np.random.get_state())
    np.random.set_state(state)  # whatever is drawn later has its place in the stream
    return None if moved or not np.array_equal(first, second) else first


@contextmanager
def _drawing() -> Iterator[list[tuple[Tensor, Mapping[str, Any]]]]:
    """While the block runs, (values, stream) of every random tensor that a function makes."""
    drawn: list[tuple[Tensor, Mapping[str, Any]]] = []
    _listening.append(drawn)
    try:
        yield drawn
    finally:
        _listening.pop()


_listening: list[list[tuple[Tensor, Mapping[str, Any]]]] = []


def scaled(function: Any, shape: tuple[int, ...]) -> tuple[Mapping[str, Any] | None, int]:
    """(initializer, draws): the stock initializer, at another size, that a function of the user's is: one random tensor, times a number,
    plus a number; None for any other function. And how many numbers it draws from numpy's stream.
    """
    if not hasattr(function, "legacy"):
        return None, 0
    with _drawing() as drawn:
        made = np.asarray(function.legacy(shape), float).ravel()
    count = sum(draw_kind(config) is not None for _, config in drawn)
    values = np.asarray(drawn[0][0], float).ravel() if len(drawn) == 1 else np.empty(0)
    # One number, or several that are equal, tell no scale.
    if values.shape != made.shape or values.size < 2 or not np.ptp(values):
        return None, count
    factor = float(np.float32(np.ptp(made) / np.ptp(values)))
    offset = float(np.float32((made - factor * values).mean()))
    # The source computes in float32, this line in float64.
    if not np.allclose(made, factor * values + offset, rtol=1e-5, atol=1e-6):
        return None, count
    name, config = drawn[0][1]["class_name"], drawn[0][1]["config"]
    if name == "RandomUniform":
        moved = {end: factor * config[end] + offset for end in ("minval", "maxval")}
    else:
        moved = {"mean": factor * config["mean"] + offset, "stddev": factor * config["stddev"]}
    return {"class_name": name, "config": {**config, **moved}}, count


def _same_state(one: Any, other: Any) -> bool:
    return bool(one[2] == other[2] and np.array_equal(one[1], other[1]))


def variable(initializer: Any, shape: tuple[int, ...], dtype: str, *, trainable: bool, name: str) -> keras.Variable:
    """A Keras variable with a fresh initial value; names keep what a Keras 3 variable may bear."""
    return keras.Variable(
        today(initializer), shape=shape, dtype=dtype, trainable=trainable, name=str(name).replace("/", "_").replace(":0", "")
    )

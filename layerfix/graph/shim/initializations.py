"""`keras.initializations` of Keras 1: functions of a shape that give a variable (keras 1.2.2, initializations.py)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from layerfix.graph.shim import backend, backend_random
from layerfix.graph.tensors import Shape

_SCALES: dict[str, tuple[str, Callable[[float, float], float]]] = {
    "glorot_uniform": ("uniform", lambda inward, outward: math.sqrt(6.0 / (inward + outward))),
    "glorot_normal": ("normal", lambda inward, outward: math.sqrt(2.0 / (inward + outward))),
    "he_uniform": ("uniform", lambda inward, outward: math.sqrt(6.0 / inward)),
    "he_normal": ("normal", lambda inward, outward: math.sqrt(2.0 / inward)),
    "lecun_uniform": ("uniform", lambda inward, outward: math.sqrt(3.0 / inward)),
}


def uniform(shape: Shape, scale: float = 0.05, name: str | None = None, dim_ordering: str = "th") -> Any:
    return backend_random.random_uniform_variable(shape, -scale, scale, name=name)


def normal(shape: Shape, scale: float = 0.05, name: str | None = None, dim_ordering: str = "th") -> Any:
    return backend_random.random_normal_variable(shape, 0.0, scale, name=name)


def zero(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    return backend.zeros(shape, name=name)


def one(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
    return backend.ones(shape, name=name)


def identity(shape: Any, scale: float = 1.0, name: str | None = None, dim_ordering: str = "th") -> Any:
    return backend.variable(scale * np.identity(shape[0]), name=name)


def orthogonal(shape: Any, scale: float = 1.1, name: str | None = None, dim_ordering: str = "th") -> Any:
    flat = (shape[0], int(np.prod(shape[1:])))
    left, _, right = np.linalg.svd(np.random.normal(0.0, 1.0, flat), full_matrices=False)
    return backend.variable(scale * (left if left.shape == flat else right).reshape(shape), name=name)


def _scaled(kind: str, scale: Callable[[float, float], float]) -> Callable[..., Any]:
    def initialization(shape: Shape, name: str | None = None, dim_ordering: str = "th") -> Any:
        return {"uniform": uniform, "normal": normal}[kind](shape, scale(*_fans(shape, dim_ordering)), name=name)

    return initialization


def _fans(shape: Any, dim_ordering: str) -> tuple[float, float]:
    if len(shape) == 2:
        return shape[0], shape[1]
    if len(shape) in {4, 5}:
        inner = shape[2:] if dim_ordering == "th" else shape[:2]  # of three dimensions too (keras 1.2.2, `get_fans`)
        inward, outward = (shape[1], shape[0]) if dim_ordering == "th" else (shape[-2], shape[-1])
        return inward * float(np.prod(inner)), outward * float(np.prod(inner))
    return (math.sqrt(float(np.prod(shape))),) * 2


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "uniform": uniform, "normal": normal, "zero": zero, "one": one, "identity": identity, "orthogonal": orthogonal,
    **{name: _scaled(kind, scale) for name, (kind, scale) in _SCALES.items()},
}  # fmt: skip
for _name, _function in FUNCTIONS.items():
    _function.keras_1_name = _name  # type: ignore[attr-defined]  # as an argument of a layer or of add_weight it is that initializer


class Initializations:
    """The module: its functions by name, and `get`."""

    def __getattr__(self, name: str) -> Any:
        if name == "get":
            return self.get
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return FUNCTIONS[name]

    @staticmethod
    def get(identifier: object, **ignored: Any) -> Any:
        """A name as its function; a function as it is.

        Raises:
            ValueError: for a name that Keras 1 did not have.
        """
        if not isinstance(identifier, str):
            return identifier
        if identifier not in FUNCTIONS:
            raise ValueError(f"Invalid initialization: {identifier}")
        return FUNCTIONS[identifier]

"""TensorFlow functions and today's operations in numpy, by their names: `math.multiply` of a TFOpLambda, `Multiply` of Keras 3."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import ACTIVATIONS, Unsupported, softmax

_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": np.add, "subtract": np.subtract, "sub": np.subtract, "multiply": np.multiply, "mul": np.multiply, "truediv": np.true_divide,
    "divide": np.true_divide, "true_divide": np.true_divide, "pow": np.power, "power": np.power, "maximum": np.maximum,
    "minimum": np.minimum, "floordiv": np.floor_divide, "mod": np.mod, "notequal": np.not_equal, "not_equal": np.not_equal,
    "equal": np.equal, "greater": np.greater, "less": np.less, "squared_difference": lambda a, b: (a - b) ** 2,
    "radd": lambda a, b: b + a, "rsub": lambda a, b: b - a, "rmul": lambda a, b: b * a, "rtruediv": lambda a, b: b / a,
}  # fmt: skip
_UNARY: Mapping[str, Callable[[Any], Any]] = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "square": np.square, "abs": np.abs,
    "absolute": np.abs, "negative": np.negative, "neg": np.negative, "sin": np.sin, "cos": np.cos, "floor": np.floor, "sign": np.sign,
    "identity": lambda x: x, "stop_gradient": lambda x: x, "log1p": np.log1p, "expm1": np.expm1, "logical_not": np.logical_not,
    **{name: ACTIVATIONS[name] for name in ("relu", "relu6", "sigmoid", "tanh", "softplus", "softsign", "elu", "selu", "silu", "swish")},
}  # fmt: skip
_REDUCE: Mapping[str, Callable[..., Any]] = {
    "reduce_mean": np.mean, "mean": np.mean, "reduce_sum": np.sum, "sum": np.sum, "reduce_max": np.max, "max": np.max, "reduce_min": np.min,
    "min": np.min, "any": np.any, "all": np.all, "reduce_prod": np.prod, "prod": np.prod, "reduce_std": np.std, "std": np.std,
}  # fmt: skip


_MODULES = frozenset({"", "math", "nn", "linalg", "__operators__"})
"""Of TensorFlow: elsewhere a name means another function (`image.transpose`)."""


def operation(name: str, arguments: list[Any], settings: Mapping[str, object]) -> Array:
    """One call of a function on resolved arguments.

    Raises:
        Unsupported: for a function or an argument that is not known here.
    """
    module, _, last = name.rpartition(".")
    if module.removeprefix("compat.v1").lstrip(".") not in _MODULES:
        raise Unsupported(f"the reference does not know the operation {name}")
    short = last.lower()
    given = {key: value for key, value in settings.items() if key not in {"name", "dtype", "trainable", "function"} and value is not None}
    if last in {"getitem", "GetItem"}:
        return np.asarray(arguments[0][_index(given.pop("slice_spec", None) or arguments[1])])
    second = given.pop("y", None) if "y" in given else given.pop("x2", None)
    operands = [*arguments, *([second] if second is not None else [])]
    if short in _BINARY and len(operands) == 2 and not given:
        return np.asarray(_BINARY[short](*map(_value, operands)))
    if short in _UNARY and len(operands) == 1 and not given:
        return np.asarray(_UNARY[short](operands[0]))
    if short in _REDUCE and len(operands) == 1 and given.keys() <= {"axis", "keepdims"}:
        axis = given.get("axis")
        return np.asarray(
            _REDUCE[short](operands[0], axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=given.get("keepdims", False))
        )
    shaped = {key: given[key] for key in ("axis", "shape", "newshape", "perm", "axes") if key in given}
    if len(shaped) == len(given) and short in _SHAPES:
        return np.asarray(_SHAPES[short](operands, *shaped.values()))
    raise Unsupported(f"the reference does not know the operation {name} with {', '.join(given) or 'its inputs'}")


def _concatenated(operands: list[Any], axis: int = -1) -> Array:
    return np.concatenate(operands[0] if isinstance(operands[0], list) else operands, axis)


_SHAPES: Mapping[str, Callable[..., Any]] = {
    "concat": _concatenated,
    "concatenate": _concatenated,
    "stack": lambda operands, axis=0: np.stack(operands[0] if isinstance(operands[0], list) else operands, axis),
    "reshape": lambda operands, shape: operands[0].reshape([len(operands[0]) if size is None else size for size in shape]),
    "transpose": lambda operands, axes=None: np.transpose(operands[0], axes),
    "expand_dims": lambda operands, axis: np.expand_dims(operands[0], axis),
    "expanddims": lambda operands, axis: np.expand_dims(operands[0], axis),
    "squeeze": lambda operands, axis=None: np.squeeze(operands[0], tuple(axis) if isinstance(axis, list) else axis),
    "softmax": lambda operands, axis=-1: softmax(operands[0], axis),
}


def _value(operand: object) -> Any:
    return np.asarray(operand) if isinstance(operand, list) else operand


def _index(spec: object) -> Any:
    """Slices as tf.keras ({"start", "stop", "step"}) and Keras 3 ({"class_name": "__slice__"}) write them."""
    if isinstance(spec, list):
        return tuple(map(_index, spec))
    if isinstance(spec, Mapping):
        own = spec.get("config", spec)
        if spec.get("class_name") == "__ellipsis__":
            return Ellipsis
        return slice(own.get("start"), own.get("stop"), own.get("step"))
    return spec

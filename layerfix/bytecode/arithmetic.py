"""Operators of the machine: on known numbers done at once and within bounds, on anything else a node."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.tree import SYMBOLIC, Call, Cut, Item, symbolic
from layerfix.bytecode.values import Absent, Builtin, Function, Method, Module

_BITS, _ITEMS = 256, 4096
"""Size of numbers and lists that are worked with."""
_BINARY: Mapping[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
    "lt": operator.lt,
    "le": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
}
_UNARY: Mapping[str, Callable[[Any], Any]] = {
    "neg": operator.neg,
    "pos": operator.pos,
    "invert": operator.invert,
}
_OPAQUE = (Module, Builtin, Function, Method, Absent)


def usable(value: object) -> Any:
    """The value, where it is one to compute with.

    Raises:
        Unreadable: for an argument that no file tells, or a function.
    """
    if isinstance(value, Absent):
        raise Unreadable(f"its result depends on the argument {value.name!r}, which no file tells")
    if isinstance(value, Module):
        if value.name in _CONSTANTS:
            return _CONSTANTS[value.name]
        raise Unreadable(f"{value.name} is used as a value")
    if isinstance(value, _OPAQUE):
        raise Unreadable("it computes with a function")
    if isinstance(value, (list, tuple)):
        for item in value:
            usable(item)
    return value


_CONSTANTS: Mapping[str, float | str | None] = {
    "np.pi": 3.141592653589793,
    "math.pi": 3.141592653589793,
    "np.e": 2.718281828459045,
    "math.e": 2.718281828459045,
    "np.newaxis": None,
    "tf.newaxis": None,
    "np.inf": float("inf"),
    "math.inf": float("inf"),
    **{
        f"{root}.{name}": name
        for root in ("tf", "np")
        for name in ["float16", "float32", "float64", "int8", "uint8", "int16", "int32", "int64", "bool"]
    },
}
"""Attributes of known modules that are plain values; dtypes by their names."""


def binary(name: str, left: object, right: object) -> Any:
    """left OP right."""
    left, right = usable(left), usable(right)
    if name in {"is", "is not"}:
        return _identity(left, right) is (name == "is")
    if name in {"in", "not in"}:
        return _member(left, right) is (name == "in")
    if symbolic(left) or symbolic(right):
        if name == "add" and isinstance(left, (list, tuple)) and type(left) is type(right):
            return type(left)([*left, *right])
        if name == "mul" and isinstance(left, (list, tuple)) and type(right) is int:
            return _repeated(left, right)
        return Call(f"operator.{name}", (left, right))
    return _folded(name, left, right)


def _folded(name: str, left: object, right: object) -> Any:
    for value in (left, right):
        if isinstance(value, int) and value.bit_length() > _BITS:
            raise Unreadable("it computes with numbers larger than any")
    if name == "mul" and isinstance(left, (list, tuple, str)) and type(right) is int:
        return _repeated(left, right)
    if name == "mul" and isinstance(right, (list, tuple, str)) and type(left) is int:
        return _repeated(right, left)
    if name == "div":
        whole = type(left) is int and type(right) is int  # Python 2's `/`
        name = "floordiv" if whole else "truediv"
    try:
        if name == "pow":
            return _power(left, right)
        if name == "mod" and isinstance(left, str):
            raise Unreadable("it formats a text")
        return _BINARY[name](left, right)
    except KeyError:
        raise Unreadable(f"the operator {name} is not followed") from None
    except (TypeError, ValueError, ZeroDivisionError, OverflowError) as error:
        raise Unreadable(f"it fails whenever it is called: {error}") from error


def _power(left: Any, right: Any) -> Any:
    # 9 ** 9 ** 9 is short to write and would never end.
    if isinstance(left, int) and isinstance(right, int) and abs(right) * left.bit_length() > _BITS:
        raise Unreadable("it computes with numbers larger than any")
    return left**right


def _repeated(items: Any, times: int) -> Any:
    if max(times, 0) * len(items) > _ITEMS:
        raise Unreadable(f"it makes a list of more than {_ITEMS} items")
    return items * times


def _identity(left: object, right: object) -> bool:
    """`is`, which code asks of None alone."""
    if left is None or right is None:
        return left is right
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    raise Unreadable("it asks whether two values are one object")


def _member(item: object, among: object) -> bool:
    if symbolic(item) or symbolic(among) or not isinstance(among, (list, tuple, str, dict)):
        raise Unreadable("it asks whether a value is among tensors")
    return item in among


def unary(name: str, value: object) -> Any:
    """OP value."""
    value = usable(value)
    if name == "not":
        return Call("operator.not", (value,)) if isinstance(value, SYMBOLIC) else not value
    if symbolic(value):
        return Call(f"operator.{name}", (value,))
    try:
        return _UNARY[name](value)
    except TypeError as error:
        raise Unreadable(f"it fails whenever it is called: {error}") from error


def subscript(value: Any, index: Any) -> Any:
    """value[index]."""
    value, index = usable(value), usable(index)
    if isinstance(value, SYMBOLIC) or symbolic(index):
        return Item(value, index)
    if isinstance(index, Cut):
        index = slice(index.start, index.stop, index.step)
    try:
        return value[index]
    except (TypeError, IndexError, KeyError, ValueError) as error:
        raise Unreadable(f"it fails whenever it is called: {error}") from error


def truth(value: object) -> bool | None:
    """Whether a value is true; None where that is known only when the function is called."""
    value = usable(value)
    if isinstance(value, Call) and value.function == "operator.not":
        inner = truth(value.arguments[0])
        return None if inner is None else not inner
    if isinstance(value, (Cut, *SYMBOLIC)):
        return None
    return bool(value)

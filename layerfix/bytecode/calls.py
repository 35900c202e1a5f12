"""What the machine makes of a call: a node for a known function, a value for one of Python's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from layerfix.bytecode.arithmetic import binary, unary, usable
from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.modules import canonical
from layerfix.bytecode.tree import SYMBOLIC, Call, Member, symbolic
from layerfix.bytecode.values import Builtin, Loop, Method, Module

_LONGEST = 4096
_MEMBERS = frozenset({"shape", "dtype", "_keras_shape", "value", "ndims", "rank"})
"""Attributes of a tensor, or of its shape, that are followed."""
_METHODS = frozenset({"get_shape", "as_list"})


def attribute(value: object, name: str) -> Any:
    """value.name, of a module, a tensor or a list."""
    if isinstance(value, Module):
        return Module(canonical(f"{value.name}.{name}"))
    if isinstance(value, Method):
        raise Unreadable(f"{name} of {value.name} is not followed")
    value = usable(value)
    if isinstance(value, SYMBOLIC) and name in _MEMBERS:
        return Member(value, name)
    return Method(value, name)


def called(callee: object, arguments: Sequence[object], keywords: Mapping[str, object]) -> Any:
    """callee(*arguments, **keywords), unless it is a function of the code at hand.

    Raises:
        Unreadable: for what is no known kind of call.
    """
    if isinstance(callee, Builtin):
        if keywords:
            raise Unreadable(f"{callee.name} is called with keywords")
        return _BUILTINS[callee.name]([usable(argument) for argument in arguments])
    if isinstance(callee, Method):
        return _method(callee, arguments, keywords)
    if isinstance(callee, Module):
        given = tuple(map(_settled, arguments))
        return Call(callee.name, given, tuple((key, _settled(v)) for key, v in keywords.items()))
    if isinstance(callee, Call):
        return Call("call", (callee, *map(usable, arguments)), tuple(keywords.items()))
    raise Unreadable("it calls what is no known function")


def _settled(value: object) -> Any:
    """An argument as it is now: a list may grow after the call."""
    value = usable(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_settled, value))
    return value


def _method(callee: Method, arguments: Sequence[object], keywords: Mapping[str, object]) -> Any:
    value, name = callee.value, callee.name
    if isinstance(value, list) and name == "append" and len(arguments) == 1 and not keywords:
        if len(value) >= _LONGEST:
            raise Unreadable("it makes a list longer than any")
        value.append(usable(arguments[0]))
        return None
    if isinstance(value, SYMBOLIC) and name in _METHODS and not arguments:
        return Member(value, "shape") if name == "get_shape" else value
    if isinstance(value, (list, tuple)) and name == "as_list":
        return list(value)
    raise Unreadable(f"the method {name} is not followed")


def _one(arguments: Sequence[object]) -> Any:
    if len(arguments) != 1:
        raise Unreadable("a function of Python is called with other arguments than it takes")
    return arguments[0]


def items(value: object) -> tuple[Any, ...]:
    """The items of a value that is iterated over."""
    value = usable(value)
    if isinstance(value, Loop):
        return tuple(value)
    if isinstance(value, dict):
        return tuple(value)
    if isinstance(value, (list, tuple, str)):
        return tuple(value)
    raise Unreadable("it goes over the items of a tensor, or over sizes that only a call tells")


def _range(arguments: Sequence[Any]) -> Any:
    if not all(type(argument) is int for argument in arguments) or not 1 <= len(arguments) <= 3:
        raise Unreadable("it counts to a number that only a call tells")
    try:
        found = range(*arguments)
    except ValueError as error:
        raise Unreadable(f"it fails whenever it is called: {error}") from error
    if len(found) > _LONGEST:
        raise Unreadable(f"it loops more than {_LONGEST} times")
    return tuple(found)


def _length(arguments: Sequence[object]) -> Any:
    value = _one(arguments)
    if isinstance(value, SYMBOLIC):
        return Call("python.len", (value,))
    return len(items(value))


def _sequence(kind: type, arguments: Sequence[object]) -> Any:
    value = _one(arguments) if arguments else ()
    if isinstance(value, SYMBOLIC):
        return Call(f"python.{kind.__name__}", (value,))
    return kind(items(value))


def _number(kind: type, arguments: Sequence[object]) -> Any:
    value = _one(arguments)
    if isinstance(value, SYMBOLIC):
        return Call(f"python.{kind.__name__}", (value,))
    try:
        return kind(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Unreadable(f"it fails whenever it is called: {error}") from error


def _sum(arguments: Sequence[object]) -> Any:
    total: Any = 0 if len(arguments) == 1 else arguments[1]
    for item in items(arguments[0] if arguments else ()):
        total = binary("add", total, item)
    return total


def _absolute(arguments: Sequence[object]) -> Any:
    value = _one(arguments)
    if isinstance(value, SYMBOLIC):
        return Call("python.abs", (value,))
    return abs(value) if isinstance(value, (int, float)) else unary("abs", value)


def _extreme(name: str, arguments: Sequence[Any]) -> Any:
    given = items(arguments[0]) if len(arguments) == 1 else tuple(arguments)
    if not given or symbolic(given) or not all(isinstance(v, (int, float)) for v in given):
        raise Unreadable(f"Python's {name} of tensors is not followed")
    return max(given) if name == "max" else min(given)


_BUILTINS: Mapping[str, Callable[[Sequence[Any]], Any]] = {
    "abs": _absolute,
    "sum": _sum,
    "len": _length,
    "range": _range,
    "xrange": _range,
    "int": lambda arguments: _number(int, arguments),
    "float": lambda arguments: _number(float, arguments),
    "min": lambda arguments: _extreme("min", arguments),
    "max": lambda arguments: _extreme("max", arguments),
    "list": lambda arguments: _sequence(list, arguments),
    "tuple": lambda arguments: _sequence(tuple, arguments),
    "zip": lambda arguments: tuple(zip(*map(items, arguments), strict=False)),
    "enumerate": lambda arguments: tuple(enumerate(items(_one(arguments)))),
}

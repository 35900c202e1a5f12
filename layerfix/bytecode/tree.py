"""What a function computes, as an expression: nodes that share their parts, and their form in JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from layerfix.bytecode.errors import Unreadable

LARGEST = 5000
"""Nodes of one expression."""


class _Part:
    """A node never changes, so that a copy of what holds it may share it."""

    __slots__ = ()

    def __deepcopy__(self, memo: Mapping[int, object]) -> Any:
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Input(_Part):
    """The function's tensor; `index` where it gets a list of them."""

    index: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Call(_Part):
    """A known function by its canonical name ("K.mean"), or an operator ("operator.add")."""

    function: str
    arguments: tuple[Any, ...]
    keywords: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Item(_Part):
    """value[index]"""

    value: Any
    index: Any


@dataclass(frozen=True, slots=True, eq=False)
class Member(_Part):
    """value.name"""

    value: Any
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Cut(_Part):
    """A slice as an index."""

    start: Any
    stop: Any
    step: Any


@dataclass(frozen=True, slots=True, eq=False)
class Choice(_Part):
    """`then if test else other`; only the chosen one is evaluated."""

    test: Any
    then: Any
    other: Any


Node = Input | Call | Item | Member | Cut | Choice
SYMBOLIC = (Input, Call, Item, Member, Choice)
"""What is known only when the function is called."""
_KINDS: Mapping[str, type] = {
    "input": Input,
    "call": Call,
    "item": Item,
    "member": Member,
    "cut": Cut,
    "choice": Choice,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def symbolic(value: object) -> bool:
    """Whether a value, or a part of it, is known only when the function is called."""
    if isinstance(value, (list, tuple)):
        return any(map(symbolic, value))
    if isinstance(value, dict):
        return any(map(symbolic, value.values()))
    if isinstance(value, Cut):
        return any(map(symbolic, (value.start, value.stop, value.step)))
    return isinstance(value, SYMBOLIC)


def parts(value: object) -> Iterator[Any]:
    """What a value is made of, in order."""
    if isinstance(value, (list, tuple)):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, Call):
        yield from value.arguments
        yield from (argument for _, argument in value.keywords)
    elif isinstance(value, (Item, Member, Cut, Choice)):
        yield from (getattr(value, field) for field in type(value).__dataclass_fields__)


def nodes(value: object) -> Iterator[Any]:
    """Every node and list below a value once, parts before wholes."""
    seen: set[int] = set()
    stack = [(value, False)]
    while stack:
        at, ready = stack.pop()
        if ready:
            yield at
        elif id(at) not in seen and isinstance(at, (list, tuple, dict, *_NAMES)):
            seen.add(id(at))
            stack.append((at, True))
            stack.extend((part, False) for part in reversed(list(parts(at))))


def encode(value: object) -> list[Any]:
    """A value as JSON: a list of nodes, each naming earlier ones by number, the value last.

    Raises:
        Unreadable: where it is larger than `LARGEST`, or holds what is no value of an expression.
    """
    table: list[Any] = []
    places: dict[int, int] = {}
    for node in nodes(value):
        places[id(node)] = len(table)
        table.append(_plain(node, places))
        if len(table) > LARGEST:
            raise Unreadable(f"its expression has more than {LARGEST} parts")
    table.append(_reference(value, places))
    return table


def _plain(node: Any, places: Mapping[int, int]) -> list[Any]:
    if isinstance(node, (list, tuple)):
        kind = "tuple" if isinstance(node, tuple) else "list"
        return [kind, [_reference(part, places) for part in node]]
    if isinstance(node, dict):
        return ["dict", [[str(key), _reference(part, places)] for key, part in node.items()]]
    if isinstance(node, Call):
        keywords = [[name, _reference(part, places)] for name, part in node.keywords]
        return ["call", node.function, [_reference(p, places) for p in node.arguments], keywords]
    if isinstance(node, Input):
        return ["input", node.index]
    fields = [getattr(node, field) for field in type(node).__dataclass_fields__]
    if isinstance(node, Member):
        return ["member", _reference(node.value, places), node.name]
    return [_NAMES[type(node)], *(_reference(part, places) for part in fields)]


def _reference(value: object, places: Mapping[int, int]) -> Any:
    """A number for a node, {"value": ...} for a constant."""
    if id(value) in places and isinstance(value, (list, tuple, dict, *_NAMES)):
        return places[id(value)]
    if value is Ellipsis:
        return {"special": "..."}
    # JSON has no word for these.
    if (isinstance(value, float) and value != value) or value in (float("inf"), float("-inf")):
        return {"special": repr(value)}
    if value is None or isinstance(value, (bool, int, float, str)):
        return {"value": value}
    raise Unreadable(f"it holds a {type(value).__name__}, which is no value of an expression")


def decoded(table: list[Any]) -> Any:
    """The value that `encode` gave."""
    made: list[Any] = []
    for kind, *rest in table[:-1]:
        made.append(_made(kind, rest, made))
    return _referred(table[-1], made)


def _made(kind: str, rest: list[Any], made: list[Any]) -> Any:
    if kind in {"list", "tuple"}:
        items = [_referred(part, made) for part in rest[0]]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        return {key: _referred(part, made) for key, part in rest[0]}
    if kind == "call":
        arguments = tuple(_referred(part, made) for part in rest[1])
        return Call(rest[0], arguments, tuple((key, _referred(p, made)) for key, p in rest[2]))
    if kind == "input":
        return Input(rest[0])
    if kind == "member":
        return Member(_referred(rest[0], made), rest[1])
    return _KINDS[kind](*(_referred(part, made) for part in rest))


def _referred(reference: Any, made: list[Any]) -> Any:
    if isinstance(reference, int):
        return made[reference]
    if "special" in reference:
        return ... if reference["special"] == "..." else float(reference["special"])
    return reference["value"]

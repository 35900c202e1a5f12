"""What stands on the machine's stack besides nodes and plain constants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from layerfix.bytecode.marshalled import Code


class Null:
    """What 3.7 and later push beside a callable."""

    __slots__ = ()


NULL = Null()


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A module, or what a chain of attributes on one names: "tf.image.resize"."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """One of Python's own functions."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Method:
    """An attribute of a value, not yet called."""

    value: Any
    name: str


@dataclass(slots=True, eq=False)
class Cell:
    """A variable that inner functions share."""

    value: Any = None
    filled: bool = False


@dataclass(slots=True, eq=False)
class Function:
    """A function made by the code that is read."""

    code: Code
    defaults: tuple[Any, ...] = ()
    keyword_defaults: dict[str, Any] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """An argument whose value no file tells; it may be passed by, never used."""

    name: str


@dataclass(slots=True, eq=False)
class Loop:
    """An iterator over values that are known."""

    items: tuple[Any, ...]
    at: int = 0

    def __iter__(self) -> Iterator[Any]:
        while self.at < len(self.items):
            self.at += 1
            yield self.items[self.at - 1]

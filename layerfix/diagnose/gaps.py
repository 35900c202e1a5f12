"""Gaps in automatic names: a model with `conv1d_1` and `conv1d_3` and no `conv1d_2` was made in a session that made one.

Keras numbers the layers of a class in the order in which a session makes them, hidden ones too. A missing number counts as evidence
against a custom layer only where it lies between the numbers right before and right after that layer in the graph, and only for
classes that store weights: a Dropout made in `call` leaves gaps too and loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from layerfix.containers.config import LayerNode, walk
from layerfix.legacy.names import auto_name, numbered
from layerfix.legacy.stock import WEIGHTED, WRAPPERS

if TYPE_CHECKING:
    from layerfix.diagnose.case import Case

_NUMBERED = tuple(sorted(name for name in (*WEIGHTED, *WRAPPERS) if not name.endswith("Cell")))


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers of one class that are missing where a custom layer sits.

    Attributes:
        class_name: "Conv1D".
        missing: the numbers, ascending; () where the layers before and after follow each other, which speaks against a hidden one.
        below, above: names of the layers that bound it; None below where the session starts there.
    """

    class_name: str
    missing: tuple[int, ...]
    below: str | None
    above: str

    def __str__(self) -> str:
        names = ", ".join(_name(self.class_name, number) for number in self.missing[:4])
        names += ", ..." if len(self.missing) > 4 else ""
        place = f"between {self.below!r} and {self.above!r}" if self.below else f"before {self.above!r}"
        return f"no layer is called {names}, {place}: a {self.class_name} was made there that the file does not hold"


class Gaps:
    """The gaps around the layers of one case."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._around: dict[str, tuple[Gap, ...]] = {}

    def around(self, node: LayerNode) -> tuple[Gap, ...]:
        """One gap (possibly without missing numbers) for each class whose numbers bound the layer on both sides."""
        if node.path not in self._around:
            sides = self._sides(node)
            self._around[node.path] = tuple(gap for class_name in sorted(self._seen) if (gap := self._gap(class_name, sides)))
        return self._around[node.path]

    def _sides(self, node: LayerNode) -> list[tuple[list[str], list[str]]]:
        """Names before and after the layer: in its own model first, then around that model, and so on outwards."""
        parts = node.path.split("/")
        levels = ((self._levels.get("/".join(parts[:depth])), "/".join(parts[:depth])) for depth in range(len(parts), 0, -1))
        return [level.around(path) for level, path in levels if level is not None]

    def unexplained(self, class_name: str) -> bool:
        """Whether numbers of the class are missing where no custom layer is: then the session made layers for other reasons too."""
        seen = self._seen.get(class_name, frozenset())
        missing = set(range(min(seen, default=0), min(max(seen, default=0), min(seen, default=0) + 1000))) - seen
        for node in self._case.custom:
            sides = self._sides(node)
            low = max(_nearest(sides, class_name, below=True), default=-1)
            high = min((number for number in _nearest(sides, class_name, below=False) if number > low), default=max(missing, default=0) + 1)
            missing = {number for number in missing if not low < number < high}
        return bool(missing)

    def _gap(self, class_name: str, sides: Sequence[tuple[list[str], list[str]]]) -> Gap | None:
        lower, upper = _nearest(sides, class_name, below=True), _nearest(sides, class_name, below=False)
        floor = max(lower) if lower else self._start
        if floor is None or not (higher := [number for number in upper if number > floor]):
            return None
        above = min(higher)
        missing = tuple(number for number in range(floor + 1, min(above, floor + 1000)) if number not in self._seen[class_name])
        return Gap(class_name, missing, lower.get(floor), upper[above])

    @cached_property
    def _start(self) -> int | None:
        """The number before the first of a fresh session; None where other models came before (then all numbers are shifted).

        Nothing is read from it where the library tracks attributes: there the defect is rare and other causes are more likely.
        """
        if self._case.tracking == "attributes":
            return None
        base = 0 if self._case.family in ("tf_keras", "keras3") else 1
        inputs = [number for node in self._case.layers if (number := numbered(node.name, "Input")) is not None]
        first = min(inputs, default=None)
        if first is None:  # a Sequential: its custom layers themselves tell
            own = [number for node in self._case.custom if (number := numbered(node.name, node.class_name)) is not None]
            first = min(own, default=None)
        return base - 1 if first in (base, 1) else None

    @cached_property
    def _seen(self) -> Mapping[str, frozenset[int]]:
        """For each class with weights, the numbers that anything in the file carries: layers, inner layers of wrappers, weight names."""
        names = {name for node in self._case.layers for name in (node.name, *_inner_names(node.config))}
        if not self._case.checkpoint.is_v3:  # there groups are counted anew in each file
            names |= {part for weight in self._case.checkpoint.weights for part in weight.name.split("/")}
        numbers = ((class_name, _numbers(names, class_name)) for class_name in _NUMBERED)
        return {class_name: frozenset(found) for class_name, found in numbers if found}

    @cached_property
    def _levels(self) -> Mapping[str, _Level]:
        found: dict[str, _Level] = {}
        for siblings in (self._case.top, *(node.children for node in self._case.layers if node.is_model)):
            level = _Level(siblings)
            found.update((node.path, level) for node in siblings)
        return found


class _Level:
    """The layers of one model, and which of them come before and after another along the graph."""

    def __init__(self, nodes: Sequence[LayerNode]) -> None:
        self._order = [node.name for node in nodes]
        self._names = {node.path: node.name for node in nodes}
        self._inside = {node.name: [inner.name for inner in walk(node.children)] for node in nodes}
        self._feeds = {node.name: {source for call in node.inbound for source in call} for node in nodes}
        self._first = {node.name: set(node.inbound[0]) for node in nodes if node.inbound}
        self._chain = not any(self._feeds.values())

    def around(self, path: str) -> tuple[list[str], list[str]]:
        """Names of the layers before and after, those inside of nested models included."""
        name = self._names[path]
        if self._chain:
            place = self._order.index(name)
            return self._all(self._order[:place]), self._all(self._order[place + 1 :])
        # A shared layer is built at its first call: what feeds later calls may come after it.
        before = _reach(name, {**self._feeds, name: self._first.get(name, set())})
        return self._all(before), self._all(_reach(name, self._fed))

    def _all(self, names: list[str]) -> list[str]:
        return [every for name in names for every in (name, *self._inside.get(name, ()))]

    @cached_property
    def _fed(self) -> Mapping[str, set[str]]:
        turned: dict[str, set[str]] = {name: set() for name in self._order}
        for name, sources in self._feeds.items():
            for source in sources:
                turned.setdefault(source, set()).add(name)
        return turned


def _nearest(sides: Sequence[tuple[list[str], list[str]]], class_name: str, *, below: bool) -> dict[int, str]:
    """Numbers and names on one side, from the innermost model that has any there."""
    return next((found for before, after in sides if (found := _numbers(before if below else after, class_name))), {})


def _numbers(names: Iterable[str], class_name: str) -> dict[int, str]:
    return {number: name for name in names if (number := numbered(name, class_name)) is not None}


def _name(class_name: str, number: int) -> str:
    return f"{auto_name(class_name)}_{number}" if number else auto_name(class_name)


def _reach(start: str, edges: Mapping[str, set[str]]) -> list[str]:
    seen: set[str] = set()
    waiting = list(edges.get(start, ()))
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(edges.get(name, ()))
    return sorted(seen - {start})


def _inner_names(value: object, depth: int = 0) -> Iterator[str]:
    """Names of layers stated inside a config: a wrapper's layer, a custom wrapper's, cells."""
    if depth > 32:
        return
    if isinstance(value, Mapping):
        inner = value.get("config")
        if "class_name" in value and isinstance(inner, Mapping) and isinstance(inner.get("name"), str):
            yield inner["name"]
        for item in value.values():
            yield from _inner_names(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _inner_names(item, depth + 1)

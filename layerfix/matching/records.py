"""What is matched: layers that hold weights, as a file stores them and as code builds them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NUMBER = re.compile(r"_(\d{1,9})$")
_DIRECTION = re.compile(r"^(forward|backward)_")
_CELL = re.compile(r"(^|_)cell(_\d+)?$")


def outside_cells(path: tuple[str, ...]) -> tuple[str, ...]:
    """A path without the cell at its end: tf.keras names "lstm/lstm_cell", where Keras 2 names "lstm"."""
    return path[:-1] if len(path) > 1 and _CELL.search(path[-1]) else path


@dataclass(frozen=True, slots=True)
class Leaf:
    """One layer with weights of its own.

    Attributes:
        path: names from the outermost layer to its own: ("encoder", "dense_1").
        roles: its weights' names ("kernel", "bias"), or numbers where none are stored.
        shapes: their shapes, in the same order.
        attributes: places by which attribute of the model it can be found ("blocks/0", "layers/dense_1"); several for a live one.
        order: its position in the file or the model, -1 where the file keeps none.
        keys: what its tensors are called where they come from, in the same order.
    """

    path: tuple[str, ...]
    roles: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]
    attributes: frozenset[str]
    order: int
    keys: tuple[str, ...] = field(default=(), compare=False)

    @property
    def name(self) -> str:
        return self.path[-1] if self.path else ""

    @property
    def place(self) -> str:
        """For people."""
        return "/".join(self.path) or next(iter(sorted(self.attributes)), "?")

    @property
    def stem(self) -> str:
        """Its name without a number and a direction."""
        return _DIRECTION.sub("", _NUMBER.sub("", self.name))

    @property
    def direction(self) -> str:
        """ "forward_" or "backward_" within a Bidirectional, else ""."""
        found = (match[0] for part in self.path if (match := _DIRECTION.match(part)))
        return next(found, "")

    @property
    def number(self) -> int:
        """The number in its name, 0 without one."""
        match = _NUMBER.search(self.name)
        return int(match[1]) if match else 0

    @property
    def signature(self) -> tuple[tuple[str, tuple[int, ...]], ...]:
        """Its weights by role, in an order of their own; by position where roles are numbers."""
        pairs = tuple(zip(self.roles, self.shapes, strict=True))
        return pairs if self.numbered else tuple(sorted(pairs))

    @property
    def numbered(self) -> bool:
        return all(role.isdigit() for role in self.roles)


def alike(stored: Leaf, live: Leaf) -> bool:
    """Whether the shapes of two layers' weights agree, by role where both have roles."""
    if stored.direction != live.direction:
        return False
    if stored.numbered or live.numbered:
        return stored.shapes == live.shapes
    return stored.signature == live.signature


@dataclass(frozen=True, slots=True)
class Pair:
    """A stored layer, the layer that gets its weights, and why."""

    stored: Leaf
    live: Leaf
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Layers between which nothing decides: as many stored as live ones, or not."""

    stored: tuple[Leaf, ...]
    live: tuple[Leaf, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Matching:
    """What belongs to what.

    Attributes:
        pairs: decided ones, in the model's order.
        choices: what is open.
        unused: stored layers without a counterpart.
        missing: layers of the model without stored weights.
    """

    pairs: tuple[Pair, ...]
    choices: tuple[Choice, ...]
    unused: tuple[Leaf, ...]
    missing: tuple[Leaf, ...]

    @property
    def complete(self) -> bool:
        return not (self.choices or self.unused or self.missing)

"""The names in a damaged file, as far as they are known: paths by address, attributes by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from layerfix.scavenge.attributes import Value

WEIGHTS, OPTIMIZER = "model_weights", "optimizer_weights"


@dataclass(slots=True)
class Tree:
    """Names.

    Attributes:
        paths: of groups and datasets by address; the root's is "".
        how: how a name was found, where no link says it.
        attributes: by the path of their group.
        lost: names of attributes whose values are lost.
        expected: paths that lists of names promise, in the order of writing.
        given: the architecture and the training's config, where they are known from elsewhere.
        asserted: whether that is a user's word, and not the archive's.
        fillers: values as long as those of attributes that are lost, by the path of their group.
    """

    paths: dict[int, str] = field(default_factory=dict)
    how: dict[int, str] = field(default_factory=dict)
    attributes: dict[str, dict[str, Value]] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    given: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asserted: bool = False
    fillers: dict[str, dict[str, Value]] = field(default_factory=dict)

    def names(self, path: str, attribute: str) -> tuple[str, ...]:
        """A list of names, joined where Keras split it."""
        held = self.attributes.get(path, {})
        if attribute in held:
            return texts(held[attribute])
        found: list[str] = []
        while (piece := held.get(f"{attribute}{len(found) and _next(held, attribute, found)}")) is not None:
            items = texts(piece)
            if not items:
                break
            found += items
        return tuple(found)

    def owners(self) -> Iterator[tuple[str, str]]:
        """(path of a group, name of its list) of everything that lists weights, layers first."""
        root = self.weights
        for layer in self.names(root, "layer_names"):
            yield join(root, layer), layer
        if OPTIMIZER in self.attributes:
            yield OPTIMIZER, OPTIMIZER

    @property
    def weights(self) -> str:
        """The group of layers: `model_weights`, or the root of a weights-only file."""
        return "" if any(key.startswith("layer_names") for key in self.attributes.get("", {})) else WEIGHTS


def _next(held: Mapping[str, Value], attribute: str, found: Sequence[str]) -> int:
    """The number of the next piece of a split list."""
    total = number = 0
    while total < len(found):
        total += len(texts(held[f"{attribute}{number}"]))
        number += 1
    return number


def texts(value: Value) -> tuple[str, ...]:
    return tuple(item.decode("utf-8", "surrogateescape") for item in value.items)


def join(parent: str, name: str) -> str:
    return f"{parent}/{name}" if parent else name

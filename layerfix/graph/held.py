"""What a file holds of the weights that a graph needs: an owner's stored arrays, matched to their places."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from layerfix.blueprint import WeightSpec
from layerfix.containers.config import LayerNode
from layerfix.containers.records import Checkpoint, WeightEntry
from layerfix.errors import GraphError


@dataclass(frozen=True, slots=True)
class Leaf:
    """A layer of the config that is no model: its node, its upgraded entry, the live layer, and the custom layer in it, if any."""

    node: LayerNode
    entry: Mapping[str, Any]
    layer: Any
    custom: Any = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the array of one weight goes: a variable of its own, or (re-laid layouts) a position among the arrays of its leaf."""

    spec: WeightSpec
    variable: Any
    leaf: Leaf
    position: int
    tracked: bool


def owner_places(node: LayerNode, found: list[Place], checkpoint: Checkpoint) -> list[Place]:
    """An owner's weights in storage order: trainable ones of all its layers before the others; stored ones under the file's own names.

    Raises:
        GraphError: where the stored arrays fit in no way.
    """
    stored = checkpoint.layer(node.name)
    entries = stored.weights if stored is not None else ()
    held_by = [(ordered, held) for ordered in _orders(found) for held in _hypotheses()]
    fitting = [(ordered, held) for ordered, held in held_by if _fits([place for place in ordered if held(place)], entries)]
    if not fitting:
        raise _misfit(node, found, entries)
    ordered, held = max(fitting, key=lambda pair: _named([place for place in pair[0] if pair[1](place)], entries))
    return _unique(_with_names(ordered, held, entries))


def _orders(places: list[Place]) -> list[list[Place]]:
    """Keras 2 stores trainable weights first; some releases of tf.keras stored layer by layer."""
    trained_first = [place for place in places if place.spec.trainable] + [place for place in places if not place.spec.trainable]
    return [trained_first] if trained_first == places else [trained_first, places]


def _hypotheses() -> list[Any]:
    """What the file may hold: what legacy Keras tracked; all (healthy or repaired); nothing hidden at all."""
    return [lambda place: place.tracked, lambda place: True, lambda place: place.leaf.custom is None]


def _fits(places: Sequence[Place], entries: Sequence[WeightEntry]) -> bool:
    return len(places) == len(entries) and all(
        place.variable is None or place.spec.shape == entry.shape for place, entry in zip(places, entries, strict=True)
    )


def _named(places: Sequence[Place], entries: Sequence[WeightEntry]) -> int:
    return sum(place.spec.role.rpartition("/")[2] in entry.name for place, entry in zip(places, entries, strict=True))


def _with_names(places: list[Place], held: Any, entries: Sequence[WeightEntry]) -> list[Place]:
    stored = iter(entries)
    named = []
    for place in places:
        if held(place):
            entry = next(stored)
            spec = replace(place.spec, name=entry.name, shape=entry.shape, dtype=entry.dtype, hidden=False)
        else:
            spec = replace(place.spec, hidden=True)
        named.append(replace(place, spec=spec))
    return named


def _unique(places: list[Place]) -> list[Place]:
    """Names are unique in a group: a hidden weight that would bear a stored one's name gets a number."""
    taken = {place.spec.name for place in places if not place.spec.hidden}
    unique = []
    for place in places:
        name = place.spec.name
        if place.spec.hidden:
            base, _, tail = name.rpartition(":")
            name = next(new for new in itertools.chain([name], (f"{base}_{n}:{tail}" for n in itertools.count(1))) if new not in taken)
            taken.add(name)
        unique.append(replace(place, spec=replace(place.spec, name=name)))
    return unique


def _misfit(node: LayerNode, places: Sequence[Place], entries: Sequence[WeightEntry]) -> GraphError:
    expected = ", ".join(f"{place.spec.layer}/{place.spec.role} {place.spec.shape}" for place in places) or "none"
    found = ", ".join(f"{entry.name} {entry.shape}" for entry in entries) or "none"
    return GraphError(
        f"its stored weights do not fit the rebuilt graph. The graph has {expected}; the file holds {found}.",
        where=node.name,
        hint="State lost constructor arguments with --set, or give the right source with --layers.",
    )

"""What a file holds of the weights that a graph needs: an owner's stored arrays, matched to their places."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from layerfix.blueprint import WeightSpec
from layerfix.containers.config import LayerNode
from layerfix.containers.records import Checkpoint, WeightEntry
from layerfix.errors import GraphError
from layerfix.graph.groups import Home, variables_of
from layerfix.graph.stored_names import leaves_by_name
from layerfix.model import Layer


@dataclass(frozen=True, slots=True)
class LiveLayer:
    """A layer of the config that is no model: its node, its record, the live layer, and the custom layer in it, if any."""

    node: LayerNode
    record: Layer
    layer: keras.layers.Layer
    custom: Any = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the array of one weight goes: a variable of its own, or (re-laid layouts) a position among the arrays of its leaf."""

    spec: WeightSpec
    variable: keras.Variable
    leaf: LiveLayer
    position: int
    tracked: bool


def owner_places(node: LayerNode, found: list[Place], checkpoint: Checkpoint) -> list[Place]:
    """An owner's weights in storage order: trainable ones of all its layers before the others; stored ones under the file's own names.

    Raises:
        GraphError: where the stored arrays fit in no way.
    """
    stored = checkpoint.layer(node.name)
    entries = stored.weights if stored is not None else ()
    held_by = [(ordered, held) for held in _hypotheses() for ordered in _orders(found, held, entries)]
    fitting = [(ordered, held) for ordered, held in held_by if _fits([place for place in ordered if held(place)], entries)]
    if not fitting:
        raise _misfit(node, found, entries)
    # Shapes fit in several ways: the names in the file decide, and of equally good ones the first hypothesis.
    ordered, held = max(fitting, key=lambda pair: _named([place for place in pair[0] if pair[1](place)], entries))
    return _unique(_with_names(ordered, held, entries))


def group_places(leaf: LiveLayer, found: list[Place], checkpoint: Checkpoint) -> list[Place]:
    """A layer's weights in a v3 file: stored ones under the file's own names, by the attributes that hold them; the others are hidden.

    Raises:
        GraphError: where the file holds another number of variables for an object than it has.
    """
    home = Home(leaf.node.path, leaf.record, leaf.layer, checkpoint.homes.get(leaf.node.path))
    held = list(variables_of(home, checkpoint, strict=leaf.custom is None))
    by_variable = {id(item.variable): item.stored for item in held if item.variable is not None}
    by_place = dict(enumerate(item.stored for item in held if item.variable is None))
    group = home.group or leaf.node.path
    places = []
    for place in found:
        entry = by_place.get(place.position) if place.variable is None else by_variable.get(id(place.variable))
        if entry is not None:
            spec = replace(place.spec, owner=entry.owner, name=entry.name, shape=entry.shape, dtype=entry.dtype, hidden=False)
        else:
            owner, inner = _split(group)
            spec = replace(place.spec, owner=owner, name=f"{inner}{place.spec.role}", hidden=True)
        places.append(replace(place, spec=spec))
    return _unique(places)


def _split(group: str) -> tuple[str, str]:
    """A group's top-level part, which is the owner in a v3 file, and the rest."""
    parts = group.split("/")
    inner = "".join(f"{part}/" for part in parts[2:])
    return "/".join(parts[:2]), inner


def _orders(places: list[Place], held: Any, entries: Sequence[WeightEntry]) -> list[list[Place]]:
    """As the stored names say; where they say nothing, trainable weights first (Keras 2), or layer by layer (some releases of tf.keras)."""
    trained_first = [place for place in places if place.spec.trainable] + [place for place in places if not place.spec.trainable]
    orders = [trained_first] if trained_first == places else [trained_first, places]
    named = _named_order([place for place in places if held(place)], entries)
    if named is None:
        return orders
    as_named = [order for order in orders if [place for place in order if held(place)] == named]
    return as_named or [[*named, *(place for place in places if not held(place))]]


def _named_order(places: Sequence[Place], entries: Sequence[WeightEntry]) -> list[Place] | None:
    """The places in the order of the stored names, where several layers share the owner and the names tell them apart."""
    own: dict[Hashable, list[Place]] = {}
    for place in places:
        own.setdefault(place.leaf.node.path, []).append(place)
    if len(own) < 2 or len(places) != len(entries):
        return None
    aliases = {path: (held[0].leaf.node.name,) for path, held in own.items()}
    leaves = leaves_by_name([entry.name for entry in entries], aliases, {path: len(held) for path, held in own.items()})
    return None if leaves is None else [own[leaf].pop(0) for leaf in leaves]


def _hypotheses() -> list[Any]:
    """What the file may hold: what legacy Keras tracked; all (healthy or repaired); nothing hidden at all."""
    # In this order, since the first of equally good ones is taken: a file of legacy Keras is
    # likelier than one that was repaired.
    return [lambda place: place.tracked, lambda place: True, lambda place: place.leaf.custom is None]


def _fits(places: Sequence[Place], entries: Sequence[WeightEntry]) -> bool:
    return len(places) == len(entries) and all(
        place.variable is None or place.spec.shape == entry.shape for place, entry in zip(places, entries, strict=True)
    )


def _named(places: Sequence[Place], entries: Sequence[WeightEntry]) -> int:
    # The weight's own name alone: layers are numbered by the session, so that theirs may differ in
    # the file.
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

"""Stored weights into a built model: legacy order, owner by owner, each layer's arrays re-laid."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras

from layerfix.arrays import Array
from layerfix.dialects.relay import stored_count
from layerfix.errors import GraphError
from layerfix.graph.loading import put_stored
from layerfix.graph.stored_names import consistent, leaves_by_name, leaves_by_path, scope
from layerfix.model import Layer, Model

Stored = Mapping[str, Sequence[tuple[str, Array]]]
"""By owner (top-level layer group): (weight name, array) in the order of `weight_names`."""


class Shaped(Protocol):
    """An array, or what the file says of one."""

    @property
    def shape(self) -> tuple[int, ...]: ...


Named = Mapping[str, Sequence[tuple[str, Shaped]]]
"""As `Stored`, for what asks names and shapes alone."""


@dataclass(frozen=True, slots=True)
class WeightedLayer:
    """One layer that stores weights of its own.

    Attributes:
        path: names of the layers down to it, in today's names.
        record: its record.
        layer: the live layer.
        weights: its variables, seeds aside, in today's order.
        aliases: the names that its scope may bear in the names of stored weights.
    """

    path: str
    record: Layer
    layer: keras.layers.Layer
    weights: tuple[Any, ...]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slot:
    """One stored array's place: the leaf, and its position among the leaf's stored arrays."""

    leaf: WeightedLayer
    position: int


def assign(model: keras.Model, architecture: Model, stored: Stored) -> dict[tuple[str, str], Slot]:
    """Gives a built model the weights of a file.

    Args:
        model: as `build_model` made it from `architecture`.
        architecture: `Upgraded.model`.
        stored: the file's arrays.

    Returns:
        Where each stored array went, by (owner, weight name).

    Raises:
        GraphError: where the number or the shapes of an owner's arrays do not fit, naming owner, expected and found.
    """
    places: dict[tuple[str, str], Slot] = {}
    for owner, record, layer in owners(model, architecture, stored):
        arrays = stored.get(owner, ())
        slots = fitting_order(owner, record, layer, arrays)
        values: dict[int, tuple[WeightedLayer, list[Array]]] = {}
        for slot, (name, array) in zip(slots, arrays, strict=True):
            places[owner, name] = slot
            values.setdefault(id(slot.leaf.layer), (slot.leaf, []))[1].append(array)
        # By identity: to compare slots is to compare the variables in them, number by number.
        positions = {id(slot): index for index, slot in enumerate(slots)}
        for leaf, _ in values.values():
            own = sorted((slot for slot in slots if slot.leaf.layer is leaf.layer), key=lambda slot: slot.position)
            put_stored(leaf.record, leaf.layer, [arrays[positions[id(slot)]][1] for slot in own], owner)
    return places


def owners(model: keras.Model, architecture: Model, stored: Named) -> Iterator[tuple[str, Layer, Any]]:
    """(owner in the file, record, live layer) for each top-level layer; by name, or by order where the file's names are others."""
    layers = architecture.weighted
    names = [layer.stored_name for layer in layers]
    weighty = [name for name, arrays in stored.items() if arrays]
    if not set(weighty) <= set(names):
        needing = [index for index, layer in enumerate(layers) if model.get_layer(layer.name).weights]
        if len(needing) != len(weighty):
            raise GraphError(f"the file's layers with weights ({len(weighty)}) are not those of the architecture ({len(needing)}).")
        for index, name in zip(needing, weighty, strict=True):
            names[index] = name
    for name, layer in zip(names, layers, strict=True):
        yield name, layer, model.get_layer(layer.name)


def legacy_order(record: Layer, layer: keras.layers.Layer, path: str, scopes: Sequence[str] = ()) -> tuple[list[Slot], list[Slot]]:
    """Places of a layer's stored arrays, (trainable, non-trainable): Keras 2 stores the first before the second, nested models too."""
    if record.relay is None:
        inner = list(_inner(record, layer, scopes))
        if inner:
            parts = [legacy_order(child, live, f"{path}/{child.name}", names) for child, live, names in inner]
            return [slot for part in parts for slot in part[0]], [slot for part in parts for slot in part[1]]
    weights = tuple(getattr(layer, "weights", ()))
    leaf = WeightedLayer(path, record, layer, weights, tuple(scopes) or (record.stored_name,))
    slots = [Slot(leaf, position) for position in range(stored_count(record, len(weights)))]
    trained = len(slots) - _untrained(record, len(slots))
    if record.settings.get("trainable", True) is False:
        return [], slots
    return slots[:trained], slots[trained:]


def _untrained(record: Layer, count: int) -> int:
    """How many of a layer's arrays are never trained: they come last in its own order."""
    if record.relay is not None:
        return record.relay.untrained
    return 2 if record.class_name == "BatchNormalization" else count if record.class_name == "Normalization" else 0


def _inner(record: Layer, layer: keras.layers.Layer, scopes: Sequence[str]) -> Iterator[tuple[Layer, Any, tuple[str, ...]]]:
    """The layers inside a nested model or wrapper, in legacy Keras' order of their weights, and the names of their scopes."""
    if isinstance(layer, keras.Model) and record.model is not None:
        for child in record.model.weighted:
            yield child, layer.get_layer(child.name), ()
    elif record.class_name == "TimeDistributed":
        around, wrapped = tuple(scopes) or (record.stored_name,), record.wrapped["layer"]
        yield wrapped, layer.layer, (wrapped.stored_name, *around)
    elif record.class_name == "Bidirectional":
        ahead = record.wrapped["layer"]
        behind = record.wrapped.get("backward_layer", ahead)
        yield ahead, layer.forward_layer, (f"forward_{ahead.stored_name}",)
        yield behind, layer.backward_layer, (f"backward_{behind.stored_name}",)


def fitting_order(owner: str, record: Layer, layer: keras.layers.Layer, arrays: Sequence[tuple[str, Shaped]]) -> list[Slot]:
    """Places for an owner's arrays: as their names say; where these say nothing, trainable ones first as Keras 2 stores them, or layer by
    layer, whichever fits shapes and names best.

    Raises:
        GraphError: where nothing fits, or the names contradict the order that does.
    """
    trained, untrained = legacy_order(record, layer, record.name)
    slots = trained + untrained
    names = [name for name, _ in arrays]
    shaped = [array for _, array in arrays]
    orders = [slots, sorted(slots, key=_by_leaf(slots))]
    named = _named_order(slots, names)
    fitting = [order for order in ([named] if named else orders) if len(order) == len(arrays) and all(map(_fits, order, shaped))]
    if not fitting:
        expected = ", ".join(f"{slot.leaf.path}[{slot.position}] {_shape(slot)}" for slot in named or slots) or "none"
        found = ", ".join(f"{name} {array.shape}" for name, array in arrays) or "none"
        raise GraphError(f"its stored weights do not fit. Expected: {expected}. Found: {found}.", where=owner)
    aliases = _aliases(slots)
    meant = [order for order in fitting if named or consistent(names, [id(slot.leaf.layer) for slot in order], aliases)]
    if not meant:
        raise GraphError(
            f"the names of its stored weights ({', '.join(dict.fromkeys(map(scope, names)))}) are not those of the architecture "
            f"({', '.join(dict.fromkeys(slot.leaf.path for slot in slots))}), and their order contradicts it.",
            where=owner,
            hint="Give the architecture of the very model that saved the weights.",
        )
    return max(meant, key=lambda order: sum(map(_named, order, names)))


def _named_order(slots: Sequence[Slot], names: Sequence[str]) -> list[Slot] | None:
    """The slots in the order of the stored names, where several layers share the owner and the names tell them apart."""
    if len(_aliases(slots)) < 2 or len(slots) != len(names):
        return None
    own: dict[Hashable, list[Slot]] = {}
    for slot in sorted(slots, key=lambda slot: slot.position):
        own.setdefault(id(slot.leaf.layer), []).append(slot)
    sizes = {leaf: len(places) for leaf, places in own.items()}
    paths: dict[Hashable, str] = {id(slot.leaf.layer): slot.leaf.path.partition("/")[2] for slot in slots}
    leaves = leaves_by_path(names, paths, sizes) or leaves_by_name(names, _aliases(slots), sizes)
    return None if leaves is None else [own[leaf].pop(0) for leaf in leaves]


def _aliases(slots: Sequence[Slot]) -> dict[Hashable, tuple[str, ...]]:
    return {id(slot.leaf.layer): slot.leaf.aliases for slot in slots}


def _by_leaf(slots: Sequence[Slot]) -> Any:
    first: dict[int, int] = {}
    for slot in slots:
        first.setdefault(id(slot.leaf.layer), len(first))
    return lambda slot: (first[id(slot.leaf.layer)], slot.position)


def _shape(slot: Slot) -> tuple[int, ...] | str:
    return "re-laid" if slot.leaf.record.relay is not None else tuple(slot.leaf.weights[slot.position].shape)


def _fits(slot: Slot, array: Shaped) -> bool:
    return slot.leaf.record.relay is not None or tuple(slot.leaf.weights[slot.position].shape) == array.shape


def _named(slot: Slot, name: str) -> bool:
    """Whether a weight's name speaks of the slot's layer."""
    own = slot.leaf.record.stored_name
    return f"/{own}/" in f"/{name}" or name.startswith(f"{own}_")

"""Stored weights into a built model: legacy order, owner by owner, each layer's arrays re-laid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import keras
import numpy as np
from numpy.typing import NDArray

from layerfix.dialects.records import layer_class
from layerfix.dialects.relay import relaid, stored_count
from layerfix.errors import GraphError

_WITHOUT_WEIGHTS = frozenset({"InputLayer", "Operation"})
Array = NDArray[Any]
Stored = Mapping[str, Sequence[tuple[str, Array]]]
"""By owner (top-level layer group): (weight name, array) in the order of `weight_names`."""


class Shaped(Protocol):
    """An array, or what the file says of one."""

    @property
    def shape(self) -> tuple[int, ...]: ...


Named = Mapping[str, Sequence[tuple[str, Shaped]]]
"""As `Stored`, for what asks names and shapes alone."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One layer that stores weights of its own.

    Attributes:
        path: names of the layers down to it, in today's names.
        entry: its upgraded config.
        layer: the live layer.
        weights: its variables, seeds aside, in today's order.
    """

    path: str
    entry: Mapping[str, Any]
    layer: Any
    weights: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One stored array's place: the leaf, and its position among the leaf's stored arrays."""

    leaf: Leaf
    position: int


def assign(model: keras.Model, config: Mapping[str, Any], stored: Stored) -> dict[tuple[str, str], Slot]:
    """Gives a built model the weights of a file.

    Args:
        model: as `build_model` made it from `config`.
        config: `Upgraded.config`.
        stored: the file's arrays.

    Returns:
        Where each stored array went, by (owner, weight name).

    Raises:
        GraphError: where the number or the shapes of an owner's arrays do not fit, naming owner, expected and found.
    """
    places: dict[tuple[str, str], Slot] = {}
    for owner, entry, layer in owners(model, config, stored):
        arrays = stored.get(owner, ())
        slots = fitting_order(owner, entry, layer, arrays)
        values: dict[int, tuple[Leaf, list[Array]]] = {}
        for slot, (name, array) in zip(slots, arrays, strict=True):
            places[owner, name] = slot
            values.setdefault(id(slot.leaf.layer), (slot.leaf, []))[1].append(array)
        positions = {id(slot): index for index, slot in enumerate(slots)}
        for leaf, _ in values.values():
            own = sorted((slot for slot in slots if slot.leaf.layer is leaf.layer), key=lambda slot: slot.position)
            _set(leaf, [arrays[positions[id(slot)]][1] for slot in own], owner)
    return places


def owners(model: keras.Model, config: Mapping[str, Any], stored: Named) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
    """(owner in the file, entry, live layer) for each top-level layer; by name, or by order where the file's names are others."""
    entries = [entry for entry in config["config"]["layers"] if layer_class(entry) not in _WITHOUT_WEIGHTS]
    names = [str(entry.get("legacy_name") or entry["name"]) for entry in entries]
    weighty = [name for name, arrays in stored.items() if arrays]
    if not set(weighty) <= set(names):
        needing = [index for index, entry in enumerate(entries) if model.get_layer(entry["name"]).weights]
        if len(needing) != len(weighty):
            raise GraphError(f"the file's layers with weights ({len(weighty)}) are not those of the architecture ({len(needing)}).")
        for index, name in zip(needing, weighty, strict=True):
            names[index] = name
    for name, entry in zip(names, entries, strict=True):
        yield name, entry, model.get_layer(entry["name"])


def legacy_order(entry: Mapping[str, Any], layer: Any, path: str) -> tuple[list[Slot], list[Slot]]:
    """Places of a layer's stored arrays, (trainable, non-trainable): Keras 2 stores the first before the second, nested models too."""
    if entry.get("relay") is None:
        inner = list(_inner(entry, layer))
        if inner:
            parts = [legacy_order(child, live, f"{path}/{child['name']}") for child, live in inner]
            return [slot for part in parts for slot in part[0]], [slot for part in parts for slot in part[1]]
    weights = tuple(getattr(layer, "weights", ()))
    leaf = Leaf(path, entry, layer, weights)
    slots = [Slot(leaf, position) for position in range(stored_count(entry, len(weights)))]
    trained = len(slots) - _untrained(entry, len(slots))
    if entry["config"].get("trainable", True) is False:
        return [], slots
    return slots[:trained], slots[trained:]


def _untrained(entry: Mapping[str, Any], count: int) -> int:
    """How many of a layer's arrays are never trained: they come last in its own order."""
    if entry.get("relay"):
        return int(entry["relay"].get("untrained", 0))
    name = layer_class(entry)
    return 2 if name == "BatchNormalization" else count if name == "Normalization" else 0


def _inner(entry: Mapping[str, Any], layer: Any) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """The layers inside a nested model or wrapper, in the order in which legacy Keras lists their weights."""
    config = entry["config"]
    if isinstance(layer, keras.Model) and "layers" in config:
        for child in config["layers"]:
            if layer_class(child) not in _WITHOUT_WEIGHTS:
                yield child, layer.get_layer(child["name"])
    elif layer_class(entry) == "TimeDistributed":
        yield config["layer"], layer.layer
    elif layer_class(entry) == "Bidirectional":
        yield config["layer"], layer.forward_layer
        yield config.get("backward_layer") or config["layer"], layer.backward_layer


def fitting_order(owner: str, entry: Mapping[str, Any], layer: Any, arrays: Sequence[tuple[str, Shaped]]) -> list[Slot]:
    """Places for an owner's arrays: trainable ones first as Keras 2 stores them, or layer by layer, whichever fits shapes and names best.

    Raises:
        GraphError: where neither fits.
    """
    trained, untrained = legacy_order(entry, layer, entry["name"])
    orders = [trained + untrained]
    grouped = sorted(trained + untrained, key=_by_leaf(trained + untrained))
    if grouped != orders[0]:
        orders.append(grouped)
    fitting = [order for order in orders if len(order) == len(arrays) and all(map(_fits, order, (array for _, array in arrays)))]
    if not fitting:
        expected = ", ".join(f"{slot.leaf.path}[{slot.position}] {_shape(slot)}" for slot in orders[0]) or "none"
        found = ", ".join(f"{name} {array.shape}" for name, array in arrays) or "none"
        raise GraphError(f"its stored weights do not fit. Expected: {expected}. Found: {found}.", where=owner)
    return max(fitting, key=lambda order: sum(map(_named, order, (name for name, _ in arrays))))


def _by_leaf(slots: Sequence[Slot]) -> Any:
    first: dict[int, int] = {}
    for slot in slots:
        first.setdefault(id(slot.leaf.layer), len(first))
    return lambda slot: (first[id(slot.leaf.layer)], slot.position)


def _shape(slot: Slot) -> tuple[int, ...] | str:
    return "re-laid" if slot.leaf.entry.get("relay") else tuple(slot.leaf.weights[slot.position].shape)


def _fits(slot: Slot, array: Shaped) -> bool:
    return bool(slot.leaf.entry.get("relay")) or tuple(slot.leaf.weights[slot.position].shape) == array.shape


def _named(slot: Slot, name: str) -> bool:
    """Whether a weight's name speaks of the slot's layer."""
    own = str(slot.leaf.entry.get("legacy_name") or slot.leaf.entry["name"])
    return f"/{own}/" in f"/{name}" or name.startswith(f"{own}_")


def _set(leaf: Leaf, arrays: Sequence[Array], owner: str) -> None:
    values = relaid(leaf.entry, arrays, [tuple(variable.shape) for variable in leaf.weights])
    for variable, value in zip(leaf.weights, values, strict=True):
        if tuple(variable.shape) != value.shape:
            raise GraphError(f"{variable.path} needs {tuple(variable.shape)}, its stored values are {value.shape}.", where=owner)
        variable.assign(np.asarray(value, variable.dtype))
    if layer_class(leaf.entry) == "Normalization":
        leaf.layer.finalize_state()

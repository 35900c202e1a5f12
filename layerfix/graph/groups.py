"""A v3 file's variables in a live model: each object's own numbered variables, found by the attributes that hold the object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import keras

from layerfix.containers.records import Checkpoint, WeightEntry, spoken
from layerfix.containers.tensors import open_tensors
from layerfix.dialects.relay import stored_count
from layerfix.errors import GraphError
from layerfix.graph.loading import put, put_stored, recompute
from layerfix.graph.saved_objects import is_seed, own_variables, saved_objects
from layerfix.model import Layer, Model

_BY_OBJECT = frozenset({"spectral_normalization"})
"""Relays that put one list in order: where each object has a group of its own there is no such list."""


@dataclass(frozen=True, slots=True)
class Home:
    """A layer of the config in the live model, and its group.

    Attributes:
        path: in the config.
        record: its record.
        layer: the live one.
        group: None where the file has none for it.
    """

    path: str
    record: Layer
    layer: keras.layers.Layer
    group: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A live variable and the stored tensor that is its value; `variable` is None where the layout changes."""

    home: Home
    variable: keras.Variable
    stored: WeightEntry


def layer_homes(architecture: Model, model: keras.Model, groups: Mapping[str, str], prefix: str = "") -> Iterator[Home]:
    """Every layer that is no model, with its group.

    Args:
        architecture: of `model`.
        model: the live model.
        groups: `Checkpoint.homes`.
    """
    for record in architecture.weighted:
        yield from _inside(record, model.get_layer(record.name), groups, f"{prefix}{record.stored_name}")


def _inside(record: Layer, layer: keras.layers.Layer, groups: Mapping[str, str], path: str) -> Iterator[Home]:
    wrapped = record.wrapped.get("layer") if record.class_name == "TimeDistributed" else None
    if record.model is not None and record.relay is None and not record.composed:
        yield from layer_homes(record.model, layer, groups, f"{path}/")
    elif wrapped is not None and wrapped.model is not None:
        yield from layer_homes(wrapped.model, layer.layer, groups, f"{path}/")
    else:
        yield Home(path, record, layer, groups.get(path))


def assign_groups(model: keras.Model, architecture: Model, checkpoint: Checkpoint) -> list[Held]:
    """Gives a built model the weights of a v3 file.

    Returns:
        What went where.

    Raises:
        GraphError: where the file has no group for a layer with weights, another number of variables or other shapes, or tensors that
            belong to no layer; each by name.
    """
    found: list[Held] = []
    with open_tensors(checkpoint) as tensors:
        for home in layer_homes(architecture, model, checkpoint.homes):
            held = list(variables_of(home, checkpoint, strict=True))
            arrays = [tensors.read(item.stored.key) for item in held]
            # A layout that changes needs all arrays of the layer at once; others go one by one.
            if held and held[0].variable is None:
                put_stored(home.record, home.layer, arrays, home.path)
            else:
                put(zip((item.variable for item in held), arrays, strict=True), home.path)
                recompute(home.layer)
            found += held
    refuse_unclaimed(checkpoint, (item.stored for item in found))
    return found


def refuse_unclaimed(checkpoint: Checkpoint, claimed: Iterable[WeightEntry]) -> None:
    """Raises GraphError where the file holds a tensor that no layer claims."""
    keys = {weight.key for weight in claimed}
    left = [weight for weight in checkpoint.weights if weight.key not in keys]
    if left:
        more = f" and {len(left) - 1} more" if len(left) > 1 else ""
        raise GraphError(
            f"it holds {spoken(left[0].key)} {left[0].shape}{more}, which no layer of its architecture claims.",
            where=str(checkpoint.path),
            hint="Give the architecture that these weights were saved from, and the source of its classes with --layers.",
        )


def variables_of(home: Home, checkpoint: Checkpoint, *, strict: bool) -> Iterator[Held]:
    """The stored tensors of one layer with their variables.

    Args:
        home: the layer.
        checkpoint: a v3 file.
        strict: refuse what is missing; else it is left out (lost).
    """
    stored = {} if home.group is None else checkpoint.below(home.group)
    if (home.record.relay is not None and home.record.relay.name not in _BY_OBJECT) or home.record.composed:
        own = _own(stored, "")
        wanted = stored_count(home.record, len(home.layer.weights))
        if len(own) != wanted:
            raise _missing(home, checkpoint, f"{wanted} variables", own)
        yield from (Held(home, None, weight) for weight in own)
        return
    places = {place.rpartition("vars/")[0] for place in stored}
    objects = list(saved_objects(home.layer, "", places, checkpoint.keras_version or ""))
    for item, place in objects:
        variables = own_variables(item)
        own = _own(stored, place) if place is not None else []
        if len(own) == len(variables):
            yield from (Held(home, variable, weight) for variable, weight in zip(variables, own, strict=True))
        elif own or (strict and not is_seed(item)):
            numbers = f"{place if place is not None else getattr(item, 'name', '') + '/'}vars/0 to {len(variables) - 1}"
            raise _missing(home, checkpoint, numbers, own)


def _missing(home: Home, checkpoint: Checkpoint, wanted: str, own: Sequence[WeightEntry]) -> GraphError:
    found = ", ".join(f"{spoken(weight.key)} {weight.shape}" for weight in own) or "none"
    where = f"group {home.group}" if home.group else "no group"
    return GraphError(
        f"{home.record.class_name} {home.path!r} needs {wanted}; {checkpoint.path.name} has {where} for it and there: {found}.",
        where=home.path,
        hint="layerfix audit says what is lost; give the source of its classes with --layers, or the architecture of these very weights.",
    )


def _own(stored: Mapping[str, WeightEntry], place: str) -> list[WeightEntry]:
    """An object's own variables, by number."""
    numbered = ((path[len(place) + 5 :], weight) for path, weight in stored.items() if path.startswith(f"{place}vars/"))
    return [
        weight for _, weight in sorted(((int(number), weight) for number, weight in numbered if number.isdecimal()), key=lambda x: x[0])
    ]

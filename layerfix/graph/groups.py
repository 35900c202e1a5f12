"""A v3 file's variables in a live model: each object's own numbered variables, found by the attributes that hold the object.

Keras saves an object's own variables as `vars/0`, `vars/1`, ... in the order of `_trainable_variables + _non_trainable_variables` (keras
2.13 to 3.15, base layer, `save_own_variables`), and descends into its attributes by their names, into lists by class and count
(saving/saving_lib.py, `_walk_saveable`, `_save_container_state`). The order in which attributes are visited decides under which of two
names a shared object is saved: ascending before 2.15, descending in 2.15, private ones last in Keras 3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras.src.saving.keras_saveable import KerasSaveable

from layerfix.containers.groups import CONTAINERS, snake_case
from layerfix.containers.records import Checkpoint, WeightEntry, spoken
from layerfix.containers.tensors import open_tensors
from layerfix.dialects.relay import stored_count
from layerfix.errors import GraphError
from layerfix.graph.loading import put, put_stored, recompute
from layerfix.model import Layer, Model

_OF_TRACING = frozenset({"events", "memory", "adopted", "tracked", "given_layer"})


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
    layer: Any
    group: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """A live variable and the stored tensor that is its value; `variable` is None where the layout changes."""

    home: Home
    variable: Any
    stored: WeightEntry


def layer_homes(architecture: Model, model: Any, groups: Mapping[str, str], prefix: str = "") -> Iterator[Home]:
    """Every layer that is no model, with its group.

    Args:
        architecture: of `model`.
        model: the live model.
        groups: `Checkpoint.homes`.
    """
    for record in architecture.weighted:
        yield from _inside(record, model.get_layer(record.name), groups, f"{prefix}{record.stored_name}")


def _inside(record: Layer, layer: Any, groups: Mapping[str, str], path: str) -> Iterator[Home]:
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
    if home.record.relay is not None or home.record.composed:
        own = _own(stored, "")
        wanted = stored_count(home.record, len(home.layer.weights))
        if len(own) != wanted:
            raise _missing(home, checkpoint, f"{wanted} variables", own)
        yield from (Held(home, None, weight) for weight in own)
        return
    places = {place.rpartition("vars/")[0] for place in stored}
    objects = list(_objects(home.layer, "", places, checkpoint.keras_version or ""))
    for item, place in objects:
        variables = own_variables(item)
        own = _own(stored, place) if place is not None else []
        if len(own) == len(variables):
            yield from (Held(home, variable, weight) for variable, weight in zip(variables, own, strict=True))
        elif own or (strict and not _is_seed(item)):
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


def own_variables(item: Any) -> list[Any]:
    """The variables that Keras saves for an object itself."""
    if isinstance(item, keras.Layer):
        return [*item._trainable_variables, *item._non_trainable_variables]
    return [item.state] if _is_seed(item) else []


def _is_seed(item: Any) -> bool:
    return isinstance(item, keras.random.SeedGenerator)


def _objects(item: Any, place: str, places: set[str], version: str) -> Iterator[tuple[Any, str | None]]:
    """Every object below a live layer that has variables of its own, with its place in the file; None where it has none there."""
    seen: set[int] = set()
    found = list(_visit(item, place, places, version, seen))
    yield from found
    known = {id(one) for one, _ in found}
    if isinstance(item, keras.Layer):
        yield from ((one, None) for one in item._flatten_layers() if id(one) not in known and own_variables(one))


def _visit(item: Any, place: str, places: set[str], version: str, seen: set[int]) -> Iterator[tuple[Any, str]]:
    seen.add(id(item))
    if own_variables(item):
        yield item, place
    for name, child in _attributes(item, version):
        if isinstance(child, KerasSaveable):
            if id(child) not in seen:
                yield from _child(child, [f"{place}{name}/", f"{place}_{name}/"], places, version, seen)
        elif isinstance(child, list | tuple | dict):
            yield from _container(child, f"{place}{name}/", places, version, seen)


def _child(child: Any, named: Sequence[str], places: set[str], version: str, seen: set[int]) -> Iterator[tuple[Any, str]]:
    """The first of these names that the file has something under (Keras 3 says `query_dense` for what was `_query_dense`)."""
    place = next((name for name in named if any(path.startswith(name) for path in places)), None)
    if place is not None:
        yield from _visit(child, place, places, version, seen)


def _container(items: Any, place: str, places: set[str], version: str, seen: set[int]) -> Iterator[tuple[Any, str]]:
    counts: Counter[str] = Counter()
    twice = place.endswith(f"{CONTAINERS[1]}/") and not version.startswith("2.14")
    for child in items.values() if isinstance(items, dict) else items:
        saved = id(child) in seen
        if isinstance(child, list | tuple | dict):
            name = "container"
        elif isinstance(child, KerasSaveable) and not (saved and version.startswith(("2.14", "2.15"))):
            name = snake_case(_class_name(child))
        else:
            continue
        numbered = f"{place}{name}_{counts[name]}/" if counts[name] else f"{place}{name}/"
        counts[name] += 2 if twice and child.weights else 1
        if name == "container" and not isinstance(child, KerasSaveable):
            yield from _container(child, numbered, places, version, seen)
        elif not saved:
            yield from _child(child, [numbered], places, version, seen)


def _class_name(item: Any) -> str:
    """As the file knows the class: layers that user code makes are traced ones of another class."""
    return str(getattr(item, "legacy_class", None) or type(item).__name__)


def _attributes(item: Any, version: str) -> list[tuple[str, Any]]:
    """An object's attributes in the order in which its release visits them, those of Keras' own base classes left out."""
    listed = sorted({*dir(item), *vars(item)})  # a traced layer lists none of its own
    names = [name for name in listed if not name.startswith("__") and name not in _skipped(item)]
    if version.startswith("2.15"):
        names = sorted(names, reverse=True)
    elif not version.startswith("2."):
        names = sorted(names, key=lambda name: f"~{name}" if name.startswith("_") else name)
    found = [(name, item.layers) for name in CONTAINERS] if isinstance(item, keras.Model) else []
    return found + [(name, value) for name in names if (value := _attribute(item, name)) is not None]


def _attribute(item: Any, name: str) -> Any:
    try:
        return getattr(item, name)
    except Exception:  # a property may raise anything
        return None


def _skipped(item: Any) -> frozenset[str]:
    kind = keras.Sequential if isinstance(item, keras.Sequential) else keras.Model if isinstance(item, keras.Model) else keras.Layer
    if kind not in _OF_BASE:
        reference = kind()
        _OF_BASE[kind] = frozenset({*dir(reference), *vars(reference)}) | _OF_TRACING
    return _OF_BASE[kind]


_OF_BASE: dict[Any, frozenset[str]] = {}

"""The raw config that an upgrade ends with, as records: what leaves the dialects is typed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import numpy as np

from layerfix.containers.config import WRAPPED, layer_name
from layerfix.dialects.records import Entry, is_entry, layer_class, understood
from layerfix.errors import GraphError
from layerfix.model import Argument, Call, Layer, Masked, Model, Tensor

_GRAPH = frozenset({"layers", "input_layers", "output_layers"})


def as_model(entry: Entry) -> Model:
    """The records of an upgraded model entry.

    Raises:
        GraphError: for a call that is stated as no Keras does, naming the layer.
    """
    config = entry["config"]
    names = frozenset(map(layer_name, config["layers"]))
    layers = tuple(_layer(child, names) for child in config["layers"])
    if layer_class(entry) == "Sequential":
        return Model("Sequential", layer_name(entry), layers)
    with understood(layer_name(entry)):
        inputs, outputs = _ends(config["input_layers"]), _ends(config["output_layers"])
    return Model("Functional", layer_name(entry), layers, inputs, outputs)


def _layer(entry: Entry, names: Collection[str]) -> Layer:
    config = entry["config"] if isinstance(entry["config"], Mapping) else {}
    custom = bool(entry.get("custom"))
    class_name, name = layer_class(entry), layer_name(entry)
    nested = class_name in {"Functional", "Sequential"} and "layers" in config and not custom
    wrapped = {key: _layer(part, names) for key in WRAPPED if is_entry(part := config.get(key))}
    cells = _entries(config.get("cells"))
    inner = {*wrapped, *(["cells"] if cells else []), *(_GRAPH if nested else [])} if not custom else set()
    return Layer(
        class_name=class_name,
        name=name,
        settings={key: value for key, value in config.items() if key not in inner},
        calls=_calls(name, entry.get("inbound_nodes") or (), names),
        custom=custom,
        model=as_model(entry) if nested else None,
        wrapped=wrapped,
        cells=tuple(_layer(cell, names) for cell in cells),
        operation=entry.get("operation"),
        legacy_name=entry.get("legacy_name"),
        relay=entry.get("relay"),
        composed=bool(entry.get("composed")),
        mask_lost=bool(entry.get("mask_lost")),
        unmasked=bool(entry.get("unmasked")),
        channels=entry.get("channels"),
        expression=entry.get("expression"),
        masked=Masked(as_model(entry["masked"]), bool(entry.get("mask_passes"))) if "masked" in entry else None,
        recursion=entry.get("recursion"),
    )


def _entries(value: object) -> list[Entry]:
    return value if isinstance(value, list) and all(map(is_entry, value)) else []


def _calls(name: str, nodes: Iterable[object], names: Collection[str]) -> tuple[Call, ...]:
    with understood(name):
        return tuple(_call(node, names) for node in nodes)


def _call(node: Any, names: Collection[str]) -> Call:
    """One inbound node: Keras 3 states all arguments, Keras 2 a list or dict of [layer, call, tensor, keyword arguments]."""
    if isinstance(node, Mapping) and node.keys() == {"args", "kwargs"}:
        return Call(tuple(stated(node["args"])), stated(node["kwargs"]), complete=True)
    if isinstance(node, Mapping):
        return Call(({key: _tensor(value) for key, value in node.items()},))
    items = [node] if _is_reference(node, names) else node
    inputs = [_tensor(item) for item in items]
    keywords = [item[3] for item in items if len(item) > 3 and item[3]]
    kwargs = {key: _argument(value, names) for given in keywords for key, value in given.items()}
    return Call((inputs[0] if len(inputs) == 1 else inputs,), kwargs)


def _is_reference(value: object, names: Collection[str]) -> bool:
    return isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str) and value[0] in names and type(value[1]) is int


def _tensor(reference: Any) -> Tensor:
    layer, call, place = reference[:3]
    if not (isinstance(layer, str) and type(call) is int and type(place) is int):
        raise TypeError(f"{reference!r} refers to no tensor")
    return Tensor(layer, call, place)


def _argument(value: object, names: Collection[str]) -> Argument:
    """A keyword argument of Keras 2: references to tensors, alone or in lists, and constants."""
    if _is_reference(value, names):
        return _tensor(value)
    return [_argument(item, names) for item in value] if isinstance(value, list) else value


def stated(value: object) -> Argument:
    """An argument as Keras 3 serializes it (keras 3.15, serialization_lib.py, `serialize_keras_object`)."""
    if isinstance(value, list):
        items = [stated(item) for item in value]
        return tuple(items) if any(isinstance(item, slice) or item is ... for item in items) else items
    if not isinstance(value, Mapping):
        return value
    inner: Any = value.get("config")
    match value.get("class_name"):
        case "__keras_tensor__":
            return _tensor(inner["keras_history"])
        case "__slice__":
            return slice(*(stated(inner[key]) for key in ("start", "stop", "step")))
        case "__ellipsis__":
            return ...
        case "__tuple__":
            return tuple(stated(item) for item in value.get("items", inner))
        case "__tensor__" | "__numpy__":
            return np.asarray(inner["value"], inner["dtype"])
        case None:
            return {key: stated(item) for key, item in value.items()}
    raise GraphError(f"a call takes an object of class {value['class_name']}, which is not known here.")


def _ends(references: object) -> Argument:
    """What `input_layers` or `output_layers` name, in their structure."""
    if isinstance(references, Mapping):
        return {key: _ends(value) for key, value in references.items()}
    if not isinstance(references, list):
        raise TypeError(f"{references!r} refers to no tensor")
    if len(references) == 3 and isinstance(references[0], str):
        return _tensor(references)
    found = [_ends(item) for item in references]
    return found[0] if len(found) == 1 else found

"""Graphs as Keras 3 states them: operations by class, calls with all their arguments (keras 3.15, models/functional.py)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any

import keras
import numpy as np

from layerfix.containers.groups import snake_case
from layerfix.dialects.keras3.graph import OPERATION_MODULES
from layerfix.errors import GraphError

Outputs = Mapping[tuple[str, int], Sequence[Any]]


def stated_operation(entry: Mapping[str, Any]) -> Any:
    """An operation of `keras.src.ops` by class and settings.

    Raises:
        GraphError: where today's Keras has none of that name, or it takes other settings.
    """
    stated = entry["config"]
    assert stated["module"] in OPERATION_MODULES
    found = getattr(import_module(f"keras.src.ops.{stated['module']}"), stated["operation"], None)
    if not (isinstance(found, type) and issubclass(found, keras.Operation) and not issubclass(found, keras.Layer)):
        raise GraphError(
            f"today's Keras has no operation {stated['operation']} among its {stated['module']} operations.", where=entry["name"]
        )
    try:
        return found(**stated_arguments(stated["config"], {}))
    except Exception as error:
        reason = " ".join(str(error).split())[:300]
        raise GraphError(f"operation {stated['operation']} does not take what the file states: {reason}", where=entry["name"]) from error


def stated_arguments(value: Any, outputs: Outputs) -> Any:
    """Arguments of a call with their tensors in place (keras 3.15, serialization_lib.py, `serialize_keras_object`).

    Raises:
        KeyError: with (layer, call) where a tensor is not there yet.
    """
    if isinstance(value, list):
        items = [stated_arguments(item, outputs) for item in value]
        return tuple(items) if any(isinstance(item, slice) or item is ... for item in items) else items
    if not isinstance(value, Mapping):
        return value
    inner: Any = value.get("config")
    match value.get("class_name"):
        case "__keras_tensor__":
            name, call, place = inner["keras_history"]
            return outputs[name, call][place]
        case "__slice__":
            return slice(*(stated_arguments(inner[key], outputs) for key in ("start", "stop", "step")))
        case "__ellipsis__":
            return ...
        case "__tuple__":
            return tuple(stated_arguments(item, outputs) for item in value.get("items", inner))
        case "__tensor__" | "__numpy__":
            return np.asarray(inner["value"], inner["dtype"])
        case None:
            return {key: stated_arguments(item, outputs) for key, item in value.items()}
    raise GraphError(f"a call takes an object of class {value['class_name']}, which is not known here.")


def name_operations(ends: Sequence[Any], taken: Collection[str]) -> None:
    """Gives every operation between layers a name of its own: Keras counts them over all models of a process, and takes no name twice.

    Args:
        ends: the tensors that a functional model ends in.
        taken: names of its layers.
    """
    used, seen, waiting = set(taken), set(), list(ends)
    found: list[Any] = []
    while waiting:
        operation, node, _ = waiting.pop(0)._keras_history
        if id(operation) not in seen and not isinstance(operation, keras.Layer):
            found.append(operation)
        if (id(operation), node) not in seen:
            seen |= {id(operation), (id(operation), node)}
            waiting += operation._inbound_nodes[node].input_tensors
    for operation in found:
        stem = snake_case(type(operation).__name__)
        number = 0
        while (name := f"{stem}_{number}" if number else stem) in used:
            number += 1
        operation.name = name
        used.add(name)


__all__ = ["name_operations", "stated_arguments", "stated_operation"]

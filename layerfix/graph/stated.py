"""Graphs as Keras 3 states them: operations by class, calls with all their arguments (keras 3.15, models/functional.py)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from importlib import import_module
from typing import Any

import keras

from layerfix.containers.groups import snake_case
from layerfix.dialects.keras3.graph import OPERATION_MODULES
from layerfix.errors import GraphError, reason
from layerfix.model import StatedOperation


def stated_operation(stated: StatedOperation, name: str) -> Any:
    """An operation of `keras.src.ops` by class and settings, for the node of that name.

    Raises:
        GraphError: where today's Keras has none of that name, or it takes other settings.
    """
    assert stated.module in OPERATION_MODULES
    found = getattr(import_module(f"keras.src.ops.{stated.module}"), stated.class_name, None)
    if not (isinstance(found, type) and issubclass(found, keras.Operation) and not issubclass(found, keras.Layer)):
        raise GraphError(f"today's Keras has no operation {stated.class_name} among its {stated.module} operations.", where=name)
    try:
        return found(**stated.settings)
    except Exception as error:
        raise GraphError(f"operation {stated.class_name} does not take what the file states: {reason(error)}", where=name) from error


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


__all__ = ["name_operations", "stated_operation"]

"""A said config as Keras 2.13 to 2.15 write it into a `.keras` archive: each object states its module and registered name.

Source: tensorflow 2.15, keras/src/saving/serialization_lib.py (`serialize_keras_object`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ENDS = {"_initializer": "keras.initializers", "_regularizer": "keras.regularizers", "_constraint": "keras.constraints"}
_INNER = frozenset({"layer", "backward_layer", "cell"})
_MODULES = {
    "Functional": ("keras.src.engine.functional", "Functional"),
    "Sequential": ("keras", None),
    "TFOpLambda": ("keras.src.layers.core.tf_op_layer", "TFOpLambda"),
    "SlicingOpLambda": ("keras.src.layers.core.tf_op_layer", "SlicingOpLambda"),
    "Policy": ("keras.mixed_precision", None),
}


def with_modules(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A layer or model of Keras' own, and all in it, with modules."""
    name = str(entry["class_name"])
    module, registered = _MODULES.get(name, ("keras.layers", None))
    custom = ">" in name
    told = {"module": None, "registered_name": name} if custom else {"module": module, "registered_name": registered}
    return {**entry, **told, "config": {key: _value(key, value) for key, value in entry["config"].items()}}


def _value(key: str, value: object) -> Any:
    if key in ("layers", "cells") and isinstance(value, list):
        return [with_modules(item) for item in value]
    if not isinstance(value, Mapping) or "class_name" not in value:
        return value
    if key in _INNER:
        return with_modules(value)
    if key == "dtype":
        return {**value, "module": "keras.mixed_precision", "registered_name": None}
    module = next((module for end, module in _ENDS.items() if key.endswith(end)), None)
    return {**value, "module": module, "registered_name": None} if module is not None else value

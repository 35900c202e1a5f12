"""How Keras 3 states a graph: operations as nodes beside layers, and calls by their whole arguments."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from layerfix.dialects.as_model import stated
from layerfix.dialects.keras2.composed import become_operation
from layerfix.dialects.records import Source, layer_class, understood
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.legacy.operations import MODULES
from layerfix.legacy.packages import plain_class
from layerfix.model import StatedOperation

OPERATION_MODULES = frozenset({"numpy", "nn", "core", "math", "image", "linalg", "einops"})
"""Modules of `keras.src.ops` whose operations stand in graphs."""
_PUBLIC = frozenset(
    ["keras", "builtins"]
    + [
        f"keras.{name}"
        for name in ["layers", "initializers", "regularizers", "constraints", "activations", "losses", "metrics", "optimizers", "random"]
    ]
)

_CODE = frozenset({"__lambda__", "TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer"})
"""What holds code, or the place of some."""


def without_modules(value: object, custom: frozenset[str]) -> Any:
    """A config in which no module is named that deserialization would import, beside Keras' public ones.

    Keras 2.12 and later write the module of every object, a user's own too, and import it at a load (keras 3.15, serialization_lib.py,
    `_retrieve_class_or_fn`). Objects of the user's are found by their names instead, among the classes that the user gives.
    """
    if isinstance(value, list):
        return [without_modules(item, custom) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("class_name") == "__numpy__" and isinstance(value.get("config", {}).get("value"), int | float):
        return value["config"]["value"]  # a number, as Keras 2.12 wrote those of ReLU
    found = {key: without_modules(item, custom) for key, item in value.items()}
    if "module" in found and isinstance(found.get("class_name"), str):
        name = plain_class(found["class_name"])
        own = name in custom or found["module"] not in _PUBLIC
        if own and "inbound_nodes" not in found:
            found |= {"module": None, "class_name": name, "registered_name": name}
    return found


def imported_by_a_load(value: object, custom: Collection[str]) -> str | None:
    """The first object of a config for which Keras' own loader would import or run what the file names; None where it is safe to load.

    Args:
        value: a whole config.
        custom: names of the classes and functions that the user gives.
    """
    items = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    if isinstance(value, dict) and isinstance(value.get("class_name"), str):
        name, module = plain_class(value["class_name"]), value.get("module")
        if name == "function" and isinstance(value.get("config"), str):
            name = plain_class(value["config"])
        if name in _CODE:
            return name
        if module is not None and name not in custom and not str(module).startswith("keras.src.") and module not in _PUBLIC:
            return f"{module}.{name}"
    return next((found for item in items if (found := imported_by_a_load(item, custom))), None)


def operation_entry(source: Source, entry: Entry) -> str | None:
    """An operation called on Keras tensors is a node of its own, by the class in `keras.src.ops` (keras 3.0, operation.py)."""
    package, _, module = str(entry.get("module") or _module_of(source, entry)).rpartition(".")
    if not source.is_keras3 or package not in {"keras.src.ops", "keras.ops"}:
        return None
    if module not in OPERATION_MODULES:
        raise GraphError(f"the operation {entry['class_name']} of {entry['module']} is not known here.", where=entry["name"])
    with understood(entry["name"]):
        settings = stated(_plain(entry["config"]))
    become_operation(entry, StatedOperation(entry["class_name"], module, settings))
    return None


def _module_of(source: Source, entry: Entry) -> str | None:
    """Where an operation lives, as an `.h5` leaves it out: every layer of Keras states whether it is trainable, no operation does (keras
    3.3, layer.py and operation.py, `get_config`; its own loader takes an operation there for the layer of that name).
    """
    if layer_class(entry) not in MODULES or layer_class(entry) in source.custom or "trainable" in entry["config"]:
        return None
    return f"keras.ops.{MODULES[layer_class(entry)]}"


def merged_masks(source: Source, entry: Entry) -> str | None:
    """A layer that takes a list of tensors handed on no mask until Keras 3.4 (keras 3.3, layer.py, `__call__`, `previous_mask`)."""
    nodes = [node for node in entry.get("inbound_nodes") or () if isinstance(node, dict)]
    if source.release < (3, 4) and any(isinstance(argument, list) for node in nodes for argument in node.get("args", ())[:1]):
        entry["mask_lost"] = True
    return None


def _plain(config: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.items() if key not in {"name", "trainable", "dtype"} or not isinstance(value, dict)}


def stated_calls(source: Source, entry: Entry) -> str | None:
    """Calls with `args` and `kwargs`: `training` is left to the call of the whole model."""
    if not source.is_keras3:
        return None
    for layer in entry["config"]["layers"]:
        for node in layer.get("inbound_nodes") or ():
            if isinstance(node, dict) and isinstance(node.get("kwargs"), dict) and not node["kwargs"].get("training"):
                node["kwargs"].pop("training", None)
    return None


def initializer_names(source: Source, entry: Entry) -> str | None:
    """`OrthogonalInitializer` is what Keras 3.0 to 3.5 called Orthogonal (keras 3.3, random_initializers.py)."""
    for value in entry["config"].values():
        if isinstance(value, dict) and value.get("class_name") == "OrthogonalInitializer":
            value["class_name"] = "Orthogonal"
    return None

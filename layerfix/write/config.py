"""Constructor arguments merged into a `model_config`, in models of any depth."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.errors import WriteError


def merge_arguments(config: Mapping[str, object], arguments: Mapping[str, Mapping[str, object]]) -> dict[str, Any]:
    """A copy of the config in which the named layers have these arguments, whatever else they had.

    Args:
        config: decoded `model_config`.
        arguments: by layer path, outer models first ("encoder/denoising_layer_1").

    Raises:
        WriteError: where the config has no such layer.
    """
    merged = copy.deepcopy(dict(config))
    for path, values in arguments.items():
        entry = _find(merged, path)
        if entry is None:
            raise WriteError(f"its model_config has no layer {path!r} to take the arguments {sorted(values)}.")
        if not isinstance(entry.get("config"), dict):
            entry["config"] = {}
        entry["config"].update(copy.deepcopy(dict(values)))
    return merged


def _find(model: Mapping[str, object], path: str) -> dict[str, Any] | None:
    """The raw entry of a layer. Layer names may hold slashes themselves, so every prefix is tried."""
    for entry in layer_list(model) or ():
        name = layer_name(entry)
        if path == name:
            return entry if isinstance(entry, dict) else None
        if path.startswith(f"{name}/") and (found := _find(_model_in(entry), path[len(name) + 1 :])) is not None:
            return found
    return None


def _model_in(entry: Mapping[str, object]) -> Mapping[str, Any]:
    """The entry itself, or the model that a wrapper such as `TimeDistributed(encoder)` holds."""
    settings = entry.get("config")
    inner = settings.get("layer") if isinstance(settings, Mapping) else None
    return inner if isinstance(inner, Mapping) and not layer_list(entry) else entry

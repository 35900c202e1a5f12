"""Constructor arguments that a file lost and somebody states, filled into its config."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.wrapped import wrapped_model
from layerfix.legacy.packages import plain_class


def with_arguments(
    settings: Mapping[str, object], arguments: Mapping[str, Mapping[str, object]], custom: frozenset[str]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """The config with constructor arguments filled in, and the arguments used by layer path."""
    filled = copy.deepcopy(dict(settings))
    used: dict[str, dict[str, Any]] = {}
    _fill(filled, arguments, custom, "", used)
    return filled, used


def _fill(
    settings: dict[str, Any],
    arguments: Mapping[str, Mapping[str, object]],
    custom: frozenset[str],
    prefix: str,
    used: dict[str, dict[str, Any]],
) -> None:
    for entry in layer_list(settings) or layer_list(wrapped_model(settings.get("config")) or {}) or []:
        path = f"{prefix}/{layer_name(entry)}" if prefix else layer_name(entry)
        _fill(dict(entry), arguments, custom, path, used)
        inner = entry["config"]
        wrapped = inner.get("layer") if isinstance(inner, dict) else None
        target = wrapped if isinstance(wrapped, dict) and plain_class(wrapped.get("class_name")) in custom else entry
        class_name = plain_class(target["class_name"])
        if class_name not in custom:
            continue
        given: dict[str, Any] = {}
        for name in ("*", class_name, layer_name(entry), path):
            given.update(arguments.get(name, {}))
        target["config"].update(given)
        if given:
            used[path] = given

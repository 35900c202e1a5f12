"""Losses that today's Keras computes differently, named for the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layerfix.dialects.records import layer_class


def loss_notes(config: Mapping[str, Any], loss: Any) -> tuple[str, ...]:
    """What an upgraded model's loss computes differently in today's Keras, one clause each."""
    layers = config["config"]["layers"]
    stated = config["config"].get("output_layers")
    ends = _names(stated) if stated else {layers[-1]["name"]}
    behind = [
        layer["name"]
        for layer in layers
        if layer["name"] in ends and (layer["config"].get("activation") == "softmax" or layer_class(layer) == "Softmax")
    ]
    if not behind or "binary_crossentropy" not in str(loss):
        return ()
    return (
        f"binary_crossentropy behind the softmax of {', '.join(behind)} is another number: Keras 3 takes a sigmoid of the softmax's "
        "inputs instead of its outputs (predictions are the same)",
    )


def _names(references: Any) -> set[str]:
    """Layer names in `output_layers`, in any structure."""
    if isinstance(references, str):
        return {references}
    items = references.values() if isinstance(references, Mapping) else references if isinstance(references, list) else ()
    return set().union(*map(_names, items))

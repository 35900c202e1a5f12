"""A config that is cut in the middle: the layers in it that are whole."""

from __future__ import annotations

import json

MAX_LAYERS = 100_000


def whole_layers(text: str) -> tuple[str, ...]:
    """Names of the layers of an outermost model that a cut JSON text holds to their last brace."""
    start = text.find('"layers":')
    at = text.find("[", start) + 1 if start >= 0 else 0
    decoder = json.JSONDecoder()
    names: list[str] = []
    while 0 < at < len(text) and len(names) < MAX_LAYERS:
        try:
            layer, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        if not isinstance(layer, dict):
            break
        config = layer.get("config")
        name = layer.get("name") or (config.get("name") if isinstance(config, dict) else None)
        names.append(str(name or layer.get("class_name")))
        while at < len(text) and text[at] in ", \n\t":
            at += 1
    return tuple(names)

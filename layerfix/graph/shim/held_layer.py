"""The one layer that a wrapper holds, in its config and out of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from layerfix.graph.shim.base import LegacyLayer


def wrapped_config(layer: keras.layers.Layer) -> dict[str, Any]:
    """{"layer": config} of what a wrapper wraps, as one of today's class, so that a saved model needs no shim; {} for other layers."""
    inner = getattr(layer, "given_layer", None) or vars(layer).get("layer")
    if not isinstance(inner, keras.layers.Layer):
        return {}
    name = type(inner).__name__
    own = isinstance(inner, LegacyLayer)
    home = {"module": None, "registered_name": name} if own else {"module": "keras.layers", "registered_name": None}
    return {"layer": {"class_name": name, "config": inner.get_config(), **home}}


def with_wrapped(config: dict[str, Any], stock_class: Callable[[str], type]) -> dict[str, Any]:
    """A config whose wrapped layer is made; `stock_class` gives the class that legacy source gets for a stock layer's name."""
    inner = config.get("layer")
    if not isinstance(inner, dict):
        return dict(config)
    made = keras.saving.get_registered_object(inner["class_name"]) or stock_class(inner["class_name"])
    return {**config, "layer": made(**inner["config"])}

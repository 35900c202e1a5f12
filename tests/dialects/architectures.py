"""Small configs as releases wrote them, and what becomes of them."""

from __future__ import annotations

from typing import Any

import keras

from layerfix.dialects.upgrade import upgrade
from layerfix.graph.build import build_model


def functional(*layers: dict[str, Any], shape: list[int | None]) -> dict[str, Any]:
    """A model of one input `i` and layers that state their own calls; its output is the last one's."""
    config = {"name": "i", "batch_input_shape": [None, *shape], "dtype": "float32"}
    first = {"class_name": "InputLayer", "name": "i", "config": config, "inbound_nodes": []}
    ends = {"input_layers": [["i", 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    return {"class_name": "Functional", "config": {"name": "m", "layers": [first, *layers], **ends}}


def called(function: str, **given: Any) -> dict[str, Any]:
    """A TensorFlow function on the input, as tf.keras 2.4 and later wrote it."""
    name = "tf." + function.lower()
    node = [["i", 0, 0, given]] if function.startswith("_") else ["i", 0, 0, given]
    config = {"name": name, "trainable": True, "dtype": "float32", "function": function}
    return {"class_name": "TFOpLambda", "name": name, "config": config, "inbound_nodes": [node]}


def built(config: dict[str, Any], version: str, backend: str | None = "tensorflow") -> keras.Model:
    """The model that today's Keras makes of a config."""
    return build_model(upgrade(config, version, backend).model)

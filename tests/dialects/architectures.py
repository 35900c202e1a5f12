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
    return build_model(upgrade(config, version, backend).config)


def sequential(*layers: tuple[str, dict[str, Any]], shape: list[int | None] | None = None) -> dict[str, Any]:
    """A Sequential of (class, settings), its input shape in the first layer, as Keras wrote it until 2.3."""
    start = {"batch_input_shape": [None, *(shape or [8, 3])]}
    entries = [
        {"class_name": name, "config": {"name": f"layer_{place}", **({} if place else start), **config}}
        for place, (name, config) in enumerate(layers)
    ]
    return {"class_name": "Sequential", "config": entries}


Said = tuple[str, dict[str, Any]]
"""A layer's class and its settings."""


def today(
    *layers: tuple[str, dict[str, Any]],
    version: str | None = "2.2.4",
    backend: str | None = "tensorflow",
    shape: list[int | None] | None = None,
    custom: tuple[str, ...] = (),
) -> list[Said]:
    """What layers of a Sequential are in today's words, their names aside."""
    found = upgrade(sequential(*layers, shape=shape), version, backend, custom=custom).config["config"]["layers"][1:]
    return [(entry["class_name"], {key: value for key, value in entry["config"].items() if key != "name"}) for entry in found]


def rules(*layers: tuple[str, dict[str, Any]], version: str | None = "2.2.4", **options: Any) -> set[str]:
    """The rules that fired for layers of a Sequential."""
    shape = options.pop("shape", None)
    return {
        fired.name for fired in upgrade(sequential(*layers, shape=shape), version, options.pop("backend", "tensorflow"), **options).rules
    }

"""Small configs as releases wrote them, and what becomes of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import keras

from layerfix.dialects.upgrade import upgrade
from layerfix.graph.build import build_model
from layerfix.model import Layer


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


def sequential(*layers: tuple[str, dict[str, Any]], shape: list[int | None] | None = None) -> dict[str, Any]:
    """A Sequential of (class, settings), its input shape in the first layer, as Keras wrote it until 2.3."""
    start = {"batch_input_shape": [None, *(shape or [8, 3])]}
    entries = [
        {"class_name": name, "config": {"name": f"layer_{place}", **({} if place else start), **config}}
        for place, (name, config) in enumerate(layers)
    ]
    return {"class_name": "Sequential", "config": entries}


class Said(NamedTuple):
    """A layer in today's words.

    Attributes:
        class_name: of today's Keras.
        settings: its own, the name aside.
        parts: the layers that stand in its place, where it is several today.
    """

    class_name: str
    settings: dict[str, Any]
    parts: tuple[Said, ...] = ()


def said(layer: Layer) -> Said:
    """What a layer is in today's words."""
    settings = {key: value for key, value in layer.settings.items() if key != "name"}
    return Said(layer.class_name, settings, tuple(map(said, layer.model.layers)) if layer.model else ())


def today(
    *layers: tuple[str, dict[str, Any]],
    version: str | None = "2.2.4",
    backend: str | None = "tensorflow",
    shape: list[int | None] | None = None,
    custom: tuple[str, ...] = (),
) -> list[Said]:
    """What layers of a Sequential are in today's words."""
    found = upgrade(sequential(*layers, shape=shape), version, backend, custom=custom).model.layers[1:]
    return list(map(said, found))


def rules(*layers: tuple[str, dict[str, Any]], version: str | None = "2.2.4", **options: Any) -> set[str]:
    """The rules that fired for layers of a Sequential."""
    shape, backend = options.pop("shape", None), options.pop("backend", "tensorflow")
    return {fired.name for fired in upgrade(sequential(*layers, shape=shape), version, backend, **options).rules}

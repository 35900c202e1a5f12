"""What TensorFlow.js itself says too little or too much of its own layers, where a browser or node saved the model."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from layerfix.containers.config import inside
from layerfix.legacy.packages import plain_class
from layerfix.legacy.versions import BROWSER

Shapes = Mapping[str, tuple[int, ...]]


def settled(config: Mapping[str, Any], keras_version: str | None, shapes: Shapes) -> Mapping[str, Any]:
    """A config as its layers were made; the very same object where no browser wrote it.

    A separable convolution does not save its `depth_multiplier` (tfjs-layers 1.3 to 4.22, convolutional.ts, `getConfig`), which is the last
    size of its depthwise kernel. RNN says its cell's arguments a second time as its own (from 2.0 on; recurrent.ts, `getConfig`).

    Args:
        config: the model's.
        keras_version: as stated.
        shapes: of the stored weights, by name.
    """
    if not (keras_version or "").startswith(BROWSER):
        return config
    made: dict[str, Any] = copy.deepcopy(dict(config))
    for entry in _below(made):
        stated, name = entry.get("config"), plain_class(entry.get("class_name"))
        if not isinstance(stated, dict):
            continue
        kernel = shapes.get(f"{stated.get('name')}/depthwise_kernel", ())
        if name in {"SeparableConv1D", "SeparableConv2D"} and "depth_multiplier" not in stated and kernel:
            stated["depth_multiplier"] = kernel[-1]
        cell = stated.get("cell")
        if name == "RNN" and isinstance(cell, Mapping) and isinstance(cell.get("config"), Mapping):
            said = cell["config"]
            for key in said.keys() & stated.keys() - {"name", "trainable", "dtype"}:
                if stated[key] == said[key]:
                    del stated[key]
    return made


def _below(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every entry in another, at any depth."""
    for inner in inside(entry):
        yield inner
        yield from _below(inner)

"""Writes a model for TensorFlow.js: `model.json`, and beside it one file of weights (tfjs-converter, write_weights.py)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from layerfix.arrays import Array

SHARD = "group1-shard1of1.bin"


def write_browser_model(
    path: Path, shard: Path, config: Mapping[str, object], weights: Mapping[str, Sequence[tuple[str, Array]]], keras_version: str
) -> None:
    """Writes architecture and weights, no optimizer.

    Args:
        path: the `model.json`.
        shard: the file of weights, which `model.json` names SHARD.
        config: the architecture in the words of Keras 2.
        weights: by layer, (name, array) in order.
        keras_version: what the file states.
    """
    entries = []
    with shard.open("wb") as stream:
        for held in weights.values():
            for name, array in held:
                stored = np.ascontiguousarray(array, "<f4" if array.dtype.kind == "f" else "<i4")
                entries.append({"name": name.removesuffix(":0"), "shape": list(array.shape), "dtype": stored.dtype.name})
                stream.write(stored.tobytes())
    document = {
        "format": "layers-model",
        "generatedBy": f"keras v{keras_version}",
        "convertedBy": "layerfix",
        "modelTopology": {"keras_version": keras_version, "backend": "tensorflow", "model_config": config},
        "weightsManifest": [{"paths": [SHARD], "weights": entries}],
    }
    path.write_text(json.dumps(document), encoding="utf-8")

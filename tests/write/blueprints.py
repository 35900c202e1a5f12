"""Blueprints of sample models made from what their makers recorded, where a rebuilt graph would make them."""

from pathlib import Path

import numpy as np

from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.containers.config import tree, walk
from layerfix.containers.records import Checkpoint
from layerfix.write.order import frozen_paths, storage_order

SAMPLES = Path(__file__).parents[2] / "sample_models"


def lost_values(name: str) -> dict[str, np.ndarray]:
    """The recorded lost tensors of a sample by variable name, kernel before bias, in file order."""
    with np.load(SAMPLES / f"{name}.npz") as recorded:
        lost = [key for key in recorded.files if key.startswith("lost/")]
        return {key.removeprefix("lost/"): recorded[key] for key in sorted(lost, key=lambda key: (key.split("/")[1], "bias" in key))}


def blueprint_of(checkpoint: Checkpoint, lost: dict[str, np.ndarray]) -> tuple[Blueprint, dict[tuple[str, str], np.ndarray]]:
    """What a corrected graph needs, and the lost values by key."""
    assert checkpoint.config is not None
    nodes = tree(checkpoint.config)
    layers = [node for node in walk(nodes) if not node.is_model]
    specs: list[WeightSpec] = []
    for owner in (entry.name for entry in checkpoint.layers):
        mine = [spec for node in layers if node.owner == owner for spec in _specs(checkpoint, node, lost)]
        specs += storage_order(mine, frozen_paths(nodes))
    return Blueprint(tuple(specs), (), {}), {spec.key: lost[spec.name] for spec in specs if spec.hidden}


def _specs(checkpoint, node, lost):
    entry = checkpoint.layer(node.owner)
    assert entry is not None
    for weight in entry.weights:
        if weight.name.split("/")[-2] == node.name or len([n for n in walk(tree(checkpoint.config)) if n.owner == node.owner]) == 1:
            trainable = "moving" not in weight.name
            yield WeightSpec(node.owner, weight.name, node.path, weight.name, weight.shape, weight.dtype, None, trainable, False)
    for name, value in lost.items():
        if name.split("/")[0] == node.name:
            yield WeightSpec(node.owner, name, node.path, name, value.shape, "float32", None, True, True)

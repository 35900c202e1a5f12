"""Where a file keeps the weights of each layer of its config."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from layerfix.containers.config import LayerNode, walk

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint, WeightEntry


def stored_weights(checkpoint: Checkpoint, top: Sequence[LayerNode]) -> Mapping[str, tuple[WeightEntry, ...]]:
    """The stored weights of each layer by its path."""
    if checkpoint.is_v3:
        homes = checkpoint.homes
        return {node.path: tuple(checkpoint.below(homes[node.path]).values()) if node.path in homes else () for node in walk(top)}
    groups = {layer.name: layer.weights for layer in checkpoint.layers}
    return {node.path: _named(node, groups.get(node.owner, ())) for node in walk(top)}


def known_groups(checkpoint: Checkpoint, top: Sequence[LayerNode]) -> Mapping[str, str]:
    """For each layer's path the group that holds its top-level layer; in v3 files layers whose group no rule tells are left out."""
    if not checkpoint.is_v3:
        return {node.path: node.owner for node in walk(top)}
    return {node.path: "/".join(checkpoint.homes[node.path].split("/")[:2]) for node in walk(top) if node.path in checkpoint.homes}


def leaf(weight: WeightEntry) -> str:
    """The role at the end of a stored name: "conv1d_1/kernel_2:0" gives "kernel"."""
    return re.sub(r"(_\d+)?(:\d+)?$", "", weight.name.rsplit("/", 1)[-1])


def sublayers(weights: Sequence[WeightEntry]) -> int:
    """How many tracked layers inside a layer the names of its weights in Keras 3's layout show."""
    return len({weight.name.rpartition("vars/")[0] for weight in weights} - {""})


def _named(node: LayerNode, group: tuple[WeightEntry, ...]) -> tuple[WeightEntry, ...]:
    if node.path == node.owner:
        return group
    exact = tuple(weight for weight in group if node.name in weight.name.split("/"))
    # TensorFlow makes a scope unique when a session builds the layer again: "dense_1_1/kernel:0".
    return exact or tuple(weight for weight in group if any(_again(part, node.name) for part in weight.name.split("/")))


def _again(part: str, name: str) -> bool:
    return part.startswith(f"{name}_") and part[len(name) + 1 :].isdecimal()

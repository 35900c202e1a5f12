"""Where a file keeps the weights of each layer of its config."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from layerfix.containers.config import LayerNode, walk
from layerfix.containers.records import Checkpoint, WeightEntry
from layerfix.legacy.stock import WRAPPERS


def stored_weights(checkpoint: Checkpoint, top: Sequence[LayerNode]) -> Mapping[str, tuple[WeightEntry, ...]]:
    """The stored weights of each layer by its path."""
    groups = {layer.name: layer.weights for layer in checkpoint.layers}
    if is_v3(checkpoint):
        return {node.path: _below(groups.get(place[0], ()), place[1:]) for node, place in _places(top)}
    return {node.path: _named(node, groups.get(node.owner, ())) for node in walk(top)}


def known_groups(checkpoint: Checkpoint, top: Sequence[LayerNode]) -> Mapping[str, str]:
    """For each layer's path the group that holds its top-level layer.

    In Keras 3's layout layers whose group the file does not list are left out: releases differ in how they name them.
    """
    if not is_v3(checkpoint):
        return {node.path: node.owner for node in walk(top)}
    listed = {layer.name for layer in checkpoint.layers}
    return {node.path: place[0] for node, place in _places(top) if place[0] in listed}


def is_v3(checkpoint: Checkpoint) -> bool:
    """Whether it is in Keras 3's own layout."""
    return checkpoint.format in ("keras-v3", "weights-v3")


def leaf(weight: WeightEntry) -> str:
    """The role at the end of a stored name: "conv1d_1/kernel_2:0" gives "kernel"."""
    return re.sub(r"(_\d+)?(:\d+)?$", "", weight.name.rsplit("/", 1)[-1])


def sublayers(weights: Sequence[WeightEntry]) -> int:
    """How many tracked layers inside a layer the names of its weights in Keras 3's layout show."""
    return len({weight.name.rpartition("vars/")[0] for weight in weights} - {""})


def _places(nodes: Sequence[LayerNode], outer: tuple[str, ...] = ()) -> Iterator[tuple[LayerNode, tuple[str, ...]]]:
    """Keras 3 names a layer's group by its class and counts them model by model (keras 3.15, saving_lib.py, _save_container_state)."""
    seen: Counter[str] = Counter()
    for node in nodes:
        name = _snake(node.class_name)
        place = (*outer, f"layers/{name}_{seen[name]}" if seen[name] else f"layers/{name}")
        seen[name] += 1
        yield node, place
        yield from _places(node.children, (*place, "layer") if node.class_name in WRAPPERS else place)


def _snake(class_name: str) -> str:
    """keras 3.15, utils/naming.py, to_snake_case."""
    words = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", class_name))
    return re.sub("([a-z])([A-Z])", r"\1_\2", words).lower()


def _below(group: tuple[WeightEntry, ...], inner: tuple[str, ...]) -> tuple[WeightEntry, ...]:
    prefix = "".join(f"{name}/" for name in inner)
    return tuple(weight for weight in group if weight.name.startswith(prefix))


def _named(node: LayerNode, group: tuple[WeightEntry, ...]) -> tuple[WeightEntry, ...]:
    if node.path == node.owner:
        return group
    exact = tuple(weight for weight in group if node.name in weight.name.split("/"))
    # TensorFlow makes a scope unique when a session builds the layer again: "dense_1_1/kernel:0".
    return exact or tuple(weight for weight in group if any(_again(part, node.name) for part in weight.name.split("/")))


def _again(part: str, name: str) -> bool:
    return part.startswith(f"{name}_") and part[len(name) + 1 :].isdecimal()

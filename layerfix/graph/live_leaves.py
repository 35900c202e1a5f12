"""Layers of a live model that have weights of their own, with every place by which a checkpoint may know them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras
from keras.src.saving import saving_lib

from layerfix.matching.records import Leaf, outside_cells


class _Places(saving_lib.H5IOStore):
    """Notes where Keras would store each layer's variables."""

    def __init__(self) -> None:
        self.made: dict[str, dict[str, Any]] = {}

    def __bool__(self) -> bool:
        return True

    def make(self, path: str, metadata: object = None) -> dict[str, Any]:
        return self.made.setdefault(path, {})


def live_leaves(model: keras.Model) -> tuple[list[Leaf], dict[str, Any]]:
    """Layers of a built model with weights of their own, in the model's order, and each variable by its key in them."""
    places = _stored_places(model)
    attributes = dict(_attributes(model))
    leaves: list[Leaf] = []
    variables: dict[str, Any] = {}
    seen: set[int] = set()
    for layer in _ordered(model):
        own = [v for v in (*layer._trainable_variables, *layer._non_trainable_variables) if id(v) not in seen]
        if not own:
            continue
        seen |= {id(variable) for variable in own}
        place = frozenset(name for name in (*places.get(id(own[0]), ()), *attributes.get(id(layer), ())) if name)
        keys = tuple(f"{len(leaves)}/{position}" for position in range(len(own)))
        variables |= dict(zip(keys, own, strict=True))
        path = outside_cells(tuple(str(own[0].path).split("/")[:-1])) or (layer.name,)
        leaves.append(Leaf(path, tuple(v.name for v in own), tuple(tuple(v.shape) for v in own), place, len(leaves), keys))
    return leaves, variables


def _ordered(layer: keras.layers.Layer) -> Iterator[Any]:
    """A layer and those within it, in the order in which its author made them known to it."""
    yield layer
    for inner in layer._layers:
        yield from _ordered(inner)


def _stored_places(model: keras.Model) -> Mapping[int, list[str]]:
    """By first variable: the path at which Keras 3 stores its layer ("layers/dense_1")."""
    places = _Places()
    saving_lib._save_state(model, weights_store=places, assets_store=None, inner_path="", visited_saveables=set())
    found: dict[int, list[str]] = {}
    for path, variables in places.made.items():
        first = next(iter(variables.values()), None)
        if first is not None and not path.startswith("optimizer"):
            found.setdefault(id(first), []).append(path)
    return found


def _attributes(model: keras.Model) -> Iterator[tuple[int, list[str]]]:
    """Attribute paths of layers as object-based checkpoints of TensorFlow name them ("blocks/0", "layer_with_weights-1")."""
    found: dict[int, list[str]] = {}
    stack: list[tuple[str, Any, int]] = [("", model, 0)]
    seen: set[int] = set()
    while stack:
        path, value, depth = stack.pop(0)
        if isinstance(value, keras.layers.Layer):
            found.setdefault(id(value), []).append(path)
        if id(value) in seen or depth > 12:
            continue
        seen.add(id(value))
        stack += [(f"{path}/{name}".lstrip("/"), part, depth + 1) for name, part in _held(value)]
    yield from found.items()


def is_graph(model: keras.Model) -> bool:
    """Whether a model is one of layers that were called on each other, and no class of the user's with a `call` of its own."""
    return isinstance(model, (keras.Sequential, keras.src.models.functional.Functional))


_HIDDEN = frozenset({"_layers", "_metrics", "_tracker", "_loss_tracker", "_functional"})
"""Attributes of Keras' own that hold what other attributes hold too."""


def _held(value: Any) -> Iterator[tuple[str, Any]]:
    """What an object holds, by the names that checkpoints have for it."""
    if is_graph(value):
        weighty = [layer for layer in value.layers if layer.weights]
        yield from ((f"layer_with_weights-{number}", layer) for number, layer in enumerate(weighty))
    elif isinstance(value, keras.layers.Layer):
        kinds = (keras.layers.Layer, list, tuple, dict)
        yield from ((name, part) for name, part in vars(value).items() if name not in _HIDDEN and isinstance(part, kinds))
    elif isinstance(value, (list, tuple)):
        yield from ((str(number), part) for number, part in enumerate(value))
    elif isinstance(value, dict):
        yield from ((str(name), part) for name, part in value.items())

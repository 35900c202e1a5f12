"""Which objects of a TensorFlow checkpoint are the layers of a model, and the variables of each in the order in which Keras lists them.

A functional or Sequential model has a child `layer-N` for each of `model.layers` (tensorflow 2.15, engine/functional.py,
`_layer_checkpoint_dependencies`); a SavedModel also has lists `variables` and `trainable_variables` for every layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.object_graph import Node
from layerfix.containers.objects import reachable
from layerfix.errors import ReadError
from layerfix.legacy.packages import plain_class

_NO_PARTS = frozenset(["optimizer", "keras_api", "signatures", "root", "variables", "trainable_variables", "regularization_losses"])
"""What a model holds beside its layers: lists of the same variables, and what belongs to its training."""
_UNTRAINED = frozenset(
    ["moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev", "mean", "variance", "count", "vector_u", "sn_u"]
)
"""Attributes that hold what is never trained, whatever a layer's `trainable` says."""
_STATELESS = frozenset({"InputLayer", "StringLookup", "IntegerLookup", "TextVectorization"})
"""Layers without weights; what lookups know is brought into the config (`tables`)."""


def owners(config: Mapping[str, object], nodes: Sequence[Node], model: int) -> Iterator[tuple[str, list[int], list[int], dict[int, str]]]:
    """(layer's name, trained variables, other variables, which layer in it holds each) for each layer of a model's config."""
    for entry, number in paired(config, nodes, model):
        yield layer_name(entry), *layer_variables(entry, nodes, number), dict(_holders(entry, nodes, number, ""))


def _holders(entry: Mapping[str, object], nodes: Sequence[Node], number: int, place: str) -> Iterator[tuple[int, str]]:
    """(variable, "base/dense") for what the models in a model hold."""
    if layer_list(entry) and "layer-0" in nodes[number].children:
        for inner, at in paired(entry, nodes, number):
            yield from _holders(inner, nodes, at, f"{place}/{layer_name(inner)}")
    elif place:
        yield from ((one, place[1:]) for part in layer_variables(entry, nodes, number) for one in part)


def numbered_layers(nodes: Sequence[Node], model: int) -> list[int]:
    """The layers of a model, `layer-0` first."""
    children = nodes[model].children
    found: list[int] = []
    while f"layer-{len(found)}" in children:
        found.append(children[f"layer-{len(found)}"])
    return found


def paired(config: Mapping[str, Any], nodes: Sequence[Node], model: int) -> list[tuple[Mapping[str, Any], int]]:
    """Each layer of a model's config with its object. Releases differ in whether a Sequential's InputLayer counts.

    Raises:
        ReadError: where their numbers differ otherwise.
    """
    entries, objects = list(layer_list(config) or ()), numbered_layers(nodes, model)
    if len(objects) == len(entries) + 1 and entries and not _holds(nodes, objects[0]):
        objects = objects[1:]
    elif len(objects) == len(entries) - 1 and plain_class(entries[0]["class_name"]) == "InputLayer":
        entries = entries[1:]
    if len(entries) != len(objects):
        name = config.get("config", {}).get("name") if isinstance(config.get("config"), Mapping) else None
        raise ReadError(f"the model {name!r} has {len(entries)} layers in its config and {len(objects)} in its checkpoint.")
    return list(zip(entries, objects, strict=True))


def _holds(nodes: Sequence[Node], number: int) -> bool:
    return any(nodes[inner].value for inner, _ in reachable(nodes, number))


def layer_variables(entry: Mapping[str, object], nodes: Sequence[Node], number: int) -> tuple[list[int], list[int]]:
    """A layer's variables, (trained, not trained), in the order in which `.h5` files list them."""
    children = nodes[number].children
    if _is_stateless(entry):
        return [], []
    if layer_list(entry) and "layer-0" in children:
        parts = [layer_variables(inner, nodes, at) for inner, at in paired(entry, nodes, number)]
        return [one for part in parts for one in part[0]], [one for part in parts for one in part[1]]
    if "variables" in children and (every := listed(nodes, children["variables"])):
        trained = listed(nodes, children["trainable_variables"]) if "trainable_variables" in children else []
        return trained, [one for one in every if one not in set(trained)]
    # What is frozen counts as not trained, and then stands behind in an `.h5`.
    config = entry.get("config")
    frozen = isinstance(config, Mapping) and config.get("trainable", True) is False
    trained, rest = _gathered(nodes, number, set())
    return ([], [*trained, *rest]) if frozen else (trained, rest)


def _is_stateless(entry: Mapping[str, object]) -> bool:
    """Whether a layer has no weights, whatever it holds: layers that draw at random hold the state of their generator."""
    name = plain_class(entry["class_name"])
    return name in _STATELESS or name.startswith("Random")


def listed(nodes: Sequence[Node], number: int) -> list[int]:
    """The variables of a list, each once."""
    children = nodes[number].children
    ordered = (children[name] for name in sorted(filter(str.isdigit, children), key=int))
    return list(dict.fromkeys(one for one in ordered if _is_weight(nodes[one])))


def _is_weight(node: Node) -> bool:
    """Whether it is a variable, and no state of a random generator."""
    return bool(node.value) and not node.name.endswith("StateVar")


def _gathered(nodes: Sequence[Node], number: int, seen: set[int]) -> tuple[list[int], list[int]]:
    """An object's own variables, then those of the objects in it, in the order in which it got them."""
    seen.add(number)
    trained: list[int] = []
    rest: list[int] = []
    inner = []
    for name, child in nodes[number].children.items():
        if name in _NO_PARTS or child in seen:
            continue
        if _is_weight(nodes[child]):
            seen.add(child)
            (rest if name in _UNTRAINED else trained).append(child)
        else:
            inner.append(child)
    for child in inner:
        if child not in seen:
            one, two = _gathered(nodes, child, seen)
            trained, rest = trained + one, rest + two
    return trained, rest

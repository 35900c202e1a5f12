"""The architecture in a checkpoint as a tree of layers, whatever shape its `model_config` has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from layerfix.errors import ReadError
from layerfix.legacy.packages import of_another_package, plain_class

MODEL_CLASSES = frozenset({"Model", "Functional", "Sequential", "Container", "Network", "Graph"})
WRAPPER_CLASSES = frozenset({"Bidirectional", "TimeDistributed"})


@dataclass(frozen=True, slots=True)
class LayerNode:
    """One layer of the config.

    Attributes:
        path: its name behind those of the models around it: "encoder/denoising_layer_1". The outermost model's name is left out.
        name: its own name.
        class_name: as the file says, without a registration prefix ("Custom>Denoising_layer" gives "Denoising_layer").
        config: its constructor arguments.
        inbound: names of the layers that feed it, one tuple per call (several calls: a shared layer).
        children: the layers of a nested model; () otherwise.
        owner: the top-level layer that stores its weights.
        module: where Keras 3 says that the class lives ("keras.layers"); None in older files.
        is_foreign: whether the class is registered by, or lives in, a package that is not Keras, whatever its name.
        outputs: of the layers that feed it, which of their outputs each call takes, as `inbound` has them.
        keywords: the keyword arguments of its first call, as the file has them.
        built: what Keras 3, and tf.keras from 2.12 on, say of the shapes that it was built for.
    """

    path: str
    name: str
    class_name: str
    config: Mapping[str, Any]
    inbound: tuple[tuple[str, ...], ...]
    children: tuple[LayerNode, ...]
    owner: str
    module: str | None = None
    is_foreign: bool = False
    outputs: tuple[tuple[int, ...], ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)
    built: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_model(self) -> bool:
        """Whether it is a nested model."""
        return bool(self.children)


def tree(config: Mapping[str, object]) -> tuple[LayerNode, ...]:
    """The top-level layers of a `model_config` ({"class_name": "Model" | "Sequential" | ..., "config": dict | list}).

    Raises:
        ReadError: where the config has no list of layers.
    """
    return _children(config, prefix="", owner=None)


def walk(nodes: Sequence[LayerNode]) -> Iterator[LayerNode]:
    """Every layer, depth first, nested models before their layers."""
    for node in nodes:
        yield node
        yield from walk(node.children)


def layer_list(config: Mapping[str, object]) -> list[Mapping[str, Any]] | None:
    """The raw layer entries of a model config, or None where it is no model.

    Keras before 2.2.3 wrote the config of a Sequential as a bare list.
    """
    inner = config.get("config")
    if isinstance(inner, Mapping):
        inner = inner.get("layers")
    if isinstance(inner, list) and all(isinstance(entry, Mapping) and "class_name" in entry for entry in inner):
        return inner
    return None


WRAPPED = ("layer", "backward_layer", "cell")
"""Arguments of wrappers that are layers."""


def inside(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The raw entries that one holds: the layers of a model, what a wrapper wraps, stacked cells."""
    config = entry.get("config")
    held: list[Any] = config if isinstance(config, list) else []
    if isinstance(config, dict):
        listed = (config[key] for key in ("layers", "cells") if isinstance(config.get(key), list))
        held = [*chain.from_iterable(listed), *(config.get(key) for key in WRAPPED)]
    return (inner for inner in held if isinstance(inner, dict))


def layer_name(entry: Mapping[str, object]) -> str:
    """The name of a raw layer entry: Functional models state it beside the config, Sequential ones only inside."""
    inner = entry.get("config")
    return str(entry.get("name") or (inner.get("name") if isinstance(inner, Mapping) else None) or entry["class_name"])


def with_names(config: Mapping[str, object], names: Sequence[str]) -> Mapping[str, Any]:
    """The config with a name for every top-level layer; the very same object where none lacks one.

    Keras before 2.2.3 wrote a model inside a Sequential as a bare list without its name, which only the file's `layer_names` tell: nameless
    entries take the names that no other entry has, in order.
    """
    entries = layer_list(config) or []
    nameless = [index for index, entry in enumerate(entries) if not entry.get("name") and isinstance(entry.get("config"), list)]
    taken = {layer_name(entry) for index, entry in enumerate(entries) if index not in nameless}
    free = [name for name in names if name not in taken]
    if not nameless or len(free) != len(nameless):
        return config
    given = dict(zip(nameless, free, strict=True))
    named = [{**entry, "name": given[index]} if index in given else entry for index, entry in enumerate(entries)]
    inner = config["config"]
    return {**config, "config": {**inner, "layers": named} if isinstance(inner, Mapping) else named}


def _children(config: Mapping[str, object], prefix: str, owner: str | None) -> tuple[LayerNode, ...]:
    entries = layer_list(config)
    if entries is None:
        raise ReadError(f"its model_config (class {config.get('class_name')!r}) lists no layers.")
    return tuple(_node(entry, prefix, owner) for entry in entries)


def _node(entry: Mapping[str, Any], prefix: str, owner: str | None) -> LayerNode:
    name = layer_name(entry)
    path = f"{prefix}/{name}" if prefix else name
    owner = owner or name
    class_name = plain_class(entry["class_name"])
    nested = layer_list(entry) if class_name in MODEL_CLASSES or _looks_like_a_model(entry) else None
    inner, built = entry.get("config"), entry.get("build_config")
    calls = _inbound(entry.get("inbound_nodes"))
    return LayerNode(
        path=path,
        name=name,
        class_name=class_name,
        config=inner if isinstance(inner, Mapping) else {},
        inbound=tuple(tuple(name for name, _ in call) for call in calls),
        children=_children(entry, path, owner) if nested else (),
        owner=owner,
        module=entry["module"] if isinstance(entry.get("module"), str) else None,
        is_foreign=of_another_package(entry),
        outputs=tuple(tuple(number for _, number in call) for call in calls),
        keywords=_keywords(entry.get("inbound_nodes")),
        built=built if isinstance(built, Mapping) else {},
    )


def _looks_like_a_model(entry: Mapping[str, object]) -> bool:
    inner = entry.get("config")
    return isinstance(inner, Mapping) and {"layers", "input_layers", "output_layers"} <= inner.keys()


def _inbound(nodes: object) -> tuple[tuple[tuple[str, int], ...], ...]:
    if not isinstance(nodes, list):
        return ()
    return tuple(tuple(_sources(node)) for node in nodes)


def _sources(node: object) -> Iterator[tuple[str, int]]:
    """Layers and outputs in one inbound node: [[name, node, tensor, kwargs], ...] before Keras 3, {"args": ..., "keras_history"} in it."""
    if isinstance(node, Mapping):
        history = node.get("config", {}).get("keras_history") if node.get("class_name") == "__keras_tensor__" else None
        if history:
            yield str(history[0]), history[2] if len(history) > 2 and isinstance(history[2], int) else 0
            return
        for value in node.values():
            yield from _sources(value)
    elif isinstance(node, list):
        if len(node) >= 3 and isinstance(node[0], str) and isinstance(node[1], int) and isinstance(node[2], int):
            yield node[0], node[2]
            return
        for value in node:
            yield from _sources(value)


def _keywords(nodes: object) -> Mapping[str, Any]:
    """Those of the first call: behind its first tensor before Keras 3."""
    call = nodes[0] if isinstance(nodes, list) and nodes else None
    if isinstance(call, list):
        first = call[0] if call and isinstance(call[0], list) else call
        call = {"kwargs": first[3]} if len(first) > 3 else None
    given = call.get("kwargs") if isinstance(call, Mapping) else None
    return given if isinstance(given, Mapping) else {}

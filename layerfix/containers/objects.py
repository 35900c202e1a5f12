"""The objects of a TensorFlow checkpoint: which variables each layer holds, in the order in which Keras lists them.

Object-based checkpoints (tf.keras `save_weights`, SavedModel) store the graph of Python objects beside the tensors; Saver's hold names
alone. A functional or Sequential model has a child `layer-N` for each of `model.layers` (tensorflow 2.15, engine/functional.py,
`_layer_checkpoint_dependencies`); a SavedModel also has lists `variables` and `trainable_variables` for every layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.containers.bundle import BFLOAT16, DTYPES, STRING, BundleEntry, data_file, raw_bytes, read_index
from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.object_graph import CHECKSUM, KEY, Node, read_nodes
from layerfix.containers.protobuf import varint
from layerfix.containers.records import OptimizerEntry, Place, WeightEntry, WeightKey
from layerfix.errors import ReadError
from layerfix.legacy.packages import plain_class

OPTIMIZER = "optimizer_weights"
_NO_PARTS = frozenset(["optimizer", "keras_api", "signatures", "root", "variables", "trainable_variables", "regularization_losses"])
"""What a model holds beside its layers: lists of the same variables, and what belongs to its training."""
_UNTRAINED = frozenset(
    ["moving_mean", "moving_variance", "moving_stddev", "renorm_mean", "renorm_stddev", "mean", "variance", "count", "vector_u", "sn_u"]
)
"""Attributes that hold what is never trained, whatever a layer's `trainable` says."""
_STATELESS = frozenset({"InputLayer", "StringLookup", "IntegerLookup", "TextVectorization"})
"""Layers without weights; what lookups know is brought into the config (`tables`)."""
MAX_TEXT = 64 << 20
"""Bytes of a tensor of text: a vocabulary."""


@dataclass(frozen=True, slots=True)
class Objects:
    """An open checkpoint's index: where each tensor is by key, and the objects that hold them (() in a Saver's)."""

    prefix: Path
    shards: int
    entries: Mapping[str, BundleEntry]
    nodes: tuple[Node, ...]

    def place(self, key: str) -> Place | None:
        """Where a tensor of numbers is; None for text, and for keys that the index does not hold."""
        entry = self.entries.get(key)
        if entry is None or entry.kind not in DTYPES:
            return None
        dtype = "bfloat16" if entry.kind == BFLOAT16 else np.dtype(DTYPES[entry.kind]).name
        piece = (data_file(self.prefix, self.shards, entry.shard), entry.offset, entry.size)
        return Place((piece,), entry.shape, dtype)

    def text(self, key: str) -> list[str] | None:
        """A tensor of text: the lengths, a checksum of them, the bytes. None where the key holds none.

        Raises:
            ReadError: where it is cut off or larger than any vocabulary.
        """
        entry = self.entries.get(key)
        if entry is None or entry.kind != STRING:
            return None
        count = prod(entry.shape)
        if entry.size > MAX_TEXT or count > entry.size:
            raise ReadError(f"its text {key!r} is larger than any vocabulary.", where=str(self.prefix))
        raw, at, lengths = bytes(raw_bytes(self.prefix, self.shards, entry)), 0, []
        try:
            for _ in range(count):
                length, at = varint(raw, at)
                lengths.append(length)
        except ValueError as error:
            raise ReadError(f"its text {key!r} is damaged: {error}.", where=str(self.prefix)) from error
        found, at = [], at + CHECKSUM
        for length in lengths:
            found.append(raw[at : at + length].decode("utf-8", "surrogateescape"))
            at += length
        return found

    @property
    def files(self) -> tuple[Path, ...]:
        """The index and the data files that are there."""
        data = (data_file(self.prefix, self.shards, shard) for shard in range(self.shards))
        return (self.prefix.with_name(f"{self.prefix.name}.index"), *(file for file in data if file.is_file()))


def read_objects(prefix: Path) -> Objects:
    """The index of a checkpoint.

    Raises:
        ReadError: where the index or its object graph is damaged.
    """
    found, shards = read_index(prefix)
    graph = found.pop(KEY, None)
    try:
        nodes = read_nodes(bytes(raw_bytes(prefix, shards, graph))) if graph else ()
    except ValueError as error:
        raise ReadError(f"its object graph is damaged: {error}.", where=str(prefix), hint="Take another copy of it.") from error
    return Objects(prefix, shards, {key.decode("utf-8", "surrogateescape"): entry for key, entry in found.items()}, nodes)


def model_root(nodes: Sequence[Node]) -> int | None:
    """The nearest object that holds layers by number: the model itself, or one inside a `tf.train.Checkpoint`."""
    return next((number for number, _ in reachable(nodes, 0) if "layer-0" in nodes[number].children), None)


def reachable(nodes: Sequence[Node], start: int) -> Iterator[tuple[int, str]]:
    """Objects from one on with the path of attributes to each, nearest first, each once."""
    seen, queue = {start}, [(start, "")]
    for number, path in queue:
        yield number, path
        for name, child in nodes[number].children.items():
            if child not in seen:
                seen.add(child)
                queue.append((child, f"{path}/{name}" if path else name))


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


def layer_variables(entry: Mapping[str, Any], nodes: Sequence[Node], number: int) -> tuple[list[int], list[int]]:
    """A layer's variables, (trained, not trained), in the order in which `.h5` files list them."""
    children = nodes[number].children
    if _is_stateless(entry):
        return [], []
    if layer_list(entry) and "layer-0" in children:
        parts = [layer_variables(inner, nodes, at) for inner, at in paired(entry, nodes, number)]
        return [one for part in parts for one in part[0]], [one for part in parts for one in part[1]]
    if "variables" in children and (listed := _listed(nodes, children["variables"])):
        trained = _listed(nodes, children["trainable_variables"]) if "trainable_variables" in children else []
        return trained, [one for one in listed if one not in set(trained)]
    config = entry.get("config")
    frozen = isinstance(config, Mapping) and config.get("trainable", True) is False
    trained, rest = _gathered(nodes, number, set())
    return ([], [*trained, *rest]) if frozen else (trained, rest)


def _is_stateless(entry: Mapping[str, Any]) -> bool:
    """Whether a layer has no weights, whatever it holds: layers that draw at random hold the state of their generator."""
    name = plain_class(entry["class_name"])
    return name in _STATELESS or name.startswith("Random")


def _listed(nodes: Sequence[Node], number: int) -> list[int]:
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


class Gathering:
    """The records of a checkpoint under construction: weights by owner with their places, names unique in each owner."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.places: dict[WeightKey, Place] = {}

    def weights(self, owner: str, found: Sequence[tuple[str, str]]) -> tuple[WeightEntry, ...]:
        """The records of variables given as (name, key); text is left out."""
        entries, taken = [], set()
        for name, key in found:
            place = self._objects.place(key)
            if place is None:
                continue
            own, count = f"{name}:0", 0
            while own in taken:
                count += 1
                own = f"{name}_{count}:0"
            taken.add(own)
            self.places[owner, own] = place
            entries.append(WeightEntry(owner, own, place.shape, place.read_as))
        return tuple(entries)

    def variables(self, owner: str, numbers: Sequence[int]) -> tuple[WeightEntry, ...]:
        """The records of variables given as objects."""
        nodes = self._objects.nodes
        keyed = [(nodes[number], nodes[number].value) for number in numbers]
        return self.weights(owner, [(node.name or _attribute(key), key) for node, key in keyed if key])

    def optimizer(self, number: int, trained: Sequence[int], training: Mapping[str, Any] | None) -> OptimizerEntry | None:
        """The state of an optimizer, named as `.h5` files name it: "Adam/iter:0", "Adam/dense/kernel/m:0"."""
        stated = (training or {}).get("optimizer_config")
        stated = stated if isinstance(stated, Mapping) else {}
        class_name = str(stated["class_name"]) if "class_name" in stated else None
        config = stated.get("config")
        found = list(self._slots(number, plain_class(class_name or "optimizer"), trained))
        return OptimizerEntry(class_name, config if isinstance(config, Mapping) else {}, self.weights(OPTIMIZER, found))

    def _slots(self, number: int, name: str, trained: Sequence[int]) -> Iterator[tuple[str, str]]:
        nodes = self._objects.nodes
        inner = [one for one, path in reachable(nodes, number) if not path.startswith("_variables/")]
        for one in inner:
            children = nodes[one].children
            if "_variables" in children:  # Keras 2.11 and later
                listed = _listed(nodes, children["_variables"])
                yield from (
                    (nodes[slot].name, key) for slot in listed if (key := nodes[slot].value) and nodes[slot].name != "learning_rate"
                )
                return
            if "iter" in children and (key := nodes[children["iter"]].value):
                yield f"{name}/iter", key
            slots = {(original, kind): slot for original, kind, slot in nodes[one].slots}
            for kind in dict.fromkeys(kind for _, kind, _ in nodes[one].slots):
                for original in trained:
                    slot = slots.get((original, kind))
                    if slot is not None and (key := nodes[slot].value):
                        yield f"{name}/{nodes[original].name}/{kind}", key


def owners(config: Mapping[str, Any], nodes: Sequence[Node], model: int) -> Iterator[tuple[str, list[int], list[int]]]:
    """(layer's name, trained variables, other variables) for each layer of a model's config."""
    for entry, number in paired(config, nodes, model):
        yield layer_name(entry), *layer_variables(entry, nodes, number)


def _attribute(key: str) -> str:
    return key.split("/.ATTRIBUTES/")[0]

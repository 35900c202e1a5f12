"""SavedModel folders of tf.keras 1.15 to 2.15, read without TensorFlow; no function of theirs is run.

What Keras knows of a model is JSON: in `saved_model.pb` beside each object before TF 2.5, in `keras_metadata.pb` since
(tensorflow/core/protobuf/saved_object_graph.proto; keras 2.15, protobuf/saved_metadata.proto). Values are in `variables/`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from layerfix.containers.architecture import read_architecture
from layerfix.containers.config import layer_list
from layerfix.containers.damage import salvage_hint
from layerfix.containers.exported import load
from layerfix.containers.gathering import Gathering
from layerfix.containers.jsons import decode
from layerfix.containers.object_layers import owners
from layerfix.containers.objects import Objects, model_root, reachable, read_objects
from layerfix.containers.protobuf import fields, messages, text
from layerfix.containers.records import Checkpoint, LayerEntry
from layerfix.containers.saved_graph import GRAPH, OBJECT_GRAPH, OBJECTS, USER_OBJECT, meta_graph
from layerfix.containers.tables import with_vocabularies
from layerfix.containers.tf_checkpoint import read_tf_checkpoint
from layerfix.errors import NoCheckpointError, ReadError
from layerfix.legacy.packages import plain_class

METADATA = "keras_metadata.pb"
LOST = "layer was saved without config"
"""What stands for the config of a class that cannot tell it (tensorflow 2.4, saved_model/layer_serialization.py)."""


@dataclass(frozen=True, slots=True)
class KerasObject:
    """What Keras says of one object: "_tf_keras_layer" or its like, and its JSON."""

    node: int
    identifier: str
    told: Mapping[str, Any]


def read_saved_model(path: Path) -> Checkpoint:
    """The records of a SavedModel folder.

    Raises:
        ReadError: where a file of it is damaged or missing.
        NoCheckpointError: where no Keras model is in it; the sentence says what it holds.
    """
    prefix = path / "variables" / "variables"
    objects = read_objects(prefix) if prefix.with_name("variables.index").is_file() else Objects(prefix, 1, {}, ())
    try:
        found = sorted(keras_objects(path), key=lambda one: one.node)
    except (ValueError, UnicodeError) as error:
        raise ReadError(f"is damaged or cut off: {error}.", where=str(path / GRAPH), hint=salvage_hint(path)) from error
    exported = path / "assets" / "saved_model.json"
    if exported.is_file():  # tf.keras 1.12 to 1.15, export_saved_model (saved_model_experimental.py): checkpoint and JSON
        found_there = read_tf_checkpoint(prefix, (exported, read_architecture(exported)))
        return replace(found_there, path=path, format="saved-model", architecture=None)
    models = [one for one in found if one.identifier in {"_tf_keras_network", "_tf_keras_sequential", "_tf_keras_model"}]
    if not models:
        raise _no_keras(path, objects)
    if not prefix.with_name("variables.index").is_file():  # TensorFlow writes one even where nothing is to be stored
        missing = f"{prefix.relative_to(path)}.index is missing, and with it every weight"
        raise ReadError(f"{missing}.", where=str(path), hint="Take a whole copy of the folder.")
    return _checkpoint(path, objects, models[0], found)


def _checkpoint(path: Path, objects: Objects, model: KerasObject, found: list[KerasObject]) -> Checkpoint:
    told = model.told
    config = plain({"class_name": told.get("class_name"), "config": told.get("config")})
    training = plain(told.get("training_config"))
    functional = layer_list(config) is not None
    root = model_root(objects.nodes) if functional and objects.nodes else 0
    gathering = Gathering(objects)
    layers, trained = _layers(path, gathering, objects, config if functional else None, root or 0)
    optimizer = None
    if objects.nodes and "optimizer" in objects.nodes[root or 0].children:
        optimizer = gathering.optimizer(objects.nodes[root or 0].children["optimizer"], trained, training)
    files = (path / GRAPH, *(file for file in (path / METADATA,) if file.is_file()), *objects.files)
    return Checkpoint(
        path=path,
        format="saved-model",
        keras_version=str(told["keras_version"]) if told.get("keras_version") else _version(found),
        backend=str(told.get("backend") or "tensorflow"),
        config=with_vocabularies(config, path, objects, root or 0) if functional else None,
        training_config=training if isinstance(training, Mapping) else None,
        layers=layers,
        optimizer=optimizer,
        size=sum(file.stat().st_size for file in files if file.is_file()),
        own_class=None if functional else plain_class(told.get("class_name")),
        places=gathering.places,
        files=files,
    )


def _layers(
    path: Path, gathering: Gathering, objects: Objects, config: Mapping[str, object] | None, root: int
) -> tuple[tuple[LayerEntry, ...], list[int]]:
    """The layers of a model with its trained variables; those of a subclassed one by the attributes that hold them."""
    nodes, layers, trained = objects.nodes, [], []
    if not nodes:
        return (), []
    if config is None:
        held: dict[str, list[int]] = {}
        for number, place in reachable(nodes, root):
            if nodes[number].value and not place.startswith(("optimizer", "keras_api", "signatures")):
                held.setdefault(place.rpartition("/")[0] or place, []).append(number)
        return tuple(LayerEntry(owner, gathering.variables(owner, numbers)) for owner, numbers in held.items()), []
    try:
        for name, own, rest, inside in owners(config, nodes, root):
            trained += own
            layers.append(LayerEntry(name, gathering.variables(name, [*own, *rest], inside)))
    except ReadError as error:
        raise ReadError(error.message, where=str(path)) from error
    return tuple(layers), trained


def keras_objects(path: Path) -> Iterator[KerasObject]:
    """What Keras says of each object of a SavedModel. Raises ValueError on damage."""
    if (path / METADATA).is_file():
        for raw in messages(load(path / METADATA), 1):
            parts = dict(fields(raw))
            yield from _told(parts.get(2, 0), parts.get(4), parts.get(5), path / METADATA)
        return
    objects = (raw for graph in messages(meta_graph(path), OBJECT_GRAPH) for raw in messages(graph, OBJECTS))
    for number, raw in enumerate(objects):
        for user in messages(raw, USER_OBJECT):
            parts = dict(fields(user))
            yield from _told(number, parts.get(1), parts.get(3), path / GRAPH)


def _told(node: Any, identifier: Any, told: Any, place: Path) -> Iterator[KerasObject]:
    if isinstance(told, memoryview) and len(told) and isinstance(identifier, memoryview) and text(identifier).startswith("_tf_keras"):
        value = decode(bytes(told), str(place))
        if isinstance(value, Mapping):
            yield KerasObject(node, text(identifier), value)


def plain(value: object) -> Any:
    """A config in the words of `.h5` files: tuples and shapes as lists, without the numbers of shared objects.

    A class that could not tell its config is left with none, and its entry says so: "config_lost" (see `LOST`).
    """
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, Mapping):
        return value
    if value.get("class_name") in {"__tuple__", "TensorShape"} and isinstance(value.get("items"), list):
        return [plain(item) for item in value["items"]]
    lost = isinstance(value.get("config"), Mapping) and LOST in value["config"]
    kept = {key: plain(item) for key, item in value.items() if key not in {"shared_object_id", LOST}}
    return {**kept, "config_lost": True} if lost else kept


def _version(found: list[KerasObject]) -> str | None:
    return next((str(one.told["keras_version"]) for one in found if one.told.get("keras_version")), None)


def _no_keras(path: Path, objects: Objects) -> NoCheckpointError:
    """The sentence for a `tf.Module`, a `model.export()`, a frozen graph."""
    names = [key.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE") for key, entry in sorted(objects.entries.items()) if objects.place(key)]
    shown = ", ".join(names[:4]) + (", ..." if len(names) > 4 else "")
    held = f"{len(names)} variables ({shown})" if names else "no variables"
    hint = "Its variables can be a --donor; a model is built by its own code."
    return NoCheckpointError(
        f"is a SavedModel without anything of Keras (a tf.Module or an exported graph): it holds {held}.", where=str(path), hint=hint
    )

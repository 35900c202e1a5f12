"""TensorFlow checkpoints as Keras checkpoints: `model.save_weights("cp.ckpt")`, `tf.train.Checkpoint` and `tf.train.Saver`, with the
architecture beside them.

An object-based checkpoint tells by its objects whose a variable is. A Saver's knows names alone: "conv2d/kernel".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from layerfix.containers.architecture import MODEL_CONFIG_KEYS
from layerfix.containers.config import layer_list, layer_name
from layerfix.containers.gathering import Gathering
from layerfix.containers.object_layers import owners
from layerfix.containers.objects import Objects, model_root, read_objects
from layerfix.containers.records import Checkpoint, LayerEntry, OptimizerEntry
from layerfix.containers.tables import with_vocabularies
from layerfix.errors import NoCheckpointError, ReadError
from layerfix.legacy.packages import plain_class
from layerfix.legacy.weights import weights as stock_weights

Architecture = tuple[Path, Mapping[str, Any]]


def read_tf_checkpoint(path: Path, architecture: Architecture | None = None) -> Checkpoint:
    """The records of a checkpoint.

    Args:
        path: its prefix, "cp.ckpt" for "cp.ckpt.index".
        architecture: the file of the model's JSON or YAML, and what it says.

    Raises:
        ReadError: where the index is damaged, or holds other layers than the architecture.
        NoCheckpointError: where it holds no variables, and no architecture says that this is as it should be.
    """
    objects = read_objects(path)
    if architecture is None and not any(objects.place(key) for key in objects.entries):
        raise NoCheckpointError("is a TensorFlow checkpoint without variables.", where=str(path))
    stated = architecture[1] if architecture else {}
    config = {key: stated[key] for key in MODEL_CONFIG_KEYS if key in stated} or None
    gathering = Gathering(objects)
    root = model_root(objects.nodes) if objects.nodes else None
    layers, trained = _layers(path, gathering, objects, config, root)
    return Checkpoint(
        path=path,
        format="tf-checkpoint",
        keras_version=str(stated["keras_version"]) if stated.get("keras_version") else None,
        backend=str(stated.get("backend") or "tensorflow"),
        config=with_vocabularies(config, path, objects, root) if config and root is not None else config,
        training_config=None,
        layers=layers,
        optimizer=_optimizer(gathering, objects, root, trained),
        architecture=architecture[0] if architecture else None,
        size=sum(file.stat().st_size for file in objects.files),
        places=gathering.places,
        files=objects.files,
    )


def _layers(
    path: Path, gathering: Gathering, objects: Objects, config: Mapping[str, object] | None, root: int | None
) -> tuple[tuple[LayerEntry, ...], list[int]]:
    """The layers with their variables, and the trained variables of the model in order."""
    if config is None:
        return tuple(LayerEntry(owner, gathering.weights(owner, found)) for owner, found in _by_scope(objects).items()), []
    try:
        if root is None:
            held = _names(objects)
            found = _by_names(config, held)
            return tuple(LayerEntry(name, gathering.weights(name, own)) for name, own in found), []
        layers, trained = [], []
        for name, own, rest, inside in owners(config, objects.nodes, root):
            layers.append(LayerEntry(name, gathering.variables(name, [*own, *rest], inside)))
            trained += own
        return tuple(layers), trained
    except ReadError as error:
        hint = error.hint or "Give the architecture of the model that wrote it."
        raise ReadError(error.message, where=str(path), hint=hint) from error


def _optimizer(gathering: Gathering, objects: Objects, root: int | None, trained: Sequence[int]) -> OptimizerEntry | None:
    for holder in (root, 0) if objects.nodes else ():
        if holder is not None and "optimizer" in objects.nodes[holder].children:
            found = gathering.optimizer(objects.nodes[holder].children["optimizer"], trained, None)
            return found if found and found.weights else None
    return None


def _names(objects: Objects) -> dict[str, str]:
    """Keys by variable name."""
    named = {node.value: node.name for node in objects.nodes if node.value and node.name}
    return {named.get(key) or key.split("/.ATTRIBUTES/")[0]: key for key in objects.entries if objects.place(key)}


def _by_scope(objects: Objects) -> dict[str, list[tuple[str, str]]]:
    """Variables by the first part of their names, for a checkpoint without an architecture."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, key in sorted(_names(objects).items()):
        if not key.startswith(("optimizer/", "keras_api/", "save_counter")):
            found.setdefault(name.split("/")[0], []).append((name, key))
    return found


def _by_names(config: Mapping[str, object], held: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each layer's variables in Keras' order, found by name."""
    used: set[str] = set()
    for entry in layer_list(config) or ():
        trained, rest = _named(entry, held, used)
        yield layer_name(entry), [(name, held[name]) for name in (*trained, *rest)]


def _named(entry: Mapping[str, Any], held: Mapping[str, str], used: set[str]) -> tuple[list[str], list[str]]:
    if layer_list(entry):
        parts = [_named(inner, held, used) for inner in layer_list(entry) or ()]
        return [name for part in parts for name in part[0]], [name for part in parts for name in part[1]]
    own, config = layer_name(entry), entry["config"]
    try:
        expected = stock_weights(plain_class(entry["class_name"]), config)
    except (KeyError, TypeError):
        message = f"holds names alone, which do not tell the weights of the class {plain_class(entry['class_name'])} (layer {own!r})."
        raise ReadError(message) from None
    trained: list[str] = []
    rest: list[str] = []
    for weight in expected:
        fitting = [name for name in held if _means(name, own, weight.role)]
        if len(fitting) != 1 or fitting[0] in used:
            found = ", ".join(fitting) or "none"
            raise ReadError(f"should hold one variable for the {weight.role} of layer {own!r}, and holds {found}.")
        used.add(fitting[0])
        (trained if weight.trainable and config.get("trainable", True) else rest).append(fitting[0])
    return trained, rest


def _means(name: str, layer: str, role: str) -> bool:
    """Whether a variable's name is that of a layer's role: "bi/forward_lstm/kernel" for "forward/kernel"."""
    if not name.startswith(f"{layer}/"):
        return False
    parts, wanted = name[len(layer) + 1 :].split("/"), role.split("/")
    return parts[-1] == wanted[-1] and all(any(part.startswith(scope) for part in parts[:-1]) for scope in wanted[:-1])

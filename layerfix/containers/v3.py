"""Reader of Keras 3 weights: `model.weights.h5` inside a `.keras` archive, and bare `.weights.h5` files.

Layout as written by keras 3, saving/saving_lib.py: a group per object that can hold variables; its own variables are `vars/0`,
`vars/1`, ...; a model's layers are below `layers`, an optimizer's variables in `optimizer/vars`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py

from layerfix.containers.archive import Opened
from layerfix.containers.config import MODEL_CLASSES, layer_list, layer_name
from layerfix.containers.groups import CONTAINERS, Groups, homes
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.keras_hdf5 import entry
from layerfix.containers.records import Checkpoint, LayerEntry, OptimizerEntry, WeightEntry
from layerfix.errors import ReadError
from layerfix.legacy.packages import plain_class

OPTIMIZER = "optimizer"
TRAINING = frozenset(
    {OPTIMIZER, "metrics", "_metrics", "compiled_metrics", "compiled_loss", "_compile_metrics", "_compile_loss", "_loss_tracker"}
)
"""Groups that belong to the training of a model and to none of its layers."""
_VOCABULARIES = frozenset({"TextVectorization", "StringLookup", "IntegerLookup"})


def is_v3(source: Opened) -> bool:
    """Whether the file has the Keras 3 layout."""
    file = source.file
    return source.config is not None or any(
        file.group(file.root, name) is not None and (name.split("/")[0] in CONTAINERS or file.group(file.root, f"{name}/vars") is not None)
        for name in file.children(file.root, limit=1000)
    )


def read_v3(source: Opened, path: Path) -> Checkpoint:
    """The records of a Keras 3 file.

    Raises:
        ReadError: where config.json is no JSON object.
    """
    file, config = source.file, source.config
    if config is not None and not isinstance(config, Mapping):
        raise ReadError(f"should be a JSON object and is {type(config).__name__}.", where=f"{path}: config.json")
    architecture = None if config is None or _of_own_class(config) else config
    version = source.metadata.get("keras_version") if isinstance(source.metadata, Mapping) else None
    training = config.get("compile_config") if config else None
    return Checkpoint(
        path=path,
        format="weights-v3" if config is None else "keras-v3",
        keras_version=str(version) if version else None,
        backend=None,
        config=architecture,
        training_config=training if isinstance(training, Mapping) else None,
        layers=tuple(_layers(file)),
        optimizer=_optimizer(file, training if isinstance(training, Mapping) else {}),
        size=path.stat().st_size,
        own_class=plain_class(config["class_name"]) if config and _of_own_class(config) else None,
    )


def resolved(checkpoint: Checkpoint, source: Opened) -> Checkpoint:
    """The same with the group of each layer of its architecture, and the vocabularies that the archive keeps beside the config.

    Raises:
        ReadError: where architecture and weights contradict each other, or a vocabulary is no text.
    """
    if checkpoint.config is None:
        return checkpoint
    found = homes(checkpoint.config, _groups(source.file), checkpoint.keras_version)
    config = _with_vocabularies(copy.deepcopy(dict(checkpoint.config)), "", found, source) if source.assets else checkpoint.config
    return replace(checkpoint, config=config, homes=found)


def _with_vocabularies(config: dict[str, Any], prefix: str, places: Mapping[str, str], source: Opened) -> dict[str, Any]:
    """What `adapt` learned is a text in the archive (keras 2.15, index_lookup.py, save_assets); the config takes it as an argument."""
    for layer in layer_list(config) or []:
        path = f"{prefix}{layer_name(layer)}"
        _with_vocabularies(dict(layer), f"{path}/", places, source)
        text = source.asset(f"{places.get(path)}/vocabulary.txt") if plain_class(layer["class_name"]) in _VOCABULARIES else None
        if text is not None and layer["config"].get("vocabulary") is None:
            words = text.split("\n")
            layer["config"]["vocabulary"] = [int(word) for word in words] if plain_class(layer["class_name"]) == "IntegerLookup" else words
    return config


def _groups(file: GuardedFile) -> Groups:
    paths: set[str] = set()
    weighted: set[str] = set()
    names: dict[str, str] = {}
    _collect(file, file.root, "", paths, weighted, names)
    return Groups(frozenset(paths), frozenset(weighted), names)


def _collect(file: GuardedFile, group: h5py.Group, path: str, paths: set[str], weighted: set[str], names: dict[str, str]) -> bool:
    """Adds the groups below one; whether there is a variable in or below it."""
    if path.count("/") > file.limits.depth:
        raise file.hostile("its groups are nested without end")
    found = False
    for name in file.children(group):
        child = file.group(group, name)
        if child is None:
            found = True
        elif name == "vars":
            own = file.text(child, "name")
            names.update({path: own} if own else {})
            found |= bool(file.children(child, limit=1))
        elif not (path == "" and name.split("/")[0] in TRAINING):
            inner = f"{path}/{name}" if path else name
            paths.update(_and_above(inner, path))
            if _collect(file, child, inner, paths, weighted, names):
                weighted.update(_and_above(inner, path))
                found = True
    if found:
        weighted.add(path)
    return found


def _and_above(inner: str, path: str) -> Iterator[str]:
    """A path and those above it that end below another; one step is one path."""
    steps = inner.split("/")
    return ("/".join(steps[:end]) for end in range(path.count("/") + 2 if path else 1, len(steps) + 1))


def _of_own_class(config: Mapping[str, object]) -> bool:
    """Whether it is a subclassed model's, which tells the arguments of its class and no layers."""
    return "class_name" in config and plain_class(config["class_name"]) not in MODEL_CLASSES and layer_list(config) is None


def variables(file: GuardedFile, group: h5py.Group, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, h5py.Dataset]]:
    """Every variable below a group with its path, own variables first, numbers in numeric order."""
    if depth > file.limits.depth:
        raise file.hostile("its groups are nested without end")
    for name in sorted(file.children(group), key=lambda name: (name != "vars", _natural(name))):
        child = file.group(group, name)
        if child is not None:
            yield from variables(file, child, f"{prefix}{name}/", depth + 1)
        elif (dataset := file.dataset(group, name)) is not None:
            yield f"{prefix}{name}", dataset


def _layers(file: GuardedFile) -> Iterator[LayerEntry]:
    """A model's layers, and what a subclassed model holds in attributes of its own."""
    for owner in _owners(file):
        layer = file.group(file.root, owner)
        if layer is not None:
            yield LayerEntry(owner, tuple(entry(owner, path, dataset) for path, dataset in variables(file, layer)))


def _owners(file: GuardedFile) -> Iterator[str]:
    for name in file.children(file.root):
        group = file.group(file.root, name)
        if name in CONTAINERS and group is not None:
            yield from (f"{name}/{layer}" for layer in sorted(file.children(group), key=_natural))
        elif name.split("/")[0] not in TRAINING:
            yield name


def _optimizer(file: GuardedFile, training: Mapping[str, object]) -> OptimizerEntry | None:
    group = file.group(file.root, OPTIMIZER)
    stated = training.get("optimizer")
    stated = {"class_name": stated} if isinstance(stated, str) else stated if isinstance(stated, Mapping) else {}
    if group is None and not stated:
        return None
    weights: tuple[WeightEntry, ...] = ()
    if group is not None:
        weights = tuple(entry("optimizer_weights", name, dataset) for name, dataset in variables(file, group))
    config = stated.get("config")
    class_name = str(stated["class_name"]) if "class_name" in stated else None
    return OptimizerEntry(class_name, config if isinstance(config, Mapping) else {}, weights)


def _natural(name: str) -> tuple[str, int]:
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or -1)

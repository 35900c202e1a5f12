"""Reader of Keras 3 weights: `model.weights.h5` inside a `.keras` archive, and bare `.weights.h5` files.

Layout as written by keras 3, saving/saving_lib.py: a group per object that can hold variables; its own variables are `vars/0`,
`vars/1`, ...; a model's layers are below `layers`, an optimizer's variables in `optimizer/vars`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import h5py

from layerfix.containers.archive import Opened
from layerfix.containers.config import MODEL_CLASSES, layer_list, plain_class
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.keras_hdf5 import entry
from layerfix.containers.records import Checkpoint, LayerEntry, OptimizerEntry, WeightEntry
from layerfix.errors import ReadError

OPTIMIZER = "optimizer"
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")


def is_v3(source: Opened) -> bool:
    """Whether the file has the Keras 3 layout."""
    file = source.file
    return source.config is not None or any(
        file.group(file.root, name) is not None and (name in CONTAINERS or file.group(file.root, f"{name}/vars") is not None)
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
    )


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
        elif name != OPTIMIZER:
            yield name


def _optimizer(file: GuardedFile, training: Mapping[str, object]) -> OptimizerEntry | None:
    group = file.group(file.root, OPTIMIZER)
    stated = training.get("optimizer")
    stated = stated if isinstance(stated, Mapping) else {}
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

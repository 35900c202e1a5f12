"""Reader of legacy HDF5: full models (Keras 1 to 2.3, tf.keras 1 and 2) and weights-only files.

Layout as written by keras 2.2.4, engine/saving.py: attributes `model_config`, `training_config`, `keras_version`, `backend` at the root;
a group per layer below `model_weights` (or the root itself, in weights-only files) with an attribute `weight_names` that names the
datasets inside the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py

from layerfix.containers.checks import is_bfloat16
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.jsons import decode
from layerfix.containers.records import Checkpoint, Format, LayerEntry, OptimizerEntry, WeightEntry
from layerfix.errors import ReadError

OPTIMIZER = "optimizer_weights"


def is_legacy(file: GuardedFile) -> bool:
    """Whether the file has the legacy layout."""
    return file.group(file.root, "model_weights") is not None or file.names(file.root, "layer_names") is not None


def weights_root(file: GuardedFile) -> h5py.Group:
    """The group that holds a group per layer: `model_weights`, or the root of a weights-only file."""
    return file.group(file.root, "model_weights") or file.root


def read_legacy(file: GuardedFile, path: Path) -> Checkpoint:
    """The records of a legacy file.

    Raises:
        ReadError: where attributes that every such file has are missing or no JSON.
    """
    root = weights_root(file)
    layer_names = file.names(root, "layer_names")
    if layer_names is None:
        raise file.damaged("group 'model_weights' has no attribute 'layer_names'")
    config = mapping_attribute(file, "model_config")
    training = mapping_attribute(file, "training_config")
    form: Format = "keras-hdf5" if root != file.root or config else "weights-hdf5"
    return Checkpoint(
        path=path,
        format=form,
        keras_version=file.text(file.root, "keras_version") or file.text(root, "keras_version"),
        backend=file.text(file.root, "backend") or file.text(root, "backend"),
        config=config,
        training_config=training,
        layers=tuple(_layer(file, root, name) for name in layer_names),
        optimizer=_optimizer(file, training),
        size=file.size,
    )


def mapping_attribute(file: GuardedFile, name: str) -> Mapping[str, Any] | None:
    """A root attribute that holds a JSON object; None where it is missing or null."""
    text = file.text(file.root, name)
    value = None if text is None else decode(text, f"{file.place}: {name}")
    if value is None or isinstance(value, Mapping):
        return value
    raise ReadError(f"should be a JSON object and is {type(value).__name__}.", where=f"{file.place}: {name}")


def entry(owner: str, name: str, dataset: h5py.Dataset) -> WeightEntry:
    """The record of a dataset; bfloat16 is read as float32."""
    dtype = "float32" if is_bfloat16(dataset.dtype) else dataset.dtype.name
    return WeightEntry(owner, name, tuple(int(size) for size in dataset.shape), dtype)


def _layer(file: GuardedFile, root: h5py.Group, name: str) -> LayerEntry:
    group = file.group(root, name)
    if group is None:
        return LayerEntry(name, (), present=False)
    weights: list[WeightEntry] = []
    absent: list[str] = []
    for weight in file.names(group, "weight_names") or ():
        dataset = file.dataset(group, weight)
        if dataset is None:
            absent.append(weight)
        else:
            weights.append(entry(name, weight, dataset))
    return LayerEntry(name, tuple(weights), tuple(absent))


def _optimizer(file: GuardedFile, training: Mapping[str, object] | None) -> OptimizerEntry | None:
    group = file.group(file.root, OPTIMIZER)
    stated = (training or {}).get("optimizer_config")
    stated = stated if isinstance(stated, Mapping) else {}
    if group is None and not stated:
        return None
    weights: list[WeightEntry] = []
    absent: list[str] = []
    for name in (file.names(group, "weight_names") or ()) if group is not None else ():
        dataset = file.dataset(group, name)
        if dataset is None:
            absent.append(name)
        else:
            weights.append(entry(OPTIMIZER, name, dataset))
    config = stated.get("config")
    class_name = stated.get("class_name")
    return OptimizerEntry(
        class_name=None if class_name is None else str(class_name),
        config=config if isinstance(config, Mapping) else {},
        weights=tuple(weights),
        absent=tuple(absent),
    )

"""File-level surgery on legacy HDF5: the source's bytes are copied whole, then what the plan names is added to the copy in place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import h5py
import numpy as np
from h5py import h5a, h5t

from layerfix.arrays import Array
from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.keras_hdf5 import OPTIMIZER, weights_root
from layerfix.containers.records import Checkpoint, LayerEntry, WeightKey, spoken
from layerfix.errors import LayerfixError, WriteError
from layerfix.write.config import merge_arguments
from layerfix.write.copying import copy_bytes
from layerfix.write.optimizer import Extension, OptimizerOutcome, SlotTensor, extend
from layerfix.write.order import training_order
from layerfix.write.postponed import postponed

HEADER_LIMIT = 64512
"""Bytes of one attribute; beyond, Keras splits it (keras 2.2.4, engine/saving.py, HDF5_OBJECT_HEADER_LIMIT)."""


@dataclass(frozen=True, slots=True)
class Surgery:
    """What a repair changes in a legacy file.

    Attributes:
        order: by owner, its new `weight_names`.
        extension: what becomes of the optimizer's state.
    """

    order: Mapping[str, Sequence[str]]
    extension: Extension


def surgery(source: Checkpoint, blueprint: Blueprint, values: Mapping[WeightKey, Array]) -> Surgery:
    """Plans what `write_h5` does.

    Raises:
        WriteError: where the source is not legacy HDF5, or values and blueprint do not fit the file.
    """
    if source.format not in ("keras-hdf5", "weights-hdf5"):
        raise WriteError(f"a {source.format} checkpoint cannot be repaired in place.", where=str(source.path))
    order = {layer.name: _stored_order(source, layer, blueprint, values) for layer in source.layers}
    _check(source, blueprint, values)
    return Surgery(order, _extension(source, blueprint, values))


def write_h5(
    source: Checkpoint,
    temp: Path,
    *,
    blueprint: Blueprint,
    values: Mapping[WeightKey, Array],
    arguments: Mapping[str, Mapping[str, object]],
) -> OptimizerOutcome:
    """Writes the repaired checkpoint: every byte of the source's tensors as it was, the values beside them.

    The written file is a full model wherever the architecture is known, so that it loads without the JSON file.

    Args:
        source: a legacy checkpoint (`keras-hdf5` or `weights-hdf5`).
        temp: where to write; an existing file is overwritten (`publish` made it).
        blueprint: every weight in storage order, owner by owner.
        values: the lost weights to add, each with its blueprint's shape.
        arguments: constructor arguments by layer path, merged into `model_config`.

    Returns:
        what became of the optimizer's state.

    Raises:
        WriteError: where the source is not legacy HDF5, or values and blueprint do not fit the file.
    """
    plan = surgery(source, blueprint, values)
    copy_bytes(source.path, temp)
    with postponed(temp) as disk, _explained(source), GuardedFile(str(temp), disk, temp.stat().st_size, mode="r+") as file:
        root = weights_root(file)
        for owner in sorted({key[0] for key in values}):
            _add_weights(file, root, owner, plan.order[owner], values)
        _write_optimizer(file, plan.extension)
        _write_config(file, source, arguments)
    return plan.extension.outcome


@contextmanager
def _explained(source: Checkpoint) -> Iterator[None]:
    """Names the source where HDF5 stumbles over damage in the copy; what the disk says goes on to `publish`."""
    try:
        yield
    except (LayerfixError, OSError):
        raise
    except Exception as error:
        # h5py hands on a full disk in libhdf5's own words, as an error of no kind of its own.
        if "errno = " in str(error):
            raise
        message = f"its copy could not take the additions ({str(error).splitlines()[0] if str(error) else type(error).__name__})."
        raise WriteError(message, where=str(source.path), hint="The file is damaged: take another copy of it.") from error


def _check(source: Checkpoint, blueprint: Blueprint, values: Mapping[WeightKey, Array]) -> None:
    for key, value in values.items():
        spec = blueprint.weight(key)
        if spec is None or source.layer(key[0]) is None:
            raise WriteError(f"the graph has no weight {'/'.join(key)!r} to write.", where=str(source.path))
        if tuple(value.shape) != tuple(spec.shape):
            raise WriteError(f"weight {'/'.join(key)!r} should have shape {spec.shape} and has {value.shape}.", where=str(source.path))


def _stored_order(source: Checkpoint, layer: LayerEntry, blueprint: Blueprint, values: Mapping[WeightKey, Array]) -> list[str]:
    """The owner's new `weight_names`: the blueprint's order, with the names that the file uses."""
    specs = [spec for spec in blueprint.weights if spec.owner == layer.name]
    stored = [weight.name for weight in layer.weights]
    if not any(spec.key in values for spec in specs):
        return stored
    kept = [spec for spec in specs if spec.key not in values and (not spec.hidden or spec.name in stored)]
    names = _matched(source, layer, kept)
    return [spec.name if spec.key in values else names[spec.key] for spec in specs if spec.key in values or spec.key in names]


def _matched(source: Checkpoint, layer: LayerEntry, kept: Sequence[WeightSpec]) -> dict[WeightKey, str]:
    """The file's name of each kept weight: the same name, else the same position (Keras loads by order)."""
    stored = {weight.name: weight for weight in layer.weights}
    if stored.keys() == {spec.name for spec in kept}:
        return {spec.key: spec.name for spec in kept}
    if len(stored) == len(kept) and all(tuple(w.shape) == tuple(spec.shape) for w, spec in zip(layer.weights, kept, strict=True)):
        return {spec.key: weight.name for weight, spec in zip(layer.weights, kept, strict=True)}
    expected, found = [spec.name for spec in kept], list(stored)
    message = f"layer {layer.name!r} should hold {expected} beside what was lost, and holds {found}."
    raise WriteError(message, where=str(source.path), hint="Check that --layers gives the class that saved the file.")


def _extension(source: Checkpoint, blueprint: Blueprint, values: Mapping[WeightKey, Array]) -> Extension:
    held = {weight.key for weight in source.weights}
    there = [spec for spec in blueprint.weights if spec.key in values or spec.key in held or not spec.hidden]
    return extend(source.optimizer, training_order(source, there), frozenset(values))


def _add_weights(file: GuardedFile, root: h5py.Group, owner: str, order: Sequence[str], values: Mapping[WeightKey, Array]) -> None:
    group = file.group(root, owner) or root.create_group(owner)
    for name in order:
        value = values.get((owner, name))
        if value is None:
            continue
        if file.dataset(group, name) is not None:
            raise WriteError(f"already holds {spoken((owner, name))}; stored weights are never changed.", where=file.place)
        group.create_dataset(name, data=value)
    set_names(group, "weight_names", order)


def set_names(group: h5py.Group, attribute: str, names: Iterable[str]) -> None:
    """Writes a list-of-names attribute as Keras does: fixed-length bytes, split into numbered pieces above 64,512 bytes."""
    for old in [key for key in group.attrs if key == attribute or (key.startswith(attribute) and key[len(attribute) :].isdigit())]:
        del group.attrs[old]
    # Names are bytes of any kind in a file: they go back as they came.
    data = [name.encode("utf-8", "surrogateescape") for name in names]
    if not data:
        group.attrs[attribute] = np.zeros(0)  # what h5py makes of the empty list that Keras writes
        return
    whole = np.asarray(data)
    count = 1
    while any(piece.nbytes > HEADER_LIMIT for piece in np.array_split(whole, count)):
        count += 1
    if count == 1:
        group.attrs[attribute] = whole
    for index, piece in enumerate(np.array_split(whole, count) if count > 1 else ()):
        group.attrs[f"{attribute}{index}"] = piece


def _write_optimizer(file: GuardedFile, extension: Extension) -> None:
    if extension.outcome.status == "dropped" and OPTIMIZER in file.children(file.root):
        del file.root[OPTIMIZER]
    group = file.group(file.root, OPTIMIZER) if extension.tensors else None
    if group is None:
        return
    _rename_slots(group, extension.tensors)
    for tensor in extension.tensors:
        if tensor.old is None:
            group.create_dataset(tensor.name, data=np.zeros(tensor.shape, tensor.dtype))
    set_names(group, "weight_names", [tensor.name for tensor in extension.tensors])


def _rename_slots(group: h5py.Group, tensors: Sequence[SlotTensor]) -> None:
    """Moves old tensors to their new names. New numbers are never below old ones, so going backwards meets no name in use."""
    for tensor in reversed(tensors):
        if tensor.old is not None and tensor.old.name != tensor.name:
            group.move(tensor.old.name, tensor.name)


def _write_config(file: GuardedFile, source: Checkpoint, arguments: Mapping[str, Mapping[str, object]]) -> None:
    """Merges arguments into `model_config`; gives a weights-only file the layout of a full model."""
    if source.config is None:
        if arguments:
            raise WriteError("has no model_config to take arguments.", where=str(source.path), hint="Give its --architecture.")
        return
    if source.format == "weights-hdf5":
        _promote(file, source)
    elif not arguments:
        return
    _set_text(file.root, "model_config", json.dumps(merge_arguments(source.config, arguments)))


def _promote(file: GuardedFile, source: Checkpoint) -> None:
    """Moves the layer groups of a weights-only file below `model_weights`; keeps what the root says about version and backend."""
    root = file.root
    names = [layer.name for layer in source.layers]
    held = file.children(root)
    weights = root.create_group("model_weights")
    for name in held:
        root.move(name, f"model_weights/{name}")
    set_names(weights, "layer_names", names)
    for key in [key for key in root.attrs if key.startswith("layer_names")]:
        del root.attrs[key]
    for key, value in (("keras_version", source.keras_version), ("backend", source.backend)):
        if value:
            _set_text(root, key, value)
            _set_text(weights, key, value)


def _set_text(node: h5py.Group, name: str, text: str) -> None:
    """Writes a text attribute in the encoding that the file used: legacy Keras decodes bytes and fails on str."""
    utf8 = False
    if name in node.attrs:
        kind = h5a.open(node.id, name.encode()).get_type()
        utf8 = kind.get_class() == h5t.STRING and kind.is_variable_str() and kind.get_cset() == h5t.CSET_UTF8
    node.attrs[name] = text if utf8 else text.encode()

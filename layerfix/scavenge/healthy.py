"""A healthy HDF5 file with all that is whole; what is lost stays on its lists of names, where `audit` and `repair` find it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import h5py
import numpy as np

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.hdf5 import Scavenged, based
from layerfix.scavenge.image import Image
from layerfix.scavenge.values import value

UNNAMED = "unnamed"
"""The group of tensors that nothing names; Keras does not look there."""
Source = tuple[Image, Dataset]
LIMIT = 64_000
"""Bytes of an attribute in an object header (IV.A.1)."""
_ORDER = (
    *("depthwise_kernel", "pointwise_kernel", "kernel", "recurrent_kernel", "embeddings"),
    *("gamma", "beta", "moving_mean", "moving_variance", "bias"),
)
"""Weights of stock layers in the order that Keras stores them in."""


def write(target: Path | IO[bytes], image: Image, found: Scavenged, fill: Mapping[str, Source]) -> tuple[str, ...]:
    """Writes groups, attributes and whole tensors; returns what was made up for lost lists of names.

    Args:
        fill: tensors of another file for what is lost, by path.
    """
    image = based(image)
    with h5py.File(target, "w") as file:
        for path in found.groups:
            file.require_group(path)
        for tensor in found.tensors:
            if tensor.state == "whole" and tensor.path and tensor.dataset is not None:
                data = value(image, tensor.dataset)
                file.create_dataset(tensor.path, data=data, track_times=False)
        for path, (other, dataset) in fill.items():
            file.create_dataset(path, data=value(other, dataset), track_times=False)
        for path, values in found.attributes.items():
            node = file.require_group(path) if path else file["/"]
            for name, held in values.items():
                _attribute(node, name, held)
        made = tuple(_lists(file))
        _unnamed(file, image, found)
        return made


def _unnamed(file: h5py.File, image: Image, found: Scavenged) -> None:
    """What is whole and has no name, by its place in the damaged file."""
    for tensor in found.tensors:
        if tensor.state == "whole" and not tensor.path and tensor.dataset is not None:
            address = tensor.dataset.address
            made = file.create_dataset(f"{UNNAMED}/at_{address}", data=value(image, tensor.dataset), track_times=False)
            made.attrs["description"] = address
            made.attrs["bytes"] = tensor.dataset.layout.address


def _attribute(node: h5py.Group, name: str, held: Value) -> None:
    if held.shape is None:
        node.attrs[name] = h5py.Empty(np.float64)
    elif held.dtype == "text" or (held.dtype.startswith("S") and len(held.data) > LIMIT):
        kind = h5py.string_dtype("utf-8" if held.utf8 or held.dtype != "text" else "ascii")
        texts = np.array(held.items, dtype=object).reshape(held.shape)
        node.attrs.create(name, texts if held.shape else held.items[0], shape=held.shape, dtype=kind)
    else:
        kind = np.dtype(held.dtype)
        node.attrs.create(name, np.frombuffer(held.data, kind).reshape(held.shape), dtype=kind)


def _lists(file: h5py.File) -> Iterator[str]:
    """Gives a legacy file the lists of names that it lost, where something in the file tells their order: Keras loads by order alone."""
    root: Any = file.get("model_weights", file)
    owners = [name for name in root if isinstance(root[name], h5py.Group)]
    legacy = "model_weights" in file or any("weight_names" in root[name].attrs for name in owners)
    if not legacy:
        return
    if not any(name.startswith("layer_names") for name in root.attrs):
        ordered = _ordered(file, owners)
        if ordered is None:
            yield "the list of layers is lost, and nothing tells their order: Keras cannot load the file before it has one"
        else:
            root.attrs["layer_names"] = np.array([name.encode() for name in ordered], dtype="S")
            for name in set(ordered) - set(owners):
                root.create_group(name).attrs["weight_names"] = np.array([], dtype="S1")
            yield "the list of layers is lost; they are listed in the order of the config"
    for name in owners:
        if not any(key.startswith("weight_names") for key in root[name].attrs):
            held = sorted(_datasets(root[name]), key=_place)
            places = [_place(path) for path in held]
            if held and max(places) < len(_ORDER) and len(set(places)) == len(places):
                root[name].attrs["weight_names"] = np.array([path.encode() for path in held])
                yield f"the list of {name}'s weights is lost; they are listed in the order of their roles"


def _ordered(file: h5py.File, owners: Collection[str]) -> list[str] | None:
    """The layers as a whole config lists them; None where it is not whole or does not know one of them."""
    try:
        config = json.loads(file.attrs["model_config"])
        listed = config["config"] if isinstance(config["config"], list) else config["config"]["layers"]
        names = [str(entry.get("name") or entry["config"]["name"]) for entry in listed]
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return names if set(owners) <= set(names) else None


def _datasets(group: h5py.Group) -> list[str]:
    paths: list[str] = []
    group.visititems(lambda path, node: paths.append(path) if isinstance(node, h5py.Dataset) else None)
    return paths


def _place(path: str) -> int:
    role = path.rpartition("/")[2].partition(":")[0]
    return _ORDER.index(role) if role in _ORDER else len(_ORDER)

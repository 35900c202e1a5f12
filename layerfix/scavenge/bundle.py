"""TensorFlow checkpoints with a broken index or missing shards: what is there, each tensor against its CRC-32C.

The index's entries are BundleEntryProto (tensorflow/core/protobuf/tensor_bundle.proto): 1 dtype, 2 shape,
3 shard, 4 offset, 5 size, 6 crc32c of the tensor's bytes (masked, fixed32), 7 slices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.containers import object_graph
from layerfix.containers.bundle import DTYPES, MAX_INDEX
from layerfix.containers.protobuf import fields, varint
from layerfix.containers.table import read_table
from layerfix.disk.files import open_regular
from layerfix.scavenge.checksum import crc32c, unmasked
from layerfix.scavenge.hdf5 import State, Tensor
from layerfix.scavenge.image import Torn

_ATTRIBUTE = "/.ATTRIBUTES/VARIABLE_VALUE"


@dataclass(frozen=True, slots=True)
class Place:
    """What the index says of a tensor."""

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    crc: int


def index(path: Path) -> tuple[dict[bytes, Place], int, str]:
    """The entries of an index by key, the number of shards, and what is wrong with it. Raises Torn."""
    with open_regular(path) as stream:
        data = stream.read(MAX_INDEX)
    try:
        rows, fault = dict(read_table(data)), ""
    except (ValueError, IndexError):
        rows, fault = dict(_entries(data)), "the index is cut: what stood behind its end is not known"
    if not rows:
        raise Torn("no entry of its index can be read")
    head = dict(_fields(rows.pop(b"", b"")))
    count = head.get(1, 1)
    places = {key: place for key, raw in rows.items() if (place := _place(raw)) is not None}
    return places, count if isinstance(count, int) else 1, fault


def _fields(raw: bytes) -> list[tuple[int, Any]]:
    try:
        return list(fields(raw))
    except ValueError:
        return []


def _entries(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Entries of the first block, from its start to what is none (LevelDB's table format)."""
    at, key = 0, b""
    try:
        while True:
            shared, at = varint(data, at)
            unshared, at = varint(data, at)
            length, at = varint(data, at)
            fresh = key[:shared] + data[at : at + unshared]
            if shared > len(key) or at + unshared + length > len(data) or (key and fresh <= key):
                return
            at += unshared
            yield fresh, data[at : at + length]
            key, at = fresh, at + length
    except (ValueError, IndexError):
        return


def _place(raw: bytes) -> Place | None:
    """An entry; None for one that is broken or in several pieces."""
    stated: dict[int, int] = {}
    shape: tuple[int, ...] = ()
    for number, value in _fields(raw):
        if number == 7:
            return None
        if number == 2 and isinstance(value, bytes):
            sizes = (dict(_fields(dim)).get(1, 0) for field, dim in _fields(value) if field == 2 and isinstance(dim, bytes))
            shape = tuple(size for size in sizes if isinstance(size, int))
        elif number == 6 and isinstance(value, bytes):
            stated[6] = int.from_bytes(value, "little")
        elif isinstance(value, int):
            stated[number] = value
    return Place(stated.get(1, 0), shape, *(stated.get(number, 0) for number in (3, 4, 5, 6)))


def rescue(prefix: Path) -> tuple[list[Tensor], dict[str, NDArray[Any]], list[str]]:
    """Every tensor of a checkpoint, the values of those that are whole, and notes. Raises Torn."""
    places, shards, fault = index(prefix.with_name(f"{prefix.name}.index"))
    notes = [fault] if fault else []
    graph = places.get(object_graph.KEY)
    names = _names(prefix, shards, graph) if graph else {}
    if graph and not names:
        notes.append("the names of variables are lost with the object graph: tensors bear their keys")
    tensors, values = [], {}
    for key, place in sorted(places.items()):
        if place.kind not in DTYPES:
            continue
        tensor, value = _tensor(prefix, shards, _name(key, names), place)
        tensors.append(tensor)
        if value is not None:
            values[tensor.path] = value
    return tensors, values, notes


def _name(key: bytes, names: Mapping[str, str]) -> str:
    text = key.decode("utf-8", "replace")
    return names.get(text) or text.removesuffix(_ATTRIBUTE)


def _names(prefix: Path, shards: int, graph: Place) -> Mapping[str, str]:
    try:
        return object_graph.full_names(_raw(prefix, shards, graph))
    except (Torn, ValueError, IndexError):
        return {}


def _raw(prefix: Path, shards: int, place: Place) -> bytes:
    """A tensor's bytes, as far as they are there. Raises Torn where the shard is missing."""
    shard = prefix.with_name(f"{prefix.name}.data-{place.shard:05d}-of-{shards:05d}")
    try:
        with open_regular(shard) as stream:
            there = stream.seek(0, 2)
            stream.seek(min(place.offset, there))
            return stream.read(max(0, min(place.size, there - place.offset)))
    except (OSError, ValueError) as error:
        raise Torn(f"{shard.name} is missing") from error


def _tensor(prefix: Path, shards: int, name: str, place: Place) -> tuple[Tensor, NDArray[Any] | None]:
    dtype = np.dtype(DTYPES[place.kind])
    shape, size = place.shape, prod(place.shape) * dtype.itemsize
    try:
        raw = _raw(prefix, shards, place)
    except Torn as torn:
        return Tensor(name, "gone", shape, dtype.str, why=str(torn)), None
    share = len(raw) / place.size if place.size else 1.0
    if len(raw) < place.size:
        state: State = "partial" if raw else "gone"
        return Tensor(name, state, shape, dtype.str, share=share, why="its shard ends before it does"), None
    if size != place.size or crc32c(raw) != unmasked(place.crc):
        return Tensor(name, "doubtful", shape, dtype.str, share=1.0, why="its CRC-32C is wrong"), None
    return Tensor(name, "whole", shape, dtype.str, True, 1.0), np.frombuffer(raw, dtype).reshape(shape)

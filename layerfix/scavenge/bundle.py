"""TensorFlow checkpoints with a broken index or missing shards: what is there, each tensor against its CRC-32C.

The index's entries are BundleEntryProto (tensorflow/core/protobuf/tensor_bundle.proto): 1 dtype, 2 shape,
3 shard, 4 offset, 5 size, 6 crc32c of the tensor's bytes (masked, fixed32), 7 slices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.containers import object_graph
from layerfix.containers.bundle import DTYPES, MAX_INDEX
from layerfix.containers.protobuf import fields, varint
from layerfix.containers.table import blocks, entries
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


@dataclass(frozen=True, slots=True)
class Listed:
    """What an index lists.

    Attributes:
        places: by key.
        proven: the keys that stand in a block whose checksum is right.
        shards: how many data files there are.
        fault: what is wrong with the index; "" where nothing is.
    """

    places: Mapping[bytes, Place]
    proven: frozenset[bytes]
    shards: int
    fault: str


def index(path: Path) -> Listed:
    """The entries of an index. Raises Torn where none can be read."""
    with open_regular(path) as stream:
        data = stream.read(min(MAX_INDEX, stream.seek(0, 2) - stream.seek(0)))
    try:
        rows, proven, fault = _whole_table(data)
    except (ValueError, IndexError):
        rows, proven, fault = dict(_entries(data)), set(), "the index is cut: what stood behind its end is not known"
    if not rows:
        raise Torn("no entry of its index can be read")
    head = dict(_fields(rows.pop(b"", b"")))
    count = head.get(1, 1)
    places = {key: place for key, raw in rows.items() if (place := _place(raw)) is not None}
    return Listed(places, frozenset(proven), count if isinstance(count, int) else 1, fault)


def _whole_table(data: bytes) -> tuple[dict[bytes, bytes], set[bytes], str]:
    """The pairs of an index that ends as one, the keys that a checksum covers, and what is wrong. Raises ValueError for any other."""
    rows: dict[bytes, bytes] = {}
    proven: set[bytes] = set()
    fault = ""
    for block, trailer in blocks(data):
        held = dict(entries(block))
        if crc32c(block + trailer[:1]) == unmasked(int.from_bytes(trailer[1:], "little")):
            proven |= held.keys()
        else:
            fault = "a part of the index does not agree with its checksum"
        rows |= held
    return rows, proven, fault


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
    listed = index(prefix.with_name(f"{prefix.name}.index"))
    notes = [listed.fault] if listed.fault else []
    graph = listed.places.get(object_graph.KEY)
    names = _names(prefix, listed.shards, graph) if graph else {}
    if graph and not names:
        notes.append("the names of variables are lost with the object graph: tensors bear their keys")
    tensors, values = [], {}
    for key, place in sorted(listed.places.items()):
        if place.kind not in DTYPES:
            continue
        tensor, value = _tensor(prefix, listed.shards, names.get(key) or _plain(key), place)
        if tensor.state == "whole" and key not in listed.proven:
            tensor = _without_proof(tensor, listed.fault, known=key in names)
        if tensor.path in values:
            tensor = replace(tensor, state="doubtful", why="another tensor has its name")
        tensors.append(tensor)
        if value is not None and tensor.state == "whole":
            values[tensor.path] = value
    return tensors, values, notes


def _without_proof(tensor: Tensor, fault: str, *, known: bool) -> Tensor:
    """A tensor whose name and shape no checksum covers; `known` is whether the object graph has its key."""
    if known:
        return replace(tensor, why=f"named by the object graph: {fault}")
    if "cut" not in fault or not tensor.path.isprintable():
        return replace(tensor, state="doubtful", why="its name stands in a part of the index whose checksum is wrong")
    return replace(tensor, why="named by a part of the index whose checksum is lost")


def _plain(key: bytes) -> str:
    return key.decode("utf-8", "replace").removesuffix(_ATTRIBUTE)


def _names(prefix: Path, shards: int, graph: Place) -> dict[bytes, str]:
    """The name of every key that the object graph lists, where its checksum is right: the variable's, or what the key says."""
    try:
        raw = _raw(prefix, shards, graph)
        if not _is_proven(raw, graph):
            return {}
        full = object_graph.full_names(raw)
        keys = [key for node in object_graph.read_nodes(raw) for key in node.keys.values()]
    except (Torn, ValueError, IndexError):
        return {}
    return {key.encode(): full.get(key) or _plain(key.encode()) for key in keys}


def _is_proven(raw: bytes, place: Place) -> bool:
    """Whether a text's CRC-32C is right: over its length as a number of four bytes, the length's checksum, and the text
    (tensorflow/core/util/tensor_bundle/tensor_bundle.cc, `WriteStringTensor`)."""
    length, at = varint(raw, 0)
    return length < 1 << 32 and crc32c(length.to_bytes(4, "little") + raw[at:]) == unmasked(place.crc)


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

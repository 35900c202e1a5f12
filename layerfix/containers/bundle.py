"""TensorFlow checkpoints (`tf.train.Saver`, object-based, SavedModel variables), read without TensorFlow.

The `.index` file is a LevelDB table from names to BundleEntryProto (tensorflow/core/protobuf/tensor_bundle.proto): type, shape,
shard, offset and size of the tensor's raw bytes in the `.data-00000-of-00001` files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from layerfix.arrays import Array
from layerfix.containers import object_graph
from layerfix.containers.damage import salvage_hint
from layerfix.containers.donor_records import Donor, DonorEntry
from layerfix.containers.protobuf import fields
from layerfix.containers.safetensors import widen
from layerfix.containers.table import read_table
from layerfix.disk.files import open_regular
from layerfix.errors import ReadError

BFLOAT16, STRING = 14, 7
DTYPES = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 9: "<i8", 10: "|b1",
    BFLOAT16: "<u2", 17: "<u2", 19: "<f2", 22: "<u4", 23: "<u8",
}  # fmt: skip
MAX_INDEX = 256 << 20
_FILE = re.compile(r"(.+)\.(index|meta|data-\d{5}-of-\d{5})")
_STATE = re.compile(r'^\s*model_checkpoint_path:\s*"([^"]+)"', re.MULTILINE)
_ATTRIBUTE = "/.ATTRIBUTES/VARIABLE_VALUE"


def bundle_prefix(path: Path) -> Path | None:
    """The prefix of the TensorFlow checkpoint that a path means, or None where it means none."""
    match = _FILE.fullmatch(path.name)
    candidates = [path, path.with_name(match[1])] if match else [path]
    if path.is_dir():
        candidates = [*_named_in(path), path / "variables" / "variables"]
    return next((prefix for prefix in candidates if prefix.with_name(f"{prefix.name}.index").is_file()), None)


def _named_in(folder: Path) -> list[Path]:
    """What a folder's `checkpoint` file names as the latest; only names inside the folder count."""
    state = folder / "checkpoint"
    if not state.is_file() or state.stat().st_size > 1 << 20:
        return []
    match = _STATE.search(state.read_text("utf-8", "replace"))
    return [folder / Path(match[1]).name] if match else []


@dataclass(frozen=True, slots=True)
class BundleEntry:
    """Where a tensor is: TensorFlow's type number, data file, position and size in bytes."""

    kind: int
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int


def read_bundle(path: Path, prefix: Path) -> Donor:
    """The tensors of a checkpoint by variable name ("denoising_layer_1/conv1d_2/kernel"). Text and partitioned tensors are left out.

    Raises:
        ReadError: where the index or a data file is damaged or missing.
    """
    places, shards = read_index(prefix)
    graph = places.pop(object_graph.KEY, None)
    try:
        names = object_graph.full_names(bytes(raw_bytes(prefix, shards, graph))) if graph else {}
    except ValueError as error:
        raise _damaged(prefix, error) from error
    found = {_entry(key, place, names): place for key, place in places.items() if place.kind in DTYPES}

    def value(entry: DonorEntry) -> Array:
        place = found[entry]
        raw = np.frombuffer(raw_bytes(prefix, shards, place), DTYPES[place.kind])
        return widen(raw, place.kind == BFLOAT16).reshape(place.shape)

    return Donor(path, "tf-checkpoint", tuple(sorted(found, key=lambda entry: entry.name)), reader=value)


def read_index(prefix: Path) -> tuple[dict[bytes, BundleEntry], int]:
    """Where each tensor of a checkpoint is, by key, and the number of its data files. Partitioned tensors are left out.

    Raises:
        ReadError: where the index is damaged or cut off.
    """
    index = prefix.with_name(f"{prefix.name}.index")
    try:
        with open_regular(index) as stream:
            data = stream.read(MAX_INDEX + 1)
        if len(data) > MAX_INDEX:
            raise ReadError("is too large for a checkpoint index.", where=str(index))
        rows = dict(read_table(data))
        shards = next((value for number, value in fields(rows.pop(b"", b"")) if number == 1 and isinstance(value, int)), 1)
        return {key: place for key, raw in rows.items() if (place := placed(key, raw)) is not None}, shards
    except (OSError, ValueError, IndexError) as error:
        raise _damaged(prefix, error) from error


def data_file(prefix: Path, shards: int, shard: int) -> Path:
    """The file that holds the tensors of one shard."""
    return prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}")


def _damaged(prefix: Path, error: Exception) -> ReadError:
    index = prefix.with_name(f"{prefix.name}.index")
    return ReadError(f"is damaged or cut off: {error}.", where=str(index), hint=salvage_hint(index))


def _entry(key: bytes, place: BundleEntry, names: Mapping[str, str]) -> DonorEntry:
    name = key.decode("utf-8", "surrogateescape")
    dtype = "float32" if place.kind == BFLOAT16 else np.dtype(DTYPES[place.kind]).name
    attribute = name.removesuffix(_ATTRIBUTE) if name.endswith(_ATTRIBUTE) else ""
    return DonorEntry(names.get(name) or name.removesuffix(_ATTRIBUTE), place.shape, dtype, attribute=attribute)


def raw_bytes(prefix: Path, shards: int, place: BundleEntry) -> bytearray:
    """A tensor's bytes. Raises ReadError where the data file is missing or shorter than the index says."""
    data = data_file(prefix, shards, place.shard)
    try:
        if place.offset + place.size > data.stat().st_size:
            raise ReadError("is cut off: a tensor lies behind its end.", where=str(data), hint="Take another copy of it.")
        raw = bytearray(place.size)
        with open_regular(data) as stream:
            stream.seek(place.offset)
            stream.readinto(raw)
    except OSError as error:
        raise ReadError(f"cannot be opened ({error.strerror}).", where=str(data)) from error
    return raw


def placed(key: bytes, raw: bytes) -> BundleEntry | None:
    """A BundleEntryProto; None for what is stored in several pieces, or of a type that is neither numbers nor text."""
    stated: dict[int, int] = {}
    shape: tuple[int, ...] = ()
    for number, value in fields(raw):
        if isinstance(value, int):
            stated[number] = value
        elif number == 2:
            shape = tuple(_dimension(dim) for field, dim in fields(value) if field == 2 and isinstance(dim, bytes))
        elif number == 7:
            return None
    place = BundleEntry(stated.get(1, 0), shape, stated.get(3, 0), stated.get(4, 0), stated.get(5, 0))
    if place.kind not in DTYPES:
        return place if place.kind == STRING else None
    if prod(shape) * np.dtype(DTYPES[place.kind]).itemsize != place.size or min(shape, default=0) < 0:
        raise ValueError(f"tensor {key!r} has shape {shape} and {place.size} bytes")
    return place


def _dimension(dim: bytes) -> int:
    return next((value for number, value in fields(dim) if number == 1 and isinstance(value, int)), 0)

"""TensorFlow checkpoints (`tf.train.Saver`, object-based, SavedModel variables), read without TensorFlow.

The `.index` file is a LevelDB table from names to BundleEntryProto (tensorflow/core/protobuf/tensor_bundle.proto): type, shape,
shard, offset and size of the tensor's raw bytes in the `.data-00000-of-00001` files.
"""

from __future__ import annotations

import re
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.donors.protobuf import fields
from layerfix.donors.records import Donor, DonorEntry
from layerfix.donors.safetensors import widen
from layerfix.donors.table import read_table
from layerfix.errors import ReadError

BFLOAT16 = 14
DTYPES = {
    1: "<f4", 2: "<f8", 3: "<i4", 4: "|u1", 5: "<i2", 6: "|i1", 9: "<i8", 10: "|b1",
    BFLOAT16: "<u2", 17: "<u2", 19: "<f2", 22: "<u4", 23: "<u8",
}  # fmt: skip
MAX_INDEX = 256 << 20
_FILE = re.compile(r"(.+)\.(index|data-\d{5}-of-\d{5})")
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


def read_bundle(path: Path, prefix: Path) -> Donor:
    """The tensors of a checkpoint by variable name ("denoising_layer_1/conv1d_2/kernel"). Text and partitioned tensors are left out.

    Raises:
        ReadError: where the index or a data file is damaged or missing.
    """
    index = prefix.with_name(f"{prefix.name}.index")
    try:
        if index.stat().st_size > MAX_INDEX:
            raise ReadError("is too large for a checkpoint index.", where=str(index))
        rows = dict(read_table(index.read_bytes()))
        shards = next((value for number, value in fields(rows.pop(b"", b"")) if number == 1 and isinstance(value, int)), 1)
        places = dict(filter(None, (_place(key, raw) for key, raw in rows.items())))
    except (OSError, ValueError, IndexError) as error:
        raise ReadError(f"is damaged or cut off: {error}.", where=str(index), hint="Take another copy of it.") from error

    def value(entry: DonorEntry) -> NDArray[Any]:
        kind, shard, offset = places[entry][:3]
        data = prefix.with_name(f"{prefix.name}.data-{shard:05d}-of-{shards:05d}")
        count, dtype = prod(entry.shape), np.dtype(DTYPES[kind])
        try:
            if offset + count * dtype.itemsize > data.stat().st_size:
                message = f"is cut off: tensor {entry.name!r} lies behind its end."
                raise ReadError(message, where=str(data), hint="Take another copy of it.")
            raw = np.fromfile(data, dtype=dtype, count=count, offset=offset)
        except OSError as error:
            raise ReadError(f"cannot be opened ({error.strerror}).", where=str(data)) from error
        return widen(raw, kind == BFLOAT16).reshape(entry.shape)

    return Donor(path, "tf-checkpoint", tuple(sorted(places, key=lambda entry: entry.name)), reader=value)


def _place(key: bytes, raw: bytes) -> tuple[DonorEntry, tuple[int, int, int]] | None:
    """A BundleEntryProto as (record, (type, shard, offset)); None for what holds no numbers in one piece."""
    kind = shard = offset = size = 0
    shape: tuple[int, ...] = ()
    for number, value in fields(raw):
        if isinstance(value, int):
            kind, shard, offset, size = (
                value if number == slot else old for slot, old in ((1, kind), (3, shard), (4, offset), (5, size))
            )
        elif number == 2:
            shape = tuple(_dimension(dim) for field, dim in fields(value) if field == 2 and isinstance(dim, bytes))
        elif number == 7:
            return None
    if kind not in DTYPES:
        return None
    dtype = np.dtype(DTYPES[kind])
    if prod(shape) * dtype.itemsize != size or min(shape, default=0) < 0:
        raise ValueError(f"tensor {key!r} has shape {shape} and {size} bytes")
    name = key.decode("utf-8", "surrogateescape").removesuffix(_ATTRIBUTE)
    return DonorEntry(name, shape, "float32" if kind == BFLOAT16 else dtype.name), (kind, shard, offset)


def _dimension(dim: bytes) -> int:
    return next((value for number, value in fields(dim) if number == 1 and isinstance(value, int)), 0)

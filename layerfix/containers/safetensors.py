"""`.safetensors`: eight bytes of header length, a JSON header with a type, shape and byte range per tensor, then the bytes."""

from __future__ import annotations

import struct
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.donor_records import Donor, DonorEntry
from layerfix.containers.jsons import decode
from layerfix.errors import ReadError

DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "|b1",
    "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "|u1",
}  # fmt: skip
MAX_HEADER = 100 << 20


def is_safetensors(path: Path, head: bytes) -> bool:
    """Whether the file begins like one: a plausible header length, then `{`."""
    if len(head) < 10 or head[8:9] != b"{":
        return False
    return 2 <= int(struct.unpack("<Q", head[:8])[0]) <= min(MAX_HEADER, path.stat().st_size - 8)


def read_safetensors(path: Path) -> Donor:
    """The tensors of the file by name.

    Raises:
        ReadError: where a tensor's range does not fit its shape or the file.
    """
    with path.open("rb") as stream:
        length = int(struct.unpack("<Q", stream.read(8))[0])
        header = decode(stream.read(length), f"{path}: header")
    start, size = 8 + length, path.stat().st_size
    if not isinstance(header, dict):
        raise ReadError("its header is no JSON object.", where=str(path))
    places = {name: _place(path, name, stated, size - start) for name, stated in header.items() if name != "__metadata__"}

    def value(entry: DonorEntry) -> Array:
        dtype, offset, bfloat = places[entry.name][1:]
        raw = np.fromfile(path, dtype=dtype, count=prod(entry.shape), offset=start + offset)
        return widen(raw, bfloat).reshape(entry.shape)

    entries = tuple(places[name][0] for name in sorted(places))
    return Donor(path, "safetensors", entries, reader=value)


def widen(raw: Array, bfloat: bool) -> Array:
    """bfloat16 bit patterns as float32; anything else as it is."""
    return (raw.astype("<u4") << 16).view("<f4") if bfloat else raw


def _place(path: Path, name: str, stated: Any, room: int) -> tuple[DonorEntry, str, int, bool]:
    """One header entry, checked: (record, dtype on disk, offset in the data, whether it is bfloat16)."""
    try:
        kind, shape, (begin, end) = stated["dtype"], tuple(int(size) for size in stated["shape"]), stated["data_offsets"]
        dtype = np.dtype(DTYPES[kind])
        fits = 0 <= begin <= end <= room and all(size >= 0 for size in shape) and end - begin == prod(shape) * dtype.itemsize
    except (KeyError, TypeError, ValueError) as error:
        raise ReadError(f"its header says nothing usable about tensor {name!r} ({error!r}).", where=str(path)) from error
    if not fits:
        raise ReadError(f"tensor {name!r} does not fit its shape or the file.", where=str(path), hint="Take another copy of the file.")
    bfloat = kind == "BF16"
    return DonorEntry(name, shape, "float32" if bfloat else dtype.name), DTYPES[kind], int(begin), bfloat

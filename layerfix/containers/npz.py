"""`.npz` archives: headers are read without the data, objects are never unpickled."""

from __future__ import annotations

import zipfile
from math import prod
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from layerfix.arrays import Array
from layerfix.containers.archive import DAMAGE
from layerfix.containers.donor_records import Donor, DonorEntry
from layerfix.errors import HostileError, ReadError

MAX_RATIO = 200
SLACK = 1 << 20
_DAMAGE = (*DAMAGE, SyntaxError, TypeError)


def is_npz(path: Path) -> bool:
    """Whether a zip archive holds `.npy` members and nothing else."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except _DAMAGE as error:
        raise ReadError(f"is damaged or cut off: {error}.", where=str(path)) from error
    return bool(names) and all(name.endswith(".npy") for name in names)


def read_npz(path: Path) -> Donor:
    """The arrays of an `.npz` by name.

    Raises:
        ReadError: where a member is no array of numbers.
        HostileError: where a member claims far more than it stores.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [_entry(path, archive, info) for info in archive.infolist()]
    except _DAMAGE as error:
        raise ReadError(f"is damaged or cut off: {error}.", where=str(path)) from error
    if len({entry.name for entry in entries}) < len(entries):
        raise HostileError("refused: the archive names a member twice.", where=str(path))

    def value(entry: DonorEntry) -> Array:
        try:
            with zipfile.ZipFile(path) as archive, archive.open(f"{entry.name}.npy") as member:
                return np.asarray(npy.read_array(member, allow_pickle=False))
        except _DAMAGE as error:
            raise ReadError(f"array {entry.name!r} cannot be read ({error}).", where=str(path)) from error

    return Donor(path, "npz", tuple(sorted(entries, key=lambda entry: entry.name)), reader=value)


def _entry(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> DonorEntry:
    if info.file_size > MAX_RATIO * info.compress_size + SLACK:
        raise HostileError(f"refused: {info.filename!r} declares {info.file_size} bytes and stores {info.compress_size}.", where=str(path))
    with archive.open(info) as member:
        shape, dtype = _header(member)
    if dtype.kind not in "fiub":
        raise ReadError(f"array {info.filename!r} holds {dtype}, not numbers.", where=str(path))
    if prod(shape) * dtype.itemsize > info.file_size:
        raise ReadError(f"array {info.filename!r} is cut off.", where=str(path))
    return DonorEntry(info.filename.removesuffix(".npy"), tuple(shape), dtype.name)


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(member)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(member)
    return shape, dtype

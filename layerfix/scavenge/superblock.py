"""The superblock (II.A), of versions 0 to 3, whole or not; and where address 0 is when it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from mmap import mmap

from layerfix.scavenge.checksum import lookup3
from layerfix.scavenge.image import Cursor, Image, Torn, attempt

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_FILES = 16


@dataclass(frozen=True, slots=True)
class Superblock:
    """What is known of a file before its groups.

    Attributes:
        version: 0 to 3.
        end: the length that the file says it has, from address 0 on: the library counts a user block too (hdf5 1.10, H5Fsuper.c).
        root: address of the root group's header.
        flags: consistency flags of versions 1 to 3; not 0 where the writer did not close the file.
        size: its own bytes.
    """

    version: int
    end: int
    root: int
    flags: int
    size: int


def lead(data: mmap | bytes) -> int:
    """Where address 0 is: at the first signature, behind a user block or anything else; 0 where none is."""
    return max(0, data.find(SIGNATURE))


def extent(data: mmap | bytes) -> tuple[int, int]:
    """Where a file begins and ends. Of several in one, it is the first that is as long as it says, else the first, up to the next."""
    starts: list[int] = []
    at = data.find(SIGNATURE)
    while at >= 0 and len(starts) < MAX_FILES:
        if attempt(superblock, Image(data, at)) is not None:
            starts.append(at)
        at = data.find(SIGNATURE, at + 1)
    if len(starts) < 2:
        return lead(data), len(data)
    for start, behind in pairwise([*starts, len(data)]):
        for end in (len(data), behind):
            if superblock(Image(data, start)).end == end - start:
                return start, end
    return starts[0], starts[1]


def superblock(image: Image) -> Superblock:
    """The superblock at address 0. Raises Torn where it cannot be read."""
    cursor = Cursor(image.take(0, min(96, image.size)))
    cursor.expect(SIGNATURE)
    version = cursor.number(1)
    return _old(cursor, version) if version < 2 else _new(cursor, version)


def _old(cursor: Cursor, version: int) -> Superblock:
    cursor.take(4)
    cursor.expect(b"\x08\x08\x00")
    cursor.take(4)
    flags = cursor.number(4)
    cursor.take(4 if version == 1 else 0)
    base, _ = cursor.number(8), cursor.take(8)
    end = cursor.number(8) - base
    cursor.take(16)
    return Superblock(version, end, cursor.number(8), flags, cursor.at + 24)


def _new(cursor: Cursor, version: int) -> Superblock:
    if version > 3:
        raise Torn(f"superblock version {version}")
    cursor.expect(b"\x08\x08")
    flags = cursor.number(1)
    base, _ = cursor.number(8), cursor.take(8)
    end, root = cursor.number(8) - base, cursor.number(8)
    if lookup3(cursor.data[: cursor.at]) != cursor.number(4):
        raise Torn("the superblock's checksum is wrong")
    return Superblock(version, end, root, flags, cursor.at)

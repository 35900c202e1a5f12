"""The messages of an object header that matter to tensors (IV.A.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from layerfix.scavenge.datatypes import Datatype, dataspace, datatype
from layerfix.scavenge.image import UNDEFINED, Cursor, Torn

DATASPACE, LINK_INFO, DATATYPE, LINK, LAYOUT, FILTERS = 0x01, 0x02, 0x03, 0x06, 0x08, 0x0B
ATTRIBUTE, CONTINUATION, SYMBOL_TABLE, ATTRIBUTE_INFO = 0x0C, 0x10, 0x11, 0x15
LAST_TYPE = 0x18
DEFLATE, SHUFFLE, FLETCHER32 = 1, 2, 3
MAX_FILTERS = 32
Index = Literal["tree", "single", "implicit", "fixed", "extensible", "tree2"]


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a dataset's bytes are (IV.A.2.i).

    Attributes:
        form: one block inside the header, one in the file, or many.
        address, size: of the block; of chunks the address of their index.
        compact: the bytes themselves, of a compact dataset.
        chunk: elements of a chunk in each dimension.
        itemsize: bytes of an element, as a chunked layout states it.
        index: how chunks are found.
        mask, page: of a single filtered chunk, its filter mask; bits of a page of a fixed array.
    """

    form: Literal["compact", "contiguous", "chunked"]
    address: int = UNDEFINED
    size: int = 0
    compact: bytes = b""
    chunk: tuple[int, ...] = ()
    itemsize: int = 0
    index: Index = "tree"
    mask: int = 0


@dataclass(frozen=True, slots=True)
class Attribute:
    """A named value: its type, shape (None: empty) and raw bytes."""

    name: bytes
    type: Datatype
    shape: tuple[int, ...] | None
    data: bytes


def layout(cursor: Cursor) -> Layout:
    """A dataset's layout, version 3 (HDF5 1.6.3 on) or 4 (1.10 on). Raises Torn."""
    version, form = cursor.number(1), cursor.number(1)
    if version not in (3, 4, 5):
        raise Torn(f"no layout: version {version}")
    if form == 0:
        size = cursor.number(2)
        return Layout("compact", size=size, compact=cursor.take(size))
    if form == 1:
        return Layout("contiguous", address=cursor.number(8), size=cursor.number(8))
    if form == 2:
        return _chunked(cursor) if version == 3 else _indexed(cursor)
    raise Torn(f"no layout: class {form}")


def _chunked(cursor: Cursor) -> Layout:
    rank = cursor.number(1)
    address = cursor.number(8)
    chunk, itemsize = _sides(cursor, rank, 4)
    return _sane(Layout("chunked", address=address, chunk=chunk, itemsize=itemsize))


def _indexed(cursor: Cursor) -> Layout:
    flags, rank, width = cursor.number(1), cursor.number(1), cursor.number(1)
    chunk, itemsize = _sides(cursor, rank, width)
    index, size, mask = cursor.number(1), 0, 0
    if index == 1 and flags & 2:
        size, mask = cursor.number(8), cursor.number(4)
    cursor.take({1: 0, 2: 0, 3: 1, 4: 5, 5: 6}.get(index, cursor.left + 1))
    name: Index = ("single", "implicit", "fixed", "extensible", "tree2")[index - 1]
    address = cursor.number(8)
    return _sane(Layout("chunked", address, size, b"", chunk, itemsize, name, mask))


def _sides(cursor: Cursor, rank: int, width: int) -> tuple[tuple[int, ...], int]:
    """Elements of a chunk by dimension, and the bytes of an element, which stand behind them as one dimension more."""
    sides = tuple(cursor.number(width) for _ in range(rank))
    if not sides:
        raise Torn("chunks of no dimension")
    return sides[:-1], sides[-1]


def _sane(found: Layout) -> Layout:
    if not found.chunk or not all(found.chunk) or not found.itemsize:
        raise Torn(f"no chunks: {found.chunk} of {found.itemsize} bytes")
    return found


def filters(cursor: Cursor) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """(identifier, client values) of each filter, in the order of writing (IV.A.2.l). Raises Torn."""
    version, count = cursor.number(1), cursor.number(1)
    if version not in (1, 2) or count > MAX_FILTERS:
        raise Torn(f"no filter pipeline: version {version}, {count} filters")
    if version == 1:
        cursor.take(6)
    found = []
    for _ in range(count):
        identifier = cursor.number(2)
        length = cursor.number(2) if version == 1 or identifier >= 256 else 0
        cursor.take(2)
        values = cursor.number(2)
        cursor.take(length + (-length % 8 if version == 1 else 0))
        found.append((identifier, tuple(cursor.number(4) for _ in range(values))))
        if version == 1 and values % 2:
            cursor.take(4)
    return tuple(found)


def attribute(cursor: Cursor) -> Attribute:
    """An attribute (IV.A.2.m); of text of variable length the data are references. Raises Torn."""
    version, _ = cursor.number(1), cursor.take(1)
    sizes = [cursor.number(2) for _ in range(3)]
    if version not in (1, 2, 3):
        raise Torn(f"no attribute: version {version}")
    if version == 3:
        cursor.take(1)
    parts = []
    for size in sizes:
        parts.append(cursor.take(size))
        if version == 1:
            cursor.pad(size)
    name, kind, space = parts
    if not name.split(b"\0")[0]:
        raise Torn("no attribute: it has no name")
    element, shape = datatype(Cursor(kind)), dataspace(Cursor(space))
    count = 0 if shape is None else 1
    for size in shape or ():
        count *= size
    return Attribute(name.split(b"\0")[0], element, shape, cursor.take(count * element.size))


def link(cursor: Cursor) -> tuple[bytes, int]:
    """(name, address of the object) of a hard link (IV.A.2.g). Raises Torn, for other links too."""
    version, flags = cursor.number(1), cursor.number(1)
    if version != 1 or flags > 31:
        raise Torn(f"no link: version {version}")
    form = cursor.number(1) if flags & 8 else 0
    cursor.take((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = cursor.take(cursor.number(1 << (flags & 3)))
    if form != 0:
        raise Torn("a link to somewhere else")
    return name, cursor.number(8)


def dense(cursor: Cursor, *, links: bool) -> int:
    """The fractal heap of many links or attributes (IV.A.2.c, IV.A.2.v). Raises Torn where none is."""
    version, flags = cursor.number(1), cursor.number(1)
    if version != 0 or flags > 3:
        raise Torn("no link or attribute info")
    cursor.take((8 if links else 2) if flags & 1 else 0)
    address = cursor.number(8)
    if address == UNDEFINED:
        raise Torn("all of them are in the header")
    return address

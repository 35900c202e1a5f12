"""Groups: version 1 B-trees of symbol table nodes, and the local heaps that hold names (III.A, III.B, III.D)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from layerfix.scavenge.image import UNDEFINED, Cursor, Image, Torn, attempt

MAX_ENTRIES = 1 << 16
MAX_HEAP = 1 << 28
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """A B-tree node of either type: children, with what stands before each as its key."""

    address: int
    type: int
    level: int
    keys: tuple[bytes, ...]
    children: tuple[int, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Entry:
    """A symbol: where its name is in the heap, its object, and the cached B-tree and heap of a group."""

    name: int
    address: int
    tree: int = UNDEFINED
    heap: int = UNDEFINED


@dataclass(frozen=True, slots=True)
class Symbols:
    """A symbol table node."""

    address: int
    entries: tuple[Entry, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Heap:
    """A local heap: its address, the block of names, and where in it the first free bytes are (1 where none are)."""

    address: int
    names: bytes
    spans: tuple[Span, Span]
    free: int = 1

    @property
    def in_place(self) -> bool:
        """Whether the block begins with an empty name, as HDF5 makes it, and its free bytes are where the heap says, to the block's end."""
        if any(self.names[:8]):
            return False
        following, size = (int.from_bytes(self.names[at : at + 8], "little") for at in (self.free, self.free + 8))
        return self.free == 1 or (following == 1 and self.free + size == len(self.names))

    def name(self, at: int) -> bytes:
        """The name at an offset. Raises Torn where none begins there."""
        end = self.names.find(b"\0", at)
        if at % 8 or not 0 < at < end or self.names[at - 1] or b"/" in self.names[at:end]:
            raise Torn(f"no name at {at}")
        return self.names[at:end]

    def chained(self, places: Sequence[int]) -> dict[int, bytes]:
        """The names at these offsets that are sure: HDF5 puts one behind the other, so that each ends where the next begins.

        One that fits, between two that do not, does so by accident: bytes that have moved give other names.
        """
        ordered = sorted(set(places))
        fits = [self._leads(at, end) for at, end in zip(ordered, [*ordered[1:], -1], strict=False)]
        around = zip([True, *fits], fits, [*fits[1:], True], strict=False)
        return {at: self.name(at) for at, (before, own, after) in zip(ordered, around, strict=True) if own and (before or after)}

    def _leads(self, at: int, end: int) -> bool:
        """Whether names follow one another from an offset to another; to -1 where one alone is asked for."""
        while at < end or end < 0:
            found = attempt(self.name, at)
            if found is None:
                return False
            at += (len(found) + 8) // 8 * 8
            if end < 0:
                return True
        return at == end


def name_in(names: Heap | None, entry: Entry) -> bytes | None:
    return None if names is None else attempt(names.name, entry.name)


def in_order(names: Heap, tables: list[Symbols]) -> bool:
    """Whether a group's names are sorted but for one, as its tables are (III.B): a heap whose bytes have moved gives others."""
    read = [name for table in tables for entry in table.entries if (name := name_in(names, entry)) is not None]
    return sum(one > two for one, two in pairwise(read)) < 2


def fits(names: Heap, found: tuple[Entry, ...]) -> bool:
    read = [name_in(names, entry) for entry in found]
    known = [name for name in read if name is not None]
    return len(known) == len(read) and known == sorted(set(known))


def node(image: Image, address: int, rank: int = 0) -> Node:
    """A version 1 B-tree node (III.A.1). `rank` is that of a chunked dataset. Raises Torn."""
    cursor = Cursor(image.take(address, 24))
    cursor.expect(b"TREE")
    form, level, count = cursor.number(1), cursor.number(1), cursor.number(2)
    if form > 1 or level > 32 or count > MAX_ENTRIES:
        raise Torn("no B-tree node")
    width = 8 if form == 0 else 8 + 8 * (rank + 1)
    cursor = Cursor(image.take(address + 24, count * (width + 8)))
    keys, children = [], []
    for _ in range(count):
        keys.append(cursor.take(width))
        children.append(cursor.number(8))
    end = address + 24 + count * (width + 8) + width
    return Node(address, form, level, tuple(keys), tuple(children), (address, end))


def symbols(image: Image, address: int) -> Symbols:
    """A symbol table node (III.B). Raises Torn."""
    cursor = Cursor(image.take(address, 8))
    cursor.expect(b"SNOD\x01\x00")
    count = cursor.number(2)
    if count > MAX_ENTRIES:
        raise Torn("no symbol table node")
    cursor = Cursor(image.take(address + 8, 40 * count))
    entries = tuple(_entry(cursor) for _ in range(count))
    return Symbols(address, entries, (address, address + 8 + 40 * count))


def _entry(cursor: Cursor) -> Entry:
    """A symbol table entry (III.C)."""
    name, address, cached = cursor.number(8), cursor.number(8), cursor.number(4)
    if cursor.number(4) or cached > 2:
        raise Torn("no symbol table entry")
    tree, heap = cursor.number(8), cursor.number(8)
    return Entry(name, address, tree, heap) if cached == 1 else Entry(name, address)


def heap(image: Image, address: int) -> Heap:
    """A local heap (III.D). Raises Torn."""
    cursor = Cursor(image.take(address, 32))
    cursor.expect(b"HEAP\0\0\0\0")
    size, free, place = cursor.number(8), cursor.number(8), cursor.number(8)
    if size > MAX_HEAP:
        raise Torn("no local heap")
    return Heap(address, image.take(place, size), ((address, address + 32), (place, place + size)), free)


def collection(image: Image, address: int) -> dict[int, bytes]:
    """The objects of a global heap collection by number (III.E), as far as it is there. Raises Torn."""
    cursor = Cursor(image.take(address, 16))
    cursor.expect(b"GCOL\x01\0\0\0")
    size = cursor.number(8)
    if not 16 < size < MAX_HEAP:
        raise Torn("no global heap collection")
    cursor = Cursor(image.take(address + 16, min(size - 16, image.size - address - 16)))
    found: dict[int, bytes] = {}
    while cursor.left >= 16:
        index, _, length = cursor.number(2), cursor.take(6), cursor.number(8)
        if index == 0 or length > cursor.left:
            break
        found[index] = cursor.take(length)
        cursor.take(min(-length % 8, cursor.left))
    return found

"""Where a chunked dataset's chunks are: version 1 B-trees (III.A.1) and the indexes of layout 4 (VII)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from layerfix.scavenge.checksum import lookup3
from layerfix.scavenge.groups import node
from layerfix.scavenge.image import UNDEFINED, Cursor, Image, Torn
from layerfix.scavenge.messages import Layout

MAX_CHUNKS = 1 << 18
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk: its first element's coordinates, its stored bytes, and the filters left out (a bit each)."""

    at: tuple[int, ...]
    address: int
    size: int
    mask: int = 0


@dataclass(frozen=True, slots=True)
class Index:
    """The chunks that could be found, the bytes of the index itself, and whether a part of it is lost."""

    chunks: tuple[Chunk, ...]
    spans: tuple[Span, ...]
    torn: bool


def index(image: Image, found: Layout, shape: tuple[int, ...], *, filtered: bool) -> Index:
    """All chunks of a dataset that its index still leads to. Raises Torn for layouts that do not fit the shape."""
    rank = len(shape)
    if found.index == "tree":
        if len(found.chunk) != rank:
            raise Torn(f"chunks of {len(found.chunk)} dimensions in a dataset of {rank}")
        return _tree(image, found.address, rank)
    if len(found.chunk) != rank or _count(found, shape) > MAX_CHUNKS:
        raise Torn(f"chunks {found.chunk} in a dataset of shape {shape}")
    if 0 in shape:
        return Index((), (), False)
    size = prod(found.chunk) * found.itemsize
    places = list(_places(found, shape))
    if found.index == "single":
        stored = found.size if filtered and found.size else size
        return Index((Chunk(places[0], found.address, stored, found.mask),), (), False)
    if found.index == "implicit":
        chunks = (Chunk(at, found.address + i * size, size) for i, at in enumerate(places))
        return Index(tuple(chunks), (), False)
    if found.index == "fixed":
        return _fixed(image, found.address, places, size)
    raise Torn(f"its chunk index ({found.index}) is none that a checkpoint's dataset of fixed shape has")


def _count(found: Layout, shape: tuple[int, ...]) -> int:
    return prod(-(-size // chunk) for size, chunk in zip(shape, found.chunk, strict=True))


def _places(found: Layout, shape: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Coordinates of all chunks in C order."""
    steps = (range(0, size, chunk) for size, chunk in zip(shape, found.chunk, strict=True))
    return product(*steps)


def _tree(image: Image, address: int, rank: int) -> Index:
    """Walks a version 1 B-tree of type 1; subtrees that cannot be read are left out."""
    chunks: list[Chunk] = []
    spans: list[Span] = []
    todo, seen, torn = [address], {address}, False
    while todo:
        try:
            found = node(image, todo.pop(), rank)
            if found.type != 1:
                raise Torn("a B-tree node of a group")
        except Torn:
            torn = True
            continue
        spans.append(found.span)
        for key, child in zip(found.keys, found.children, strict=True):
            if found.level:
                torn |= child in seen or len(seen) > MAX_CHUNKS
                if child not in seen and len(seen) <= MAX_CHUNKS:
                    seen.add(child)
                    todo.append(child)
            elif len(chunks) < MAX_CHUNKS:
                chunks.append(_keyed(key, child, rank))
    return Index(tuple(chunks), tuple(spans), torn)


def _keyed(key: bytes, address: int, rank: int) -> Chunk:
    cursor = Cursor(key)
    size, mask = cursor.number(4), cursor.number(4)
    return Chunk(tuple(cursor.number(8) for _ in range(rank)), address, size, mask)


def _fixed(image: Image, address: int, places: list[tuple[int, ...]], size: int) -> Index:
    """A fixed array (VII.C): a header, and a data block of one entry a chunk."""
    cursor = Cursor(image.take(address, 28))
    cursor.expect(b"FAHD\x00")
    client, width, bits, count = (cursor.number(n) for n in (1, 1, 1, 8))
    block = cursor.number(8)
    if client > 1 or count < len(places) or not 8 <= width <= 24 or bits > 32:
        raise Torn("no fixed array")
    data, spans = _elements(image, block, width, bits, count)
    chunks = []
    for at, element in zip(places, data, strict=False):
        cursor = Cursor(element)
        place = cursor.number(8)
        stored, mask = (cursor.number(width - 12), cursor.number(4)) if client else (size, 0)
        if place != UNDEFINED:
            chunks.append(Chunk(at, place, stored, mask))
    return Index(tuple(chunks), ((address, address + 28), *spans), len(data) < len(places))


def _elements(image: Image, block: int, width: int, bits: int, count: int) -> tuple[list[bytes], list[Span]]:
    """The entries of a fixed array's data block, in pages where there are many; those before the first broken page."""
    image_head = image.take(block, 14)
    if image_head[:4] != b"FADB":
        raise Torn("no data block of a fixed array")
    page = 1 << bits
    if count <= page:
        data = _checked(image, block, 14 + count * width)[14:]
        return _split(data, width), [(block, block + 18 + count * width)]
    pages = -(-count // page)
    at = block + len(_checked(image, block, 14 + -(-pages // 8))) + 4
    found: list[bytes] = []
    while len(found) < count:
        length = min(page, count - len(found)) * width
        try:
            found += _split(_checked(image, at, length), width)
        except Torn:
            break
        at += length + 4
    return found, [(block, at)]


def _checked(image: Image, address: int, size: int) -> bytes:
    data = image.take(address, size)
    if lookup3(data) != int.from_bytes(image.take(address + size, 4), "little"):
        raise Torn("a chunk index's checksum is wrong")
    return data


def _split(data: bytes, width: int) -> list[bytes]:
    return [data[at : at + width] for at in range(0, len(data), width)]

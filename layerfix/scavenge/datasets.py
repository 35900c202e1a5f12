"""Datasets: what a header says of a tensor, and which of its bytes the file still holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod

from layerfix.scavenge import messages
from layerfix.scavenge.chunks import Chunk, Index, index
from layerfix.scavenge.datatypes import Datatype, dataspace, datatype
from layerfix.scavenge.headers import Header, Span
from layerfix.scavenge.image import UNDEFINED, Image, Torn
from layerfix.scavenge.messages import Layout
from layerfix.scavenge.pipeline import CHECKED, unfiltered

RATIO, SLACK = 1100, 1 << 20
"""Declared bytes against those of the file: deflate cannot do more (RFC 1951)."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """A tensor's description.

    Attributes:
        address: of its header, by which others refer to it.
        layout, chunks: where its bytes are.
        pipeline: filters in the order of writing.
        torn: whether its header or its index is broken in part.
    """

    address: int
    shape: tuple[int, ...]
    type: Datatype
    layout: Layout
    chunks: Index = field(default_factory=lambda: Index((), (), False))
    pipeline: tuple[int, ...] = ()
    torn: bool = False

    @property
    def size(self) -> int:
        """Bytes of the whole tensor."""
        return prod(self.shape) * self.type.size

    @property
    def checked(self) -> bool:
        """Whether its chunks carry checksums."""
        return bool(CHECKED & set(self.pipeline))

    @property
    def extents(self) -> tuple[Span, ...]:
        """(address, end) of every stored piece."""
        if self.layout.form == "contiguous":
            place = self.layout.address
            return ((place, place + self.size),) if self.size and place != UNDEFINED else ()
        return tuple((chunk.address, chunk.address + chunk.size) for chunk in self.chunks.chunks)


def dataset(image: Image, header: Header) -> Dataset:
    """The dataset that a header describes. Raises Torn where it is no (whole) description."""
    shape = dataspace(header.one(messages.DATASPACE))
    kind = datatype(header.one(messages.DATATYPE))
    layout = messages.layout(header.one(messages.LAYOUT))
    if shape is None or kind.kind != "number":
        raise Torn("it holds no numbers")
    size = prod(shape) * kind.size
    if size > RATIO * image.size + SLACK:
        raise Torn(f"it declares {size} bytes in a file of {image.size}")
    stages = messages.filters(pipeline) if (pipeline := next(header.of(messages.FILTERS), None)) else ()
    pipeline_names = tuple(name for name, _ in stages)
    if layout.form != "chunked":
        if layout.size != size and not (layout.form == "contiguous" and layout.address == UNDEFINED):
            raise Torn(f"a block of {layout.size} bytes for {size}")
        return Dataset(header.address, shape, kind, layout, torn=header.torn)
    if layout.itemsize != kind.size or prod(layout.chunk) * kind.size > max(size, 1) * 64 + SLACK:
        raise Torn(f"chunks of {layout.chunk} for {shape}")
    try:
        found = index(image, layout, shape, filtered=bool(stages))
    except Torn:
        found = Index((), (), True)
    return Dataset(header.address, shape, kind, layout, found, pipeline_names, header.torn)


@dataclass(frozen=True, slots=True)
class Held:
    """How much of a tensor the file holds: bytes of the tensor, of `size`; proven where every one has a checksum."""

    bytes: int
    size: int
    proven: bool
    why: str = ""


def held(image: Image, found: Dataset) -> Held:
    """Looks at every byte that a tensor needs; chunks are decoded, one at a time."""
    if found.layout.form == "compact":
        return Held(found.size, found.size, False)
    if found.layout.form == "contiguous":
        if found.layout.address == UNDEFINED and found.size:
            return Held(0, found.size, False, "no place in the file was given to it")
        there = image.present(found.layout.address, found.size) if found.size else 0
        return Held(there, found.size, False, "" if there == found.size else "the file ends before it does")
    return _held_chunks(image, found)


def _held_chunks(image: Image, found: Dataset) -> Held:
    total, why, proven = 0, "", True
    seen: set[tuple[int, ...]] = set()
    for chunk in found.chunks.chunks:
        if chunk.at in seen or not _placed(chunk, found):
            return Held(0, found.size, False, "its chunk index contradicts itself")
        seen.add(chunk.at)
        try:
            _, checked = decoded(image, found, chunk)
            proven &= checked
            total += prod(_inside(chunk, found)) * found.type.size
        except Torn as torn:
            why = why or str(torn)
    if total < found.size:
        why = why or "chunks are missing in its index"
    return Held(total, found.size, proven and total == found.size, why)


def decoded(image: Image, found: Dataset, chunk: Chunk) -> tuple[bytes, bool]:
    """A chunk's elements, and whether a checksum proves them. Raises Torn."""
    size = prod(found.layout.chunk) * found.type.size
    stored = image.take(chunk.address, chunk.size)
    return unfiltered(stored, found.pipeline, chunk.mask, size, found.type.size)


def _placed(chunk: Chunk, found: Dataset) -> bool:
    """Whether a chunk stands on the grid and inside the shape."""
    return all(at % step == 0 and at < size for at, step, size in zip(chunk.at, found.layout.chunk, found.shape, strict=True))


def _inside(chunk: Chunk, found: Dataset) -> Iterator[int]:
    """Elements of a chunk that are inside of the shape, by dimension."""
    rows = zip(chunk.at, found.layout.chunk, found.shape, strict=True)
    return (min(step, size - at) for at, step, size in rows)

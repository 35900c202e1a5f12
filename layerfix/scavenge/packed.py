"""The save of a compressed file made again: what `h5repack`, or a copy by h5py, did to a save in the order of names.

A copy goes through groups and tensors by name (hdf5 1.10, tools/src/h5repack/h5repack_copy.c, `do_copy_objects`; h5py, `visititems`) and
gives each its attributes when it makes it. How many bytes each chunk takes is not known before it is read, so that the streams in the file
tell it: one that gives as many bytes as a chunk has, and stands where HDF5 puts a chunk of just that many bytes, is that chunk. The first
tensor of which none does ends what is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import prod

import h5py
import numpy as np

from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.messages import DEFLATE, SHUFFLE
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.streams import Streams, streams
from layerfix.scavenge.tree import OPTIMIZER, Tree
from layerfix.scavenge.writing import Script, Step, grid, opened, perform

_MODIFIED = 0x12
"""The message of an object's time (IV.A.2.s)."""
_PIPELINES = ((DEFLATE,), (SHUFFLE, DEFLATE))
STORED = 16383
"""Bytes of a block that deflate stores as they are, behind five others, where they do not get fewer (zlib, deflate.c)."""
LEAST = 11
"""Bytes of the shortest stream (RFC 1950, RFC 1951)."""
MAX_SCRIPTS = 12
RATIO, SLACK = 32, 64 << 20
"""Bytes of tensors for each of their file."""
MAX_STEPS = 100_000
Shape = tuple[int, ...]
Wanted = Mapping[Shape, tuple[int, int]]
"""By its coordinates, where a chunk is and what it takes."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a file is packed: its filters, whether h5py chose the chunks, or else each tensor is one, and whether times are kept."""

    pipeline: tuple[int, ...]
    guessed: bool
    timed: bool

    @property
    def script(self) -> Script:
        """A save in this way, without any calls."""
        return Script((), False, "pack", pipeline=self.pipeline, timed=self.timed)


def way_of(found: Objects) -> Way | None:
    """How the tensors that are described are packed; None where they are not, or not all in one way that is known."""
    known = [dataset for dataset in found.datasets.values() if dataset.shape]
    pipelines = {dataset.pipeline for dataset in known}
    if len(pipelines) != 1 or not pipelines <= set(_PIPELINES) or any(dataset.layout.index != "tree" for dataset in known):
        return None
    headers = [found.headers[dataset.address] for dataset in known if dataset.address in found.headers]
    timed = any(message.type == _MODIFIED for header in headers for message in header.messages)
    for guessed in (False, True):
        if all(dataset.layout.chunk == chunk_of(dataset.shape, dataset.type.numpy, guessed=guessed) for dataset in known):
            return Way(known[0].pipeline, guessed, timed)
    return None


def chunk_of(shape: Shape, dtype: str, *, guessed: bool) -> Shape:
    """The chunk of a tensor."""
    if not guessed or not shape:
        return shape
    with h5py.File("chunk", "w", driver="core", backing_store=False) as scratch:
        chunk: Shape = scratch.create_dataset("d", shape, dtype, chunks=True).chunks
        return chunk


def packed(image: Image, found: Objects, named: Tree, plain: Iterable[Script]) -> Iterator[Script]:
    """The saves that may have been packed, each as far as the streams of the file go along with it."""
    way = way_of(found)
    if way is None:
        return
    most = RATIO * image.size + SLACK
    tried = [script for script in islice(plain, MAX_SCRIPTS) if script.size <= most]
    by_steps = {_sorted(steps, named, way): script for script in tried if (steps := _beginning(script))}
    known = {named.paths[at]: dataset for at, dataset in found.datasets.items() if at in named.paths}
    sizes = {_bytes(step) for steps in by_steps for step in steps if step.chunk}
    pool = streams(image, sizes)
    for steps, script in by_steps.items():
        solved = _Solver(steps, known, found.datasets, pool, way, _cut(image, found), image.size).solve()
        whole = script.whole and len(solved) == len(steps)
        yield replace(way.script, steps=solved, whole=whole, made_up=script.made_up)


def _beginning(script: Script) -> tuple[Step, ...]:
    """The calls of a save of which none is missing in the order of names: all, or those of the layers where the optimizer's end early."""
    if script.whole:
        return script.steps
    layers = tuple(step for step in script.steps if step.path.partition("/")[0] != OPTIMIZER)
    return layers if len(layers) < len(script.steps) else ()


def _cut(image: Image, found: Objects) -> int:
    """Where a file ends of which nothing but its end is missing; 0 for any other."""
    block = found.superblock
    broken = any(at < image.size for at in found.dangling) or any(known.broken for known in found.headers.values())
    return image.size if block is not None and block.end > image.size and not broken else 0


def _sorted(steps: Sequence[Step], named: Tree, way: Way) -> tuple[Step, ...]:
    """The same objects by name: each group, its attributes in their order, then its members."""
    groups = dict.fromkeys(_parents(steps))
    rows: list[tuple[tuple[bytes, ...], int, Step]] = [(_key(path), -1, Step(path)) for path in groups if path]
    for step in steps:
        if step.value is not None:
            order = list(named.attributes.get(step.path, {}))
            number = order.index(step.attribute) if step.attribute in order else len(order)
            rows.append((_key(step.path), number, step))
        elif step.shape is not None:
            rows.append((_key(step.path), 0, replace(step, chunk=chunk_of(step.shape, step.dtype, guessed=way.guessed))))
    return tuple(step for *_, step in sorted(rows, key=lambda row: row[:2]))


def _key(path: str) -> tuple[bytes, ...]:
    return tuple(part.encode("utf-8", "surrogateescape") for part in path.split("/")) if path else ()


def _parents(steps: Sequence[Step]) -> Iterator[str]:
    for step in steps:
        parts = step.path.split("/")
        own = len(parts) + (step.shape is None)
        yield from ("/".join(parts[:depth]) for depth in range(1, own))


@dataclass(frozen=True, slots=True)
class _Open:
    """A chunk whose bytes are not found yet: of which tensor, the how many-eth, and where it would be."""

    step: Step
    number: int
    place: int


@dataclass(slots=True)
class _Solver:
    """Finds the bytes of each chunk, one after the other.

    A stream is a chunk's where HDF5 would put just that many bytes there, where it would put no other stream that may be the chunk where
    that one is, and where the chunk can be nowhere else, whatever it takes. Free space is given out from its beginning, so that a stream
    behind one that is written later is none that may be.
    """

    steps: tuple[Step, ...]
    named: Mapping[str, Dataset]
    found: Mapping[int, Dataset]
    pool: Streams
    way: Way
    cut: int
    room: int
    fixed: dict[str, list[int]] = field(default_factory=dict)
    done: dict[int, int] = field(default_factory=dict)
    made: int = 0
    passes: int = 0

    def solve(self) -> tuple[Step, ...]:
        """The steps up to the first whose chunks are not all found, with the bytes of each."""
        try:
            while (seen := self._probe(0)) is not None and self._found(seen):
                pass
        except (ValueError, OSError, KeyError, TypeError, RuntimeError):  # Torn, and what HDF5 refuses
            return ()
        return tuple(replace(step, stored=tuple(self.fixed[step.path])) if step.chunk else step for step in self.steps[: self.made])

    def _found(self, seen: _Open) -> bool:
        """Whether one stream alone can be a chunk; it is kept then."""
        wanted = _bytes(seen.step)
        described = {chunk.address for dataset in self.found.values() for chunk in dataset.chunks.chunks}
        later = {place + size for pool in self.pool.values() for place, size in pool.items() if place not in self.done}
        heads = {p: size for p, size in self.pool[wanted].items() if p not in self.done and p not in described and p not in later}
        places = {size: self._place(size) for size in set(heads.values())}
        fitting = [(place, size) for place, size in heads.items() if places[size] == place]
        if len(fitting) != 1:
            return False
        place, size = fitting[0]
        most = wanted + 5 * (wanted // STORED + 1) + 6
        farthest = self._place(most)
        sure = farthest + most <= self.cut if self.cut else farthest == self._place(LEAST) == place
        if sure:
            self.fixed.setdefault(seen.step.path, []).append(size)
        return sure

    def _place(self, size: int) -> int:
        seen = self._probe(size)
        return -1 if seen is None else seen.place

    def _probe(self, size: int) -> _Open | None:
        """Makes the save up to the first chunk that is not found, which gets so many bytes; None where all are."""
        self.passes += 1
        if self.passes * len(self.steps) > MAX_STEPS:
            raise Torn("it takes too long")
        self.done.clear()
        with opened(stream=False) as (file, _):
            for count, step in enumerate(self.steps):
                self.made = count
                made = perform(file, step, self.way.script)
                if made is None or not step.chunk:
                    continue
                wanted = self._described(step, h5py.h5o.get_info(made).addr)
                for number, at in enumerate(grid(step)):
                    place = self._chunk(made, step, (number, at), wanted, size)
                    if place >= 0:
                        return _Open(step, number, place)
        self.made = len(self.steps)
        return None

    def _described(self, step: Step, address: int) -> Wanted:
        """Where the chunks of a tensor are by its own description, which has its name or stands where it should."""
        there = self.named.get(step.path) or self.found.get(address)
        if there is None:
            return {}
        if (there.address, there.shape, there.type.numpy) != (address, step.shape, np.dtype(step.dtype).str):
            raise Torn("it is not the save that made this file")
        return {chunk.at: (chunk.address, chunk.size) for chunk in there.chunks.chunks}

    def _chunk(self, made: h5py.h5d.DatasetID, step: Step, which: tuple[int, Shape], wanted: Wanted, size: int) -> int:
        """Writes one chunk; its place where its bytes are not found, else -1. Raises Torn where a chunk that is described is elsewhere."""
        number, at = which
        found = self.fixed.setdefault(step.path, [])
        taken = found[number] if number < len(found) else wanted[at][1] if at in wanted else 0
        if taken > self.room:
            raise Torn("a chunk that is larger than its file")
        made.write_direct_chunk(at, bytes(taken or size or 1))
        place: int = made.get_chunk_info_by_coord(at).byte_offset
        if not taken:
            return place
        if at in wanted and wanted[at] != (place, taken):
            raise Torn("it is not the save that made this file")
        if number == len(found):
            found.append(taken)
        self.done[place] = taken
        return -1


def _bytes(step: Step) -> int:
    return prod(step.chunk) * np.dtype(step.dtype).itemsize

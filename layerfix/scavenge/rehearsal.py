"""The save made once more: HDF5 gives out the same addresses for the same calls, so that a copy tells where each tensor was.

A copy is believed where no tensor and no group that the damaged file still describes contradicts it, and `ENOUGH` structures
(object headers, B-trees, symbol tables, heaps) stand where the copy has them. Ways of saving that fit equally well must agree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.groups import heap
from layerfix.scavenge.image import Image, attempt
from layerfix.scavenge.naming import Tree, tree
from layerfix.scavenge.objects import Objects, objects
from layerfix.scavenge.saves import scripts
from layerfix.scavenge.writing import Script, written

ENOUGH = 8
_LISTS = ("layer_names", "weight_names")
Place = tuple[int, bytes]
_SIGNATURES = frozenset({b"TREE", b"SNOD", b"HEAP"})
HOW = "by making the save again"


@dataclass(frozen=True, slots=True)
class Copy:
    """What a save made again tells.

    Attributes:
        tensors: by path.
        attributes: by the path of their group.
        agree: structures of the damaged file that stand where the copy has them.
        destroyed: addresses where the copy has a structure and the damaged file other bytes.
    """

    tensors: dict[str, Dataset]
    attributes: dict[str, dict[str, Value]]
    agree: int
    destroyed: frozenset[int]


def rehearse(image: Image, found: Objects, named: Tree) -> str:
    """Names and places what lost its name or description; returns what was done, "" where nothing was."""
    if _complete(image, found, named):
        return ""
    copies = list(_copies(image, found, named))
    best = max((copy.agree for copy in copies), default=0)
    if best < ENOUGH:
        return ""
    return _placed(found, named, [copy for copy in copies if copy.agree == best])


def _complete(image: Image, found: Objects, named: Tree) -> bool:
    """Whether nothing is left to be named or placed."""
    held = {named.paths[at] for at in found.datasets if at in named.paths}
    whole = found.superblock is not None and found.superblock.end == image.size and not found.dangling
    return whole and len(held) == len(found.datasets) and set(named.expected) <= held


def _copies(image: Image, found: Objects, named: Tree) -> Iterator[Copy]:
    places = _places(image, found)
    for script in dict.fromkeys(scripts(found, named, lambda script: _agreement(script, places))):
        if not script.steps:
            continue
        with written(script) as copy:
            other = objects(copy)
            paths, _ = tree(copy, other)
            if not _contradicted(found, named, other, paths, whole=script.whole) and not _misnamed(image, copy, other):
                agree, destroyed = len(places & _places(copy, other)), frozenset(_destroyed(image, copy, other, places))
                tensors = {paths.paths[at]: tensor for at, tensor in other.datasets.items() if at in paths.paths}
                yield Copy(tensors, paths.attributes, agree, destroyed)


def _agreement(script: Script, places: set[Place]) -> int:
    if not script.steps:
        return 0
    with written(script) as copy:
        return len(places & _places(copy, objects(copy)))


def _places(image: Image, found: Objects) -> set[Place]:
    """Where structures begin, and of which kind they are."""
    return {(start, image.take(start, image.present(start, 4))) for start, _ in found.spans if start}


def _destroyed(image: Image, copy: Image, other: Objects, places: set[Place]) -> Iterator[int]:
    """Where structures should be and cannot be read, though the file does not end before."""
    for start, end in other.spans:
        signature = copy.take(start, 4)
        if end <= image.size and start and (start, signature) not in places and (start in other.headers or signature in _SIGNATURES):
            yield start


def _contradicted(found: Objects, named: Tree, other: Objects, paths: Tree, *, whole: bool) -> bool:
    """Whether something that the damaged file says cannot be in the copy."""
    said = {path: at for at, path in paths.paths.items()}
    spans = _Spans(sorted(_spans(other)))
    for at, known in found.datasets.items():
        twin = other.datasets.get(at)
        if twin is not None and (twin.shape, twin.type, twin.layout) == (known.shape, known.type, known.layout):
            if named.paths.get(at, paths.paths.get(at)) != paths.paths.get(at):
                return True
        elif whole or (named.paths.get(at) or "?") in said or spans.meet(at, at + 1) or any(spans.meet(*span) for span in known.extents):
            return True
    groups = (at for at, group in found.groups.items() if group.header is not None and at in named.paths)
    return any(said.get(named.paths[at], at) != at for at in groups)


_NAMES = re.compile(rb"\0{8}(?:(?:[!-~]{8})*[!-~]{0,7}\0(?:\0)*)*")


def _eights(names: bytes) -> list[bytes]:
    """Names begin at multiples of eight bytes."""
    return [names[at : at + 8] for at in range(0, len(names), 8)]


def _misnamed(image: Image, copy: Image, other: Objects) -> bool:
    """Whether a heap of the damaged file that is where the copy has one holds other names."""
    for start, _ in other.spans:
        here, there = attempt(heap, copy, start), attempt(heap, image, start)
        if here is not None and there is not None and here.spans == there.spans:
            used = int.from_bytes(copy.take(start + 16, 8), "little")  # where its free bytes begin; 1 where it has none
            used = len(here.names) if used == 1 else used
            said = there.names[:used]
            if _NAMES.fullmatch(said) and any(
                one != two and any(two) for one, two in zip(_eights(here.names), _eights(said), strict=False)
            ):
                return True
    return False


def _spans(found: Objects) -> Iterator[tuple[int, int]]:
    yield from (span for known in found.datasets.values() for span in (*known.extents, (known.address, known.address + 1)))


@dataclass(frozen=True, slots=True)
class _Spans:
    """Ranges that do not overlap, sorted."""

    rows: Sequence[tuple[int, int]]

    def meet(self, start: int, end: int) -> bool:
        index = bisect_right(self.rows, (start, 1 << 64)) - 1
        near = self.rows[max(index, 0) : index + 2]
        return any(low < end and start < high for low, high in near)


def _placed(found: Objects, named: Tree, copies: Sequence[Copy]) -> str:
    """Takes over what all copies say alike."""
    taken = {named.paths[at] for at in found.datasets if at in named.paths}
    count = 0
    for path, known in copies[0].tensors.items():
        alike = all(copy.tensors.get(path) == known for copy in copies)
        if not alike or path in taken or named.paths.get(known.address, path) != path:
            continue
        found.datasets.setdefault(known.address, known)
        named.paths[known.address], named.how[known.address] = path, f"{HOW} ({copies[0].agree} places agree)"
        count += 1
    found.dangling |= frozenset.intersection(*(copy.destroyed for copy in copies))
    for path, values in copies[0].attributes.items():
        held = named.attributes.setdefault(path, {})
        held.update({name: value for name, value in values.items() if name.startswith(_LISTS) and name not in held})
    return (
        f"{count} tensors were named or placed {HOW}: {copies[0].agree} structures of the file stand where the new one has them"
        if count
        else ""
    )

"""The save made once more: HDF5 gives out the same addresses for the same calls, so that a copy tells where each tensor was.

A copy is believed where no tensor and no group that the damaged file still describes contradicts it, and `ENOUGH` structures
(object headers, B-trees, symbol tables, heaps) stand where the copy has them. Ways of saving that fit equally well must agree.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from layerfix.scavenge.groups import heap
from layerfix.scavenge.image import Image, attempt
from layerfix.scavenge.layout import Layout, Place, layout, places
from layerfix.scavenge.naming import Tree
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.saves import scripts
from layerfix.scavenge.unflushed import ENOUGH as ENOUGH_EDGES
from layerfix.scavenge.unflushed import edges, guessed

ENOUGH = 8
RATIO, SLACK = 32, 64 << 20
"""Bytes of a save for each that is left of it."""
_LISTS = ("layer_names", "weight_names")
_NAMES = re.compile(rb"\0{8}(?:(?:[!-~]{8})*[!-~]{0,7}\0(?:\0)*)*")
HOW = "by making the save again"


def rehearse(image: Image, found: Objects, named: Tree) -> str:
    """Names and places what lost its name or description; returns what was done, "" where nothing was."""
    if _complete(image, found, named):
        return ""
    held, most = places(image, found), RATIO * image.size + SLACK
    tried = dict.fromkeys(scripts(found, named, lambda script: len(held & layout(script, most).places)))
    fitting = [layout(script, most) for script in tried if not _contradicted(image, found, named, layout(script, most), whole=script.whole)]
    best = max((len(held & made.places) for made in fitting), default=0)
    if best < ENOUGH:
        return _unflushed(image, found, named) if not found.headers else ""
    made = [one for one in fitting if len(held & one.places) == best]
    found.dangling |= frozenset.intersection(*(frozenset(_destroyed(image, held, one)) for one in made))
    return _placed(found, named, made, f"{best} structures of the file stand where the new one has them")


def _unflushed(image: Image, found: Objects, named: Tree) -> str:
    """The same for a save that was killed before any structure was written."""
    best, most = 0, RATIO * image.size + SLACK
    for near in (True, False):
        made = [layout(script, most) for script in dict.fromkeys(guessed(found, named, near=near))]
        counted = [(edges(image, one), one) for one in made]
        best = max((count for count, _ in counted), default=0)
        if best >= ENOUGH_EDGES:
            break
    else:
        return ""
    fitting = [one for count, one in counted if count == best]
    return _placed(found, named, fitting, f"at {best} edges of its tensors the file's zeros begin or end")


def _complete(image: Image, found: Objects, named: Tree) -> bool:
    """Whether nothing is left to be named or placed."""
    held = {named.paths[at] for at in found.datasets if at in named.paths}
    whole = found.superblock is not None and found.superblock.end == image.size and not found.dangling
    return whole and len(held) == len(found.datasets) and set(named.expected) <= held


def _destroyed(image: Image, held: frozenset[Place], made: Layout) -> Iterator[int]:
    """Where structures should be and cannot be read, though the file does not end before."""
    return (place[0] for place, end in made.ends.items() if end <= image.size and place not in held)


def _contradicted(image: Image, found: Objects, named: Tree, made: Layout, *, whole: bool) -> bool:
    """Whether something that the damaged file says cannot be in the copy."""
    said = {path: at for at, path in made.paths.items()}
    spans = _Spans(sorted(_spans(made)))
    for at, known in found.datasets.items():
        twin = made.datasets.get(at)
        if twin is not None and (twin.shape, twin.type, twin.layout) == (known.shape, known.type, known.layout):
            if named.paths.get(at, made.paths.get(at)) != made.paths.get(at):
                return True
        elif whole or (named.paths.get(at) or "?") in said or any(spans.meet(*span) for span in ((at, at + 1), *known.extents)):
            return True
    groups = (at for at, group in found.groups.items() if group.header is not None and at in named.paths)
    return any(said.get(named.paths[at], at) != at for at in groups) or _misnamed(image, made)


def _misnamed(image: Image, made: Layout) -> bool:
    """Whether a heap of the damaged file that is where the copy has one holds other names."""
    for start, (spans, names) in made.heaps.items():
        held = attempt(heap, image, start)
        said = held.names[: len(names)] if held is not None and held.spans == spans else b""
        if _NAMES.fullmatch(said) and any(one != two and any(two) for one, two in zip(_eights(names), _eights(said), strict=False)):
            return True
    return False


def _eights(names: bytes) -> list[bytes]:
    """Names begin at multiples of eight bytes."""
    return [names[at : at + 8] for at in range(0, len(names), 8)]


def _spans(made: Layout) -> Iterator[tuple[int, int]]:
    yield from (span for known in made.datasets.values() for span in (*known.extents, (known.address, known.address + 1)))


@dataclass(frozen=True, slots=True)
class _Spans:
    """Ranges that do not overlap, sorted."""

    rows: Sequence[tuple[int, int]]

    def meet(self, start: int, end: int) -> bool:
        index = bisect_right(self.rows, (start, 1 << 64)) - 1
        near = self.rows[max(index, 0) : index + 2]
        return any(low < end and start < high for low, high in near)


def _placed(found: Objects, named: Tree, copies: Sequence[Layout], proof: str) -> str:
    """Takes over what all copies say alike."""
    taken = {named.paths[at] for at in found.datasets if at in named.paths}
    count = 0
    for address, known in copies[0].datasets.items():
        path = copies[0].paths.get(address)
        alike = all(copy.datasets.get(address) == known and copy.paths.get(address) == path for copy in copies)
        if path is None or not alike or path in taken or named.paths.get(address, path) != path:
            continue
        found.datasets.setdefault(address, known)
        named.paths[address], named.how[address] = path, HOW
        count += 1
    for path, values in copies[0].attributes.items():
        held = named.attributes.setdefault(path, {})
        alike = all(copy.attributes.get(path) == values for copy in copies)
        held.update({name: value for name, value in values.items() if alike and name.startswith(_LISTS) and name not in held})
    return f"{count} tensors were named or placed {HOW}: {proof}" if count else ""

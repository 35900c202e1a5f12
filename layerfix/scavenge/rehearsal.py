"""The save made once more: HDF5 gives out the same addresses for the same calls, so that a copy tells where each tensor was.

A copy is believed where no tensor and no group that the damaged file still describes contradicts it, and `ENOUGH` structures
(object headers, B-trees, symbol tables, heaps) stand where the copy has them. Ways of saving that fit equally well must agree.
It is believed as far as it is borne out: a tensor of another size than the rules say moves those that are made after it, so that one
which the file describes at the copy's place vouches for those before, and the length that the file states for all.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain

from layerfix.scavenge.asserted import confirmed, is_asserted
from layerfix.scavenge.datasets import Dataset, decoded
from layerfix.scavenge.groups import heap
from layerfix.scavenge.headers import Span
from layerfix.scavenge.image import Image, attempt
from layerfix.scavenge.layout import Layout, Place, layout, places
from layerfix.scavenge.names import float_of
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.packed import packed
from layerfix.scavenge.saves import legacy_scripts, plain_groups, scripts, v3_scripts
from layerfix.scavenge.tree import Tree
from layerfix.scavenge.unflushed import ENOUGH as ENOUGH_EDGES
from layerfix.scavenge.unflushed import begins, edges, guessed
from layerfix.scavenge.writing import Script

ENOUGH = 8
RATIO, SLACK = 32, 64 << 20
"""Bytes of a save for each that is left of it."""
_LISTS = ("layer_names", "weight_names")
_NAMES = re.compile(rb"\0{8}(?:[!-~\0]*\0)?")
"""A heap of names: an empty one, then others, each with its end."""
HOW = "by making the save again"


def rehearse(image: Image, found: Objects, named: Tree) -> str:
    """Names and places what lost its name or description; returns what was done, "" where nothing was."""
    if _complete(image, found, named):
        return ""
    held, most = places(image, found), RATIO * image.size + SLACK
    if len(held) < ENOUGH:
        return _unflushed(image, found, named) if not found.headers else ""
    tried = dict.fromkeys(packed(image, found, named, chain(legacy_scripts(found, named), v3_scripts(found, named))))
    tried = tried or dict.fromkeys(scripts(found, named, lambda script: len(held & layout(script, most).places)))
    fitting = [script for script in tried if not _contradicted(image, found, named, layout(script, most), whole=script.whole)]
    best = max((len(held & layout(script, most).places) for script in fitting), default=0)
    if best < ENOUGH:
        return _unflushed(image, found, named) if not found.headers else ""
    chosen = [script for script in fitting if len(held & layout(script, most).places) == best]
    if found.superblock is not None:
        chosen = [script for script in chosen if script.whole] or chosen
    made = [layout(script, most) for script in chosen]
    found.dangling |= frozenset.intersection(*(frozenset(_destroyed(image, held, one)) for one in made))
    found.spans += _seen(image, made[0])
    sure = [_borne_out(image, found, named, one, script) for script, one in zip(chosen, made, strict=True)]
    if is_asserted(named):
        sure = [held & _edged(image, found, one) for held, one in zip(sure, made, strict=True)]
    return _placed(found, named, made, frozenset.intersection(*sure), f"{best} structures of the file stand where the new one has them")


def _unflushed(image: Image, found: Objects, named: Tree) -> str:
    """The same for a save that was killed before any structure was written."""
    best, most = 0, RATIO * image.size + SLACK
    for near in (True, False):
        made = [layout(script, most) for script in dict.fromkeys(guessed(image, found, named, near=near)) if begins(image, script, most)]
        counted = [(edges(image, one), one) for one in made]
        best = max((len(seen) for seen, _ in counted), default=0)
        if best >= ENOUGH_EDGES:
            break
    else:
        return ""
    last = min(max(seen) for seen, _ in counted if len(seen) == best)
    fitting = [one for seen, one in counted if len(seen) == best]
    sure = frozenset(at for one in fitting for at, known in one.datasets.items() if all(end <= last for _, end in known.extents))
    return _placed(found, named, fitting, sure, f"at {best} edges of its tensors the file's zeros begin or end")


def _edged(image: Image, found: Objects, made: Layout) -> frozenset[int]:
    """The tensors of a copy that end where the file's do."""
    return confirmed(image, found, made.datasets, {start for start, _ in made.places})


def _seen(image: Image, made: Layout) -> Iterator[Span]:
    """Blocks of headers that stand in the file as in the copy, whether or not the header itself is there."""
    for (start, end), data in made.blocks.items():
        there = image.present(start, len(data))
        if there and image.take(start, there) == data[:there]:
            yield start, end


def _borne_out(image: Image, found: Objects, named_tree: Tree, made: Layout, script: Script) -> frozenset[int]:
    """The tensors of a copy that another one vouches for, which is made later, lies behind and is described; none under a made up name.

    Behind the last of them, those of plain layers: one of whose rules nothing bears out ends that.
    """
    named = {at: path for at, path in made.paths.items() if not script.made_up or path.partition("/")[0] != script.made_up}
    if not float_of(named_tree, ())[1]:  # a rate has the type of the session, which nothing tells
        named = {at: path for at, path in named.items() if not path.endswith(("optimizer/vars/1", "/learning_rate"))}
    if script.pipeline:
        return _streamed(image, made, named)
    if script.whole and made.size == (image.size if found.superblock is None else found.superblock.end):
        return frozenset(named)
    places = {at: (made.order.get(named[at], -1), _start(known)) for at, known in made.datasets.items() if at in named}
    described = sorted((places[at] for at, known in found.datasets.items() if at in places and made.datasets[at] == known), reverse=True)
    farthest = list(accumulate((start for _, start in described), max))
    orders = [-order for order, _ in described]

    def vouched(order: int, start: int) -> bool:
        later = bisect_left(orders, -order)
        return later > 0 and farthest[later - 1] > start

    sure, certain, plain = set(), True, plain_groups(named_tree)
    for at, place in sorted(places.items(), key=lambda row: row[1]):
        certain = vouched(*place) or (certain and named[at].startswith(plain))
        sure |= {at} if certain else set()
    return frozenset(sure)


def _streamed(image: Image, made: Layout, named: Collection[int]) -> frozenset[int]:
    """The tensors of a packed copy whose streams stand in the file, and those without one that are made before the last of them."""
    chunked = {at: known for at, known in made.datasets.items() if at in named and known.chunks.chunks}
    whole = {at for at, known in chunked.items() if all(attempt(decoded, image, known, chunk) for chunk in known.chunks.chunks)}
    last = max((made.order.get(made.paths[at], -1) for at in whole), default=-1)
    return frozenset(
        whole | {at for at in named if at in made.datasets.keys() - chunked and made.order.get(made.paths[at], 1 << 60) < last}
    )


def _start(known: Dataset) -> int:
    return known.extents[0][0] if known.extents else -1


def _complete(image: Image, found: Objects, named: Tree) -> bool:
    """Whether nothing is left to be named or placed."""
    held = {named.paths[at] for at in found.datasets if at in named.paths}
    whole = found.superblock is not None and found.superblock.end == image.size and not found.dangling
    return whole and len(held) == len(found.datasets) and set(named.expected) <= held


def _destroyed(image: Image, held: frozenset[Place], made: Layout) -> Iterator[int]:
    """Where structures should be and cannot be read, though the file does not end before."""
    return (place[0] for place, end in made.reach.items() if end <= image.size and place not in held)


def _contradicted(image: Image, found: Objects, named: Tree, made: Layout, *, whole: bool) -> bool:
    """Whether something that the damaged file says cannot be in the copy."""
    if whole and found.superblock is not None and found.superblock.end != made.size:
        return True
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


def _placed(found: Objects, named: Tree, copies: Sequence[Layout], sure: frozenset[int], proof: str) -> str:
    """Takes over what all copies say alike of the tensors that are sure."""
    taken = {named.paths[at] for at in found.datasets if at in named.paths}
    count = 0
    for address, known in copies[0].datasets.items():
        path = copies[0].paths.get(address)
        alike = all(copy.datasets.get(address) == known and copy.paths.get(address) == path for copy in copies)
        if path is None or address not in sure or not alike or path in taken or named.paths.get(address, path) != path:
            continue
        if address not in found.datasets or found.datasets[address].chunks.torn:
            found.datasets[address] = known
        named.paths[address], named.how[address] = path, HOW
        count += 1
    for path, values in copies[0].attributes.items():
        held = named.attributes.setdefault(path, {})
        alike = all(copy.attributes.get(path) == values for copy in copies)
        held.update({name: value for name, value in values.items() if alike and name.startswith(_LISTS) and name not in held})
    return f"{count} tensors were named or placed {HOW}: {proof}" if count else ""

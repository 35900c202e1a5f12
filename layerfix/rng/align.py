"""Lay a graph's draws along one numpy stream, so that every tracked kernel gets an op seed that it remembers.

The first kernel whose op seed is known anchors the walk; from there every draw of every layer must fall where legacy Keras would have
made it. Hidden weights get their op seeds on the way. Where a stretch of the stream cannot be explained, the walk jumps to the next known
position and what lies in between is not claimed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from layerfix.blueprint import Draw, NumpyCall
from layerfix.containers.records import WeightKey
from layerfix.rng.alignments import Alignment, Gap, Placed, is_sure
from layerfix.rng.numpy_stream import Cursor, NumpyStream
from layerfix.rng.units import Unit, follows_numbering

BUDGET = 20_000
"""Units placed before the walk gives up on further orders."""

Remembers = Callable[[WeightKey, int], float]
"""z of a tracked kernel against the candidate of an op seed."""


@dataclass(frozen=True, slots=True)
class _Walk:
    """A partial alignment. `cursor` None: nothing is anchored yet and `placed` holds draws without a place."""

    cursor: Cursor | None
    placed: tuple[Placed, ...] = ()
    order: tuple[int, ...] = ()
    gaps: tuple[Gap, ...] = ()
    from_start: bool = False


@dataclass(frozen=True, slots=True)
class Aligner:
    """The walk's fixed surroundings.

    Attributes:
        stream: the numpy stream tried.
        units: groups of draws and their partial order.
        known: for kernels whose op seed is known from their own fingerprint: the positions of that op seed in the stream.
        remembers: z of a tracked kernel under an op seed.
        tracked: kernels that have a fingerprint.
        passed: what is behind calls that were passed before.
    """

    stream: NumpyStream
    units: tuple[Unit, ...]
    known: Mapping[WeightKey, Sequence[int]]
    remembers: Remembers
    tracked: frozenset[WeightKey]
    passed: dict[tuple[Cursor, NumpyCall], Cursor | None] = field(default_factory=dict)

    def all(self, *, lenient: bool = False, start: Cursor | None = None, limit: int = 32) -> list[Alignment]:
        """The alignments of `walk`."""
        return self.walk(lenient=lenient, start=start, limit=limit)[0]

    def walk(self, *, lenient: bool = False, start: Cursor | None = None, limit: int = 32) -> tuple[list[Alignment], bool]:
        """Alignments of all units, those near the config's order first, at most `limit`; and whether these are all there are.

        Args:
            lenient: whether stretches may stay unexplained.
            start: where the first draw lies; None anchors the walk at the first kernel whose op seed is known.
            limit: how many to look for.
        """
        found: list[Alignment] = []
        stack = [_Walk(start, from_start=start == Cursor(0))]
        budget = BUDGET
        while stack and budget > 0 and len(found) < limit:
            walk = stack.pop()
            if len(walk.order) == len(self.units):
                if walk.cursor is not None:
                    found.append(self._finish(walk))
                continue
            further = list(self._further(walk, lenient))
            # Orders grow as a factorial where layers do not depend on one another. What is cut off
            # here makes the reading incomplete, and the order of its draws a doubt.
            budget -= len(further) + 1
            stack.extend(reversed(further))  # a stack gives its last first: the config's order comes first
        return found, not stack

    def _further(self, walk: _Walk, lenient: bool) -> Iterator[_Walk]:
        done = set(walk.order)
        for index, unit in enumerate(self.units):
            if index not in done and unit.after <= done:
                yield from self._place_unit(walk, index, lenient)

    def _place_unit(self, walk: _Walk, index: int, lenient: bool) -> Iterator[_Walk]:
        walks = [replace(walk, order=(*walk.order, index))]
        for draw in self.units[index].draws:
            walks = [further for current in walks for further in self._place(current, draw, lenient)]
        yield from walks

    def _place(self, walk: _Walk, draw: Draw, lenient: bool) -> Iterator[_Walk]:
        known = self.known.get(draw.weight) if draw.weight else None
        if walk.cursor is None:
            if known is None:
                yield replace(walk, placed=(*walk.placed, Placed(draw, Cursor(0), None, None)))
            else:
                for word in known:
                    yield from self._anchor(walk, draw, word)
            return
        if draw.kind == "normal":
            yield self._add(walk, Placed(draw, walk.cursor, None, None), self.stream.after_normal(walk.cursor, draw.count))
            return
        if draw.call is not None:
            after = self._after(walk.cursor, draw.call)
            if after is not None:
                yield self._add(walk, Placed(draw, walk.cursor, None, None), after)
            return
        value, word, behind = self.stream.randint(walk.cursor, wide=draw.kind == "wide")
        if known is None or word in known:
            yield self._add(walk, Placed(draw, walk.cursor, value, self._z(draw, value)), behind)
        elif lenient:  # the nearest place alone: further ones are coincidences of a long stream
            yield from self._jump(walk, draw, [place for place in known if place > word][:1])

    def _add(self, walk: _Walk, item: Placed, behind: Cursor) -> _Walk:
        return replace(walk, cursor=behind, placed=(*walk.placed, item))

    def _jump(self, walk: _Walk, draw: Draw, places: Sequence[int]) -> Iterator[_Walk]:
        """Leave a stretch unexplained: nothing since the last kernel that is sure of its place is claimed."""
        for place in places:
            since = _last_sure(walk.placed)
            start = walk.placed[since].cursor.word if since >= 0 else 0
            explained = len(walk.placed) - since - 1
            found = self.stream.accepted_between(start, place) - (since >= 0)  # the sure kernel's own draw is none of the stretch
            dropped = tuple(replace(item, claimed=False) for item in walk.placed[since + 1 :])
            value, _, behind = self.stream.randint(Cursor(place))
            item = Placed(draw, Cursor(place), value, self._z(draw, value))
            gap = Gap(draw.layer, found, explained)
            yield replace(walk, cursor=behind, placed=(*walk.placed[: since + 1], *dropped, item), gaps=(*walk.gaps, gap))

    def _anchor(self, walk: _Walk, draw: Draw, word: int) -> Iterator[_Walk]:
        """Fix the walk at a kernel whose place is known, and lay the draws before it."""
        # A normal variate takes as many words as its rejections, and wide draws and calls accept others: nothing
        # can be counted backwards over them, so that such a graph is laid from the start of the stream.
        start = Cursor(0) if any(item.draw.kind != "seed" for item in walk.placed) else self._back(word, len(walk.placed))
        if start is None:
            return
        laid = replace(walk, cursor=start, placed=(), from_start=self.stream.accepted_between(0, start.word) == 0)
        for item in walk.placed:
            further = next(self._place(laid, item.draw, lenient=False), None)
            if further is None:
                return
            laid = further
        assert laid.cursor is not None
        value, place, behind = self.stream.randint(laid.cursor)
        if place == word:
            yield self._add(laid, Placed(draw, laid.cursor, value, self._z(draw, value)), behind)

    def _after(self, cursor: Cursor, call: NumpyCall) -> Cursor | None:
        """Behind a call of the user's own; walks in other orders pass it at the same place."""
        if (cursor, call) not in self.passed:
            self.passed[cursor, call] = self.stream.after(cursor, call.draw)
        return self.passed[cursor, call]

    def _back(self, word: int, draws: int) -> Cursor | None:
        place = self.stream.back(word, draws)
        return None if place is None else Cursor(place)

    def _z(self, draw: Draw, value: int) -> float | None:
        return self.remembers(draw.weight, value) if draw.weight in self.tracked and draw.weight else None

    def _finish(self, walk: _Walk) -> Alignment:
        orderly = follows_numbering([self.units[index] for index in walk.order])
        return Alignment(walk.placed, walk.from_start, walk.gaps, orderly)


def _last_sure(placed: Sequence[Placed]) -> int:
    return max((index for index, item in enumerate(placed) if is_sure(item)), default=-1)

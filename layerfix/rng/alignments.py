"""Draws of a graph with their places in a numpy stream, and what such an alignment vouches for."""

from __future__ import annotations

import math
from dataclasses import dataclass

from layerfix.blueprint import Draw, NumpyCall
from layerfix.containers.records import WeightKey
from layerfix.rng.numpy_stream import Cursor

SURE = 4.0
"""z from which a kernel vouches for its place: fewer than one in three thousand wrong places reach it."""
REFUTED = 1e-6
"""Chance below which an alignment is out."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One draw with its place in the stream.

    Attributes:
        draw: what drew.
        cursor: where; for a "normal" draw the state before it.
        value: the op seed of a "seed" draw, else None.
        z: how well the tracked kernel remembers it, None for what is not tracked.
        claimed: False in a stretch that was not wholly explained.
    """

    draw: Draw
    cursor: Cursor
    value: int | None
    z: float | None
    claimed: bool = True

    @property
    def drawn(self) -> WeightKey | NumpyCall | None:
        """What the draw was for; None for a mask or noise."""
        return self.draw.weight or self.draw.call


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of the stream that the graph does not explain: draws between two known positions."""

    before: str
    found: int
    explained: int


@dataclass(frozen=True, slots=True)
class Alignment:
    """All draws of a graph, in one order, along one stream.

    Attributes:
        placed: every draw with its place.
        from_start: whether the first draw is the first of the whole stream.
        gaps: stretches that stay unexplained.
        orderly: whether the order agrees with the automatic numbering.
    """

    placed: tuple[Placed, ...]
    from_start: bool
    gaps: tuple[Gap, ...]
    orderly: bool

    @property
    def evidence(self) -> tuple[float, ...]:
        """z of every tracked kernel at its place."""
        return tuple(item.z for item in self.placed if item.z is not None)

    @property
    def score(self) -> tuple[float, float]:
        """What to prefer: few gaps, much evidence."""
        return (-float(len(self.gaps)), sum(self.evidence))

    def refutes(self, other: Alignment, hypotheses: float) -> bool:
        """Whether the kernels to which the other alignment gives other op seeds remember these too well for chance.

        If the other one were true, these op seeds would be wrong ones, and the sum of n wrong z reaches t with a chance of at most
        exp(-t^2 / 2n): `hypotheses` times that must be below one in a million.
        """
        theirs = {item.draw.weight: item.value for item in other.placed}
        differing = [item.z for item in self.placed if item.z is not None and theirs.get(item.draw.weight) != item.value]
        total = sum(differing)
        return total > 0 and math.log(hypotheses) - total**2 / (2 * len(differing)) <= math.log(REFUTED)

    def op_seeds(self) -> dict[WeightKey | NumpyCall, int | Cursor]:
        """By weight that is not tracked and whose place is claimed, its op seed, or the state before its normal draw; and that of calls."""
        return {
            item.drawn: item.cursor if item.value is None else item.value
            for item in self.placed
            if item.drawn is not None and item.z is None and item.claimed
        }


def is_sure(item: Placed) -> bool:
    """Whether a draw filled a tracked kernel that vouches for its place."""
    return item.z is not None and item.z >= SURE


def bracketed(alignment: Alignment, item: Placed) -> bool:
    """Whether a draw's place is checked on both sides: by a kernel that is sure of its place, or the start of the stream.

    Then the number of draws between its neighbours is exactly what the graph predicts.
    """
    at = next(i for i, other in enumerate(alignment.placed) if other is item)
    sure = [is_sure(other) for other in alignment.placed]
    return item.claimed and (any(sure[:at]) or alignment.from_start) and any(sure[at + 1 :])

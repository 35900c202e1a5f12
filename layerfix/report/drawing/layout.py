"""Where the boxes of a directed graph go: layers from top to bottom, few crossings, long edges round the boxes (after Sugiyama)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

SWEEPS = 8
GAP, RISE = 26.0, 28.0
"""Pixels between boxes side by side, and between ranks."""


@dataclass(slots=True)
class Spot:
    """A box or a bend: its rank, size, centre (x, y) once placed, and the spots above and below it."""

    rank: int
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0
    above: list[int] = field(default_factory=list)
    below: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of the boxes, the points of each edge from box to box, and the size of the whole."""

    centres: Sequence[tuple[float, float]]
    routes: Sequence[Sequence[tuple[float, float]]]
    width: float
    height: float


def place(sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]]) -> Layout:
    """Lays out boxes of the given (width, height) in pixels. Edges that close a cycle are left out of the ranking, not of the drawing."""
    forward = _acyclic(len(sizes), edges)
    ranks = _ranks(len(sizes), forward)
    spots = [Spot(ranks[i], *size) for i, size in enumerate(sizes)]
    chains = {edge: _chain(spots, edge) for edge in forward}
    rows = _rows(spots)
    for sweep in range(SWEEPS):
        _reorder(spots, rows, down=sweep % 2 == 0)
    for sweep in range(SWEEPS):
        _align(spots, rows, down=sweep % 2 == 0)
    height = _stack(spots, rows)
    left = min((spot.x - spot.width / 2 for spot in spots), default=0.0)
    for spot in spots:
        spot.x -= left
    width = max((spot.x + spot.width / 2 for spot in spots), default=0.0)
    routes = [_route(spots, chains.get(edge, list(edge))) for edge in edges]
    return Layout([(spot.x, spot.y) for spot in spots[: len(sizes)]], routes, width, height)


def _acyclic(count: int, edges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The edges without those that lead back to a box on the way (found depth first, without recursion)."""
    targets: dict[int, list[int]] = {}
    for source, target in edges:
        targets.setdefault(source, []).append(target)
    state: list[int] = [0] * count
    back: set[tuple[int, int]] = set()
    for root in range(count):
        stack = [(root, iter(targets.get(root, ())))] if not state[root] else []
        state[root] = state[root] or 1
        while stack:
            node, rest = stack[-1]
            following = next(rest, None)
            if following is None:
                state[node] = 2
                stack.pop()
            elif state[following] == 1:
                back.add((node, following))
            elif not state[following]:
                state[following] = 1
                stack.append((following, iter(targets.get(following, ()))))
    return [edge for edge in dict.fromkeys(edges) if edge not in back]


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest way from a source to each box."""
    incoming = [0] * count
    below: list[list[int]] = [[] for _ in range(count)]
    for source, target in edges:
        incoming[target] += 1
        below[source].append(target)
    ranks, ready = [0] * count, [node for node in range(count) if not incoming[node]]
    while ready:
        node = ready.pop()
        for target in below[node]:
            ranks[target] = max(ranks[target], ranks[node] + 1)
            incoming[target] -= 1
            if not incoming[target]:
                ready.append(target)
    return ranks


def _chain(spots: list[Spot], edge: tuple[int, int]) -> list[int]:
    """The spots along an edge, with a bend on every rank between its ends."""
    source, target = edge
    chain = [source]
    for rank in range(spots[source].rank + 1, spots[target].rank):
        spots.append(Spot(rank, 12.0, 0.0))
        chain.append(len(spots) - 1)
    chain.append(target)
    for above, below in pairwise(chain):
        spots[above].below.append(below)
        spots[below].above.append(above)
    return chain


def _rows(spots: Sequence[Spot]) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(max((spot.rank for spot in spots), default=-1) + 1)]
    for index, spot in enumerate(spots):
        rows[spot.rank].append(index)
    return rows


def _reorder(spots: Sequence[Spot], rows: Sequence[list[int]], *, down: bool) -> None:
    """Sorts every row by the mean position of its neighbours in the row before."""
    for row in rows if down else reversed(rows):
        position = {index: i for other in rows for i, index in enumerate(other)}
        row.sort(key=lambda index: _mean([position[n] for n in _neighbours(spots[index], down)], position[index]))


def _align(spots: Sequence[Spot], rows: Sequence[list[int]], *, down: bool) -> None:
    """Moves every row as close to its neighbours as its order allows."""
    for row in rows if down else reversed(rows):
        wanted = [_mean([spots[n].x for n in _neighbours(spots[index], down)], spots[index].x) for index in row]
        for index, x in zip(row, _spread(wanted, [spots[index].width for index in row]), strict=True):
            spots[index].x = x


def _spread(wanted: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Positions nearest to `wanted` (least squares) whose boxes keep their order and `GAP` (pool adjacent violators)."""
    offsets = [0.0]
    for before, after in pairwise(widths):
        offsets.append(offsets[-1] + (before + after) / 2 + GAP)
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, offsets, strict=False):
        mean, size = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, count = pools.pop()
            mean, size = (mean * size + other * count) / (size + count), size + count
        pools.append((mean, size))
    flat = [mean for mean, size in pools for _ in range(size)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=False)]


def _stack(spots: Sequence[Spot], rows: Sequence[Sequence[int]]) -> float:
    """Sets every y; returns the height of all."""
    top = 0.0
    for row in rows:
        tallest = max(spots[index].height for index in row)
        for index in row:
            spots[index].y = top + tallest / 2
        top += tallest + RISE
    return max(top - RISE, 0.0)


def _route(spots: Sequence[Spot], chain: Sequence[int]) -> list[tuple[float, float]]:
    first, last = spots[chain[0]], spots[chain[-1]]
    bends = [(spots[index].x, spots[index].y) for index in chain[1:-1]]
    return [(first.x, first.y + first.height / 2), *bends, (last.x, last.y - last.height / 2)]


def _neighbours(spot: Spot, down: bool) -> list[int]:
    return spot.above if down else spot.below


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise

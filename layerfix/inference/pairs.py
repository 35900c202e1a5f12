"""Two lost kernels at once: those that an estimate of both remembers, crossed, and judged by the whole model in laps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.inference.race import Score, counted
from layerfix.progress import Progress

CROSSED = 500
"""Op seeds taken of each kernel: ten million leave a wrong one above z = 3.9 so often."""
LAPS = ((2, 20_000), (8, 2_000), (24, 200))
"""Samples that judge a pair, and how many pairs go on; the last go through the whole search half."""
BLOCK = 32
"""Inner kernels are evaluated in multiples of this, so that few shapes are compiled."""


@dataclass(frozen=True, slots=True)
class Outer:
    """The kernel that is put into the model one candidate after the other."""

    kernels: Array
    put: Callable[[Array], None]


def best_pairs(inner: Array, outer: Outer, score: Score, order: Sequence[int], progress: Progress) -> NDArray[np.int64]:
    """Pairs (inner row, outer row) that explain the samples best, best first: shape (pairs, 2).

    Args:
        inner: candidates as rows, evaluated in batches by `score`; nothing that they are applied to depends on the outer kernel.
        outer: candidates of the other kernel.
        score: of inner kernels, for the outer one that the model holds.
        order: samples, the most telling ones first.
    """
    rows = np.stack(np.meshgrid(np.arange(len(inner)), np.arange(len(outer.kernels)), indexing="ij"), axis=-1).reshape(-1, 2)
    for samples, keep in (*LAPS, (len(order), len(rows))):
        chosen = list(order[:samples])
        scores = np.empty(len(rows), np.float32)
        for done, (at, where) in enumerate(_by_outer(rows)):
            outer.put(outer.kernels[at])
            scores[where] = _scored(inner[rows[where, 0]], score, chosen)
            progress(f"pairs of kernels against {counted(len(chosen))}", done, len(outer.kernels))
        rows = rows[np.argsort(scores, kind="stable")[:keep]]
    return rows


def _by_outer(rows: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.int64]]]:
    order = np.argsort(rows[:, 1], kind="stable")
    at, starts = np.unique(rows[order, 1], return_index=True)
    yield from ((int(value), where) for value, where in zip(at, np.split(order, starts[1:]), strict=True))


def _scored(kernels: Array, score: Score, chosen: Sequence[int]) -> Array:
    padding = -len(kernels) % BLOCK
    return score(np.concatenate([kernels, np.repeat(kernels[-1:], padding, axis=0)]), chosen)[: len(kernels)]

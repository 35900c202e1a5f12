"""A claimed kernel against values that its initializer could have drawn as well, and against itself at other sizes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from layerfix.arrays import Array
from layerfix.inference.verdicts import JUDGED
from layerfix.probe.evidence import gap
from layerfix.rng.initializers import Stream

RIVALS, SLOW_RIVALS = 200, 40
"""Values that a kernel is held against; fewer where each needs a run of the model."""
SIZES = (0.5, 0.7071, 1.4142, 2.0)
"""Other initializers and lost factors give the same kernel at another size."""
AS_GOOD = 0.9
"""Least badness of another size, relative to the kernel's own."""
TELLING = 0.2
"""Spread of the logarithm of the rivals' badness from which a kernel has a say in it."""
POWER = 2.0
"""Expected lead, in standard deviations of the rivals' badness, from which its lack tells."""
FAINT = 1e-4
"""Expected lead below which a kernel has no say, and its lack is rounding."""
FALLS_SHORT = 0.4
"""Share of the expected lead below which a kernel is contradicted."""
ORDINARY = 0.2
"""Share of rivals that do better, from which a kernel is no better than they are."""


@dataclass(frozen=True, slots=True)
class Contest:
    """How well a claimed kernel and others explain samples.

    Attributes:
        badness: on both halves, shape (2, candidates): first the claimed kernel, then itself at other
            sizes, then rivals.
        sane: badness above which nothing is explained.
        lift: by how much rivals would be worse than the claimed kernel on either half if it were the
            true one, where that can be told.
    """

    badness: Array
    sane: float
    lift: Array | None = None

    @property
    def both(self) -> Array:
        """On both halves together."""
        return np.sqrt(np.prod(np.maximum(self.badness, 1e-30), axis=0))

    @property
    def fits(self) -> bool:
        """Whether the claimed kernel explains the samples at all, and no other size of it is better on both halves together."""
        both, sizes = self.both[0], self.both[1 : 1 + len(SIZES)]
        return bool((sizes >= AS_GOOD * both).all()) and bool(self.badness[:, 0].max() <= self.sane)

    @property
    def first(self) -> bool:
        """Whether the claimed kernel fits, and beats every rival in both halves."""
        beaten = self.badness[:, :1] < self.badness[:, 1 + len(SIZES) :]
        return bool(beaten.all()) and self.fits

    @property
    def log10_chance(self) -> float:
        """Of a lead like its own among rivals, by extreme-value fit."""
        both = self.both
        return gap([both[0], *both[1 + len(SIZES) :]], neighbours=JUDGED).log10_chance

    @property
    def contradicted(self) -> bool:
        """Whether rivals are hardly worse although they would be by far if it were the true kernel."""
        if self.lift is None:
            return self.ordinary
        rivals = self.badness[:, 1 + len(SIZES) :]
        found = np.median(rivals, axis=1) - self.badness[:, 0]
        expected = bool((self.lift >= np.maximum(POWER * rivals.std(axis=1), FAINT)).all())
        return expected and bool((found < FALLS_SHORT * self.lift).all())

    @property
    def ordinary(self) -> bool:
        """Whether it is one of many although kernels of this layer matter."""
        rivals = self.badness[:, 1 + len(SIZES) :]
        telling = np.log(np.maximum(rivals, 1e-30)).std(axis=1).min() >= TELLING
        better = (rivals < self.badness[:, :1]).mean(axis=1).min()
        sane = min(self.sane, 0.5 * float(np.median(rivals)) if np.isinf(self.sane) else self.sane)
        return bool(telling and better >= ORDINARY and self.badness[:, 0].min() > sane)


def contestants(claimed: Array, drawn: Stream, shape: Sequence[int], graph_seed: int, rivals: int) -> Array:
    """The claimed kernel, itself at other sizes, and rivals: (1 + sizes + rivals, elements)."""
    own = np.asarray(claimed, np.float32).ravel()
    others = _rivals(drawn, shape, graph_seed, rivals) if rivals else np.empty((0, own.size), np.float32)
    return np.vstack([own, *(np.float32(size) * own for size in SIZES), others])


def _rivals(drawn: Stream, shape: Sequence[int], graph_seed: int, count: int) -> Array:
    from layerfix.rng.generate import candidates

    if drawn.kind != "orthogonal":
        op_seeds = np.random.default_rng(0).integers(10_000_000, size=count)
        return np.asarray(candidates(drawn, graph_seed, op_seeds, int(np.prod(shape))), np.float32)
    generator = np.random.default_rng(0)
    flat = (int(np.prod(shape[:-1])), shape[-1])
    parts = (np.linalg.svd(generator.normal(size=flat), full_matrices=False) for _ in range(count))
    return np.array(
        [drawn.gain * (left if left.shape == flat else right).ravel() for left, _, right in parts],
        np.float32,
    )

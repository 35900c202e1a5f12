"""Weighted sums of a kernel's elements, rounded to a grid: on it the expectation that a bound needs is a finite sum."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.initializers import TRUNCATED_DEVIATION
from layerfix.rng.initializers import Kind as StreamKind

Array = NDArray[np.float64]
STEP, REACH = 0.025, 7.0
"""Distance of the grid's points, and the last of them; what lies beyond is rounded to that."""
POINTS: Array = np.arange(-round(REACH / STEP), round(REACH / STEP) + 1).astype(np.float64) * STEP
FREQUENCIES: Array = np.arange(0.0, 40.0, 0.2)
"""Where the characteristic function is taken: it repeats every 2 pi / 0.2, far beyond what a sum can be, and has vanished at the last."""
END, VANISHED = 25, 1e-9
"""The last frequencies, and what a characteristic function must have fallen to there: that of a sum of few terms has not."""
SLACK = 1e-12
"""Added to each probability: more than the quadrature errs by, and only ever to the disadvantage of a claim."""


def rounded(sums: Array) -> NDArray[np.intp]:
    """Places on the grid."""
    return np.clip(np.rint(sums / STEP), -(len(POINTS) // 2), len(POINTS) // 2).astype(np.intp) + len(POINTS) // 2


def probabilities(kind: StreamKind, directions: Array) -> tuple[Array, NDArray[np.bool_]]:
    """Of the grid's points for t = d . x with x independent standardised elements, (units, points), and of which sums they are right.

    The probability of a cell is the integral over s of the characteristic function of t, which is the product of those of its terms,
    times the Fourier transform of the cell. Nothing is assumed about the shape of t but that it is a sum of more than a few terms.

    Args:
        kind: distribution of the elements.
        directions: of length one, (units, elements of a unit).
    """
    found = np.stack([characteristic(kind, direction, FREQUENCIES) for direction in directions])
    weights = np.sinc(FREQUENCIES * STEP / 2 / math.pi)
    weights[0] /= 2
    chances = np.maximum((found * weights) @ np.cos(np.outer(FREQUENCIES, POINTS)), 0.0)
    smooth = np.abs(found[:, -END:]).max(axis=1) <= VANISHED
    return np.asarray(chances / chances.sum(axis=1, keepdims=True) + SLACK), np.asarray(smooth)


def characteristic(kind: StreamKind, direction: Array, s: Array) -> Array:
    """Of d . x at the points s >= 0: (points,)."""
    if kind == "normal":
        return np.exp(-(s**2) * float(direction @ direction) / 2)
    return np.asarray(_ONE[kind](np.outer(direction[direction != 0], s)).prod(axis=0))


def _uniform(s: Array) -> Array:
    return np.sinc(math.sqrt(3.0) / math.pi * s)


def _truncated(s: Array) -> Array:
    grid, values = _truncated_table()
    return np.interp(np.abs(s), grid, values)


@cache
def _truncated_table() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(128)
    density = weights * np.exp(-((2 * nodes) ** 2) / 2)
    grid = np.arange(0.0, 60.0, 0.002)
    return grid, np.cos(np.outer(grid, 2 * nodes / TRUNCATED_DEVIATION)) @ (density / density.sum())


_ONE: dict[str, Callable[[Array], Array]] = {"uniform": _uniform, "truncated_normal": _truncated}

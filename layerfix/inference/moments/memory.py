"""What remembered mean squares say of each weighted sum of a kernel's elements: a likelihood on the grid."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from layerfix.inference.moments.grid import POINTS
from layerfix.probe.means import Squares

Array = NDArray[np.float64]
ERRORS = (0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2)
"""How far a remembered logarithm may be off."""
EXPONENTS = (0.5, 0.75, 1.0, 1.25)
"""Powers of the mean square that squared gradients may follow: what comes back is not independent of what is read."""
SHIFTS: Array = np.linspace(-0.6, 0.6, 13)
"""Around the median: what all channels have in common is not told."""
STRAY, WIDE = 0.03, 4.0
"""Share of channels that may be off by so many times more."""
LOWEST = 0.3
"""Of the smallest mean square that a random kernel gave: less is not believed of any."""
COARSE = 8
"""Every so many points of the grid the sizes are compared at."""
BEYOND = 0.5
"""How far beyond the sums of the random kernels the response is followed."""


def remembered(squares: Squares, sums: Array, weights: Array) -> Array:
    """Likelihood of the grid's points for each unit, at most one: (units, points).

    What random kernels give is followed as a quadratic function of the sum. The common factor, the exponent and the size of the errors are
    those under which what is told is likeliest; they owe nothing to any candidate.

    Args:
        squares: what is told, and what random kernels give.
        sums: of these, (draws, units).
        weights: of the grid's points for each unit, (units, points).
    """
    found = np.ones_like(weights)
    live = np.flatnonzero(np.isfinite(squares.told) & np.isfinite(squares.answers).all(axis=0))
    if len(live) < 2:
        return found
    curves, rest = (np.stack(parts) for parts in zip(*(_response(sums[:, u], squares.answers[:, u]) for u in live), strict=True))
    share = weights[live] / weights[live].sum(axis=1, keepdims=True)
    best, chosen, told = -np.inf, (1.0, 1.0, 0.0), squares.told[live]
    coarse, share = curves[:, ::COARSE], share[:, ::COARSE]
    for exponent, error in itertools.product(EXPONENTS, ERRORS):
        width = np.hypot(error, exponent * rest)[:, None]
        base = float(np.median(told - exponent * (share * coarse).sum(axis=1) / share.sum(axis=1)))
        for shift in base + SHIFTS:
            likelihood = _likelihood((told[:, None] - shift - exponent * coarse) / width)
            value = float(np.log((share * likelihood).sum(axis=1) / width[:, 0]).sum())
            best, chosen = max((best, chosen), (value, (exponent, error, shift)))
    exponent, error, shift = chosen
    found[live] = _likelihood((told[:, None] - shift - exponent * curves) / np.hypot(error, exponent * rest)[:, None])
    return found


def _response(sums: Array, answers: Array) -> tuple[Array, Array]:
    """Log mean square on the grid, (points,), and what a sum leaves open of it, ()."""
    level = float(answers.mean())
    squares = np.exp(answers - level)
    terms = np.column_stack([np.ones_like(sums), sums, sums**2])
    found = np.linalg.lstsq(terms / squares[:, None], np.ones_like(sums), rcond=None)[0]
    at = np.clip(POINTS, sums.min() - BEYOND, sums.max() + BEYOND)
    curve = np.log(np.maximum(np.polyval(found[::-1], at), LOWEST * squares.min())) + level
    return curve, np.asarray(np.std(answers - np.interp(sums, POINTS, curve)))


def _likelihood(error: Array) -> Array:
    return np.asarray((1 - STRAY) * np.exp(-(error**2) / 2) + STRAY * np.exp(-((error / WIDE) ** 2) / 2))

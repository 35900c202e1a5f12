"""The expectation that a bound needs: of exp(-(r - t)^2 / (2 w^2)) over random kernels, t a weighted sum of a kernel's elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.initializers import TRUNCATED_DEVIATION
from layerfix.rng.initializers import Kind as StreamKind

Array = NDArray[np.float64]
POINTS = 1201
"""Points of the quadrature: the integrand is smooth, and falls to nothing before the last."""
REACH = 9.0
"""Where exp(-x^2 / 2) is below what a double resolves."""
FEW = 0.5
"""Share of one element from which a sum is that of few."""
WIDEST = 5.0
"""Largest width: the quadrature's step resolves the Gaussian that it gives."""
SLACK = 1e-12
"""Added to each expectation: more than the quadrature errs by, and only ever to the disadvantage of a claim."""


class Expectations:
    """E exp(-(r - t)^2 / (2 w^2)) for t = d . x, with x independent standardised elements: one for each direction.

    exp(-y^2 / (2 w^2)) is the Fourier transform of a Gaussian, so the expectation is the integral of that Gaussian times cos(r s) times
    the characteristic function of t, which is the product of those of its terms. Nothing is assumed about the shape of t.

    Args:
        kind: distribution of the elements.
        directions: of length one, (units, elements of a unit).
    """

    def __init__(self, kind: StreamKind, directions: Array) -> None:
        few = float(np.max(np.abs(directions))) > FEW  # then a sum is no bell, and its characteristic function falls off slowly
        self._s = np.linspace(0.0, 10 * REACH if few else REACH, 10 * POINTS if few else POINTS)
        self._characteristic = np.stack([characteristic(kind, direction, self._s) for direction in directions])

    def __call__(self, centres: Array, widths: Array) -> Array:
        """For r and w of each unit, 0.1 <= w <= WIDEST: (units,)."""
        gauss = np.exp(-((widths[:, None] * self._s) ** 2) / 2)
        integral = np.trapezoid(gauss * np.cos(centres[:, None] * self._s) * self._characteristic, self._s, axis=1)
        return np.asarray(np.clip(2 * widths / math.sqrt(2 * math.pi) * integral, 0.0, None) + SLACK)


def characteristic(kind: StreamKind, direction: Array, s: Array) -> Array:
    """Of d . x at the points s >= 0: (points,)."""
    if kind == "normal":
        return np.exp(-(s**2) * float(direction @ direction) / 2)
    found = np.ones_like(s)
    for weight in np.abs(direction[direction != 0]):
        found *= _ONE[kind](weight * s)
    return found


def _uniform(s: Array) -> Array:
    return np.sinc(math.sqrt(3.0) / math.pi * s)


def _truncated(s: Array) -> Array:
    grid, values = _truncated_table()
    return np.interp(s, grid, values)


@cache
def _truncated_table() -> tuple[Array, Array]:
    x = np.linspace(-2.0, 2.0, 4001)
    density = np.exp(-(x**2) / 2)
    density /= np.trapezoid(density, x)
    grid = np.linspace(0.0, 60.0, 12001)
    values = np.array([np.trapezoid(density * np.cos(point / TRUNCATED_DEVIATION * x), x) for point in grid])
    return grid, values


_ONE: dict[str, Callable[[Array], Array]] = {"uniform": _uniform, "truncated_normal": _truncated}

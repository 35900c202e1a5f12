"""What stored means say of a kernel's weighted sums: a Gaussian for each size of errors, by the tangent of the means."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerfix.probe.means import Means

Array = NDArray[np.float64]
ERRORS = (0.1, 0.2, 0.4, 0.8)
"""How far the expected means may be off, relative to what kernels move."""
WANDERING = (0.01, 0.03, 0.1, 0.3)
"""Error of a moving mean in units of the channel's deviation: weights move while it is averaged."""
GAIN = 0.3
"""How far all means may be off in common."""
POWER = 6
"""Steps of the power iteration that finds a direction; the first few leave nothing to find."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Posterior:
    """What means tell of the sums: expectations (units,) and covariance (units, units), the prior's being zero and one."""

    expected: Array
    covariance: Array
    strain: float
    log_density: float


def nothing(units: int) -> Posterior:
    """What no means at all tell: the prior."""
    return Posterior(np.zeros(units), np.eye(units), 1.0, 0.0)


def posteriors(means: Means, slope: Array, directions: Array, center: float) -> list[Posterior]:
    """What means tell under each size of errors.

    Args:
        means: stored, and what moves them.
        slope: by how much each element of a standardised kernel moves them, (means, inputs, units).
        directions: along which an input's elements are summed, (units, inputs).
        center: expectation of the kernel's elements.
    """
    response = np.einsum("fiu,ui->fu", slope, directions)
    offset = means.offset + means.slope.sum(axis=1) * center
    residual = means.stored - offset
    flat = slope.reshape(len(slope), -1)
    rest = flat @ flat.T - response @ response.T
    size = float(np.trace(response @ response.T)) * (1 + means.bend)
    fixed, doubt = rest + means.bend * response @ response.T, _doubt(means, response, size)
    found = []
    for error, wandering in itertools.product(ERRORS, WANDERING):
        noise = fixed + error**2 * doubt + wandering**2 * np.diag(means.variance)
        found.append(_posterior(response, residual, noise + TINY * float(np.trace(noise)) / len(noise) * np.eye(len(noise))))
    return found


def _doubt(means: Means, response: Array, size: float) -> Array:
    """Covariance of the means' errors for errors of size one: half in what the kernel sees, half in what passes it by; a common gain."""
    shift = means.shift * math.sqrt(size / max(float(np.sum(means.shift**2)), TINY))
    common = means.shift @ means.level
    return np.asarray((response @ response.T + shift @ shift.T) / 2 + GAIN**2 * np.outer(common, common))


def patterns(slope: Array) -> Array:
    """The pattern of inputs to which the means answer most, for each unit: (units, inputs), by power iteration."""
    direction = slope.sum(axis=0).T + TINY * np.abs(slope).max()
    direction = np.einsum("fiu,fu->ui", slope, np.einsum("fiu,ui->fu", slope, direction))
    for _ in range(POWER):
        direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-300)
        direction = np.einsum("fiu,fu->ui", slope, np.einsum("fiu,ui->fu", slope, direction))
    return unit_rows(direction)


def unit_rows(direction: Array) -> Array:
    """Rows of length one; even ones where nothing is known."""
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    even = np.full_like(direction, direction.shape[1] ** -0.5)
    return np.asarray(np.where(length > 0, direction / np.maximum(length, 1e-300), even))


def _posterior(response: Array, residual: Array, noise: Array) -> Posterior:
    covariance = noise + response @ response.T
    solved = np.linalg.solve(covariance, np.column_stack([response, residual]))
    gain, square = solved[:, :-1].T, float(residual @ solved[:, -1])
    log_density = -(square + float(np.linalg.slogdet(covariance)[1])) / 2
    return Posterior(gain @ residual, np.eye(len(gain)) - gain @ response, square / len(residual), log_density)

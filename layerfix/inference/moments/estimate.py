"""An estimate of a lost kernel from stored means, and how strongly it speaks for a candidate: an e-value, hence a proven bound.

A stored mean depends on the kernel through one weighted sum of elements for each of its output channels, t = d . k: what reaches the layer
has a mean of its own in every input channel, and d is their pattern. The means behind the layer then tell all t at once, up to what is
wrong about d, about what passes the layer by, and about moving averages. For each channel that is an observation r of t with a width w.

The evidence for a candidate is E = prod_c exp(-(r_c - t_c)^2 / (2 w_c^2)) / E0_c, E0_c being the expectation of the numerator over random
kernels. r and w come from the file, and a wrong candidate owes nothing to the file: its t_c are independent of them and of one another
(disjoint elements), so the expectation of E over wrong candidates is exactly one, *however wrong the model of the errors is*. By Markov's
inequality P(E >= x) <= 1 / x, and M candidates reach x by chance with probability M / x at most. In the form of `seeds.certificate`
that is M exp(-z^2 / 2) with z = sqrt(2 ln E). How far the stored means may be off is not known, so E is averaged over a few widths:
an average of such values is one itself (V. Vovk, R. Wang, E-values, Ann. Statist. 49, 2021).
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerfix.inference.moments.expectation import WIDEST, Expectations
from layerfix.inference.race import spread
from layerfix.probe.means import Means
from layerfix.rng.initializers import Stream

Array = NDArray[np.float64]
ERRORS = (0.1, 0.2, 0.4, 0.8)
"""How far the expected means may be off, relative to what kernels move."""
WANDERING = (0.01, 0.03, 0.1, 0.3)
"""Error of a moving mean in units of the channel's deviation: weights move while it is averaged."""
LEFT = (0.01, WIDEST**2 / (1 + WIDEST**2))
"""Bounds of the share of a sum's variance that the means leave open."""
GAIN = 0.3
"""How far all means may be off in common."""
POWER = 6
"""Steps of the power iteration that finds a direction; the first few leave nothing to find."""
TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Observed:
    """The weighted sums as the stored means tell them, under one size of errors.

    Attributes:
        centre, width: r and w, (units,).
        expected: the posterior mean of each sum, (units,).
        log_norm: log E0, (units,).
        strain: mean square of the stored means' whitened residuals: about one where kernels and errors of these sizes explain them.
        log_density: of the stored means, the kernel being unknown.
    """

    centre: Array
    width: Array
    expected: Array
    log_norm: Array
    strain: float
    log_density: float

    def log_evidence(self, sums: Array) -> Array:
        """ln E for sums of shape (..., units)."""
        return np.asarray((-(((sums - self.centre) / self.width) ** 2) / 2 - self.log_norm).sum(-1))

    @property
    def promised(self) -> float:
        """ln E that the true kernel has on average if this size of errors is the right one."""
        share = self.width**2 / (1 + self.width**2)
        return float((-(((self.expected - self.centre) ** 2 + share) / self.width**2) / 2 - self.log_norm).sum())


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the file tells of one kernel.

    Attributes:
        directions: d for each unit (last axis of the kernel), of length one: (units, elements of a unit).
        observed: under several sizes of errors.
        scale, center: deviation and expectation of the kernel's elements.
    """

    directions: Array
    observed: tuple[Observed, ...]
    scale: float
    center: float

    @property
    def _likeliest(self) -> Observed:
        """The sums under the size of errors under which the stored means are likeliest."""
        return max(self.observed, key=lambda observed: observed.log_density)

    @property
    def strain(self) -> float:
        """How badly the stored means fit any kernel at all: about one, and much more where something else is wrong."""
        return self._likeliest.strain

    @property
    def kernel(self) -> NDArray[np.float32]:
        """The expected kernel in C order: the direction in which a scan looks."""
        expected = self._likeliest.expected[:, None] * self.directions * self.scale + self.center
        return np.ascontiguousarray(expected.T, np.float32).ravel()

    def sums(self, kernels: NDArray[np.float32]) -> Array:
        """The weighted sums of kernels of shape (candidates, elements): (candidates, units)."""
        units, inputs = self.directions.shape
        standard = (kernels.reshape(len(kernels), inputs, units) - self.center) / self.scale
        return np.asarray(np.einsum("niu,ui->nu", standard, self.directions.astype(np.float32)), np.float64)

    def log_evidence(self, kernels: NDArray[np.float32]) -> Array:
        """ln E of candidates of shape (candidates, elements), averaged over the sizes of errors: (candidates,)."""
        sums = self.sums(kernels)
        each = np.stack([observed.log_evidence(sums) for observed in self.observed])
        top = each.max(axis=0)
        return np.asarray(top + np.log(np.exp(each - top).mean(axis=0)))

    @property
    def promised(self) -> float:
        """ln E that the true kernel is expected to have, as the file itself tells."""
        return self._likeliest.promised - math.log(len(self.observed))

    def resemblance(self, kernels: NDArray[np.float32]) -> Array:
        """z of candidates against the expected kernel: near N(0, 1) for wrong ones, near `promised_z` for the true one."""
        expected = self._likeliest.expected
        return np.asarray(self.sums(kernels) @ expected / max(float(np.linalg.norm(expected)), TINY))

    @property
    def promised_z(self) -> float:
        """The resemblance that the true kernel is expected to have: its sums lie around the expected ones."""
        return float(np.linalg.norm(self._likeliest.expected))


def estimate(means: Means, shape: tuple[int, ...], stream: Stream) -> Estimate:
    """What stored means tell of a kernel of some shape that a stream filled.

    The kernel is a priori random with the stream's deviation; the means are Gaussian around their tangent. Posterior over prior, channel
    by channel, gives r and w.
    """
    scale, units = spread(stream), shape[-1]
    slope = means.slope.reshape(len(means.stored), -1, units) * scale
    directions = _directions(slope)
    response = np.einsum("fiu,ui->fu", slope, directions)
    offset = means.offset + means.slope.sum(axis=1) * stream.center
    residual = means.stored - offset
    rest = np.einsum("fiu,giu->fg", slope, slope) - response @ response.T
    size = float(np.trace(response @ response.T)) * (1 + means.bend)
    fixed, doubt = rest + means.bend * response @ response.T, _doubt(means, response, size)
    expectations, observed = Expectations(stream.kind, directions), []
    for error, wandering in itertools.product(ERRORS, WANDERING):
        noise = fixed + error**2 * doubt + wandering**2 * np.diag(means.variance)
        noise = noise + TINY * float(np.trace(noise)) / len(noise) * np.eye(len(noise))
        observed.append(_observed(response, residual, noise, expectations))
    return Estimate(directions, tuple(observed), scale, stream.center)


def _doubt(means: Means, response: Array, size: float) -> Array:
    """Covariance of the means' errors for errors of size one: half in what the kernel sees, half in what passes it by; a common gain."""
    shift = means.shift * math.sqrt(size / max(float(np.sum(means.shift**2)), TINY))
    common = means.shift @ means.level
    return np.asarray((response @ response.T + shift @ shift.T) / 2 + GAIN**2 * np.outer(common, common))


def _directions(slope: Array) -> Array:
    """The pattern of inputs to which the means answer most, for each unit: (units, inputs), by power iteration."""
    direction = slope.sum(axis=0).T + TINY * np.abs(slope).max()
    direction = np.einsum("fiu,fu->ui", slope, np.einsum("fiu,ui->fu", slope, direction))
    for _ in range(POWER):
        direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-300)
        direction = np.einsum("fiu,fu->ui", slope, np.einsum("fiu,ui->fu", slope, direction))
    length = np.linalg.norm(direction, axis=1, keepdims=True)
    even = np.full_like(direction, direction.shape[1] ** -0.5)
    return np.asarray(np.where(length > 0, direction / np.maximum(length, 1e-300), even))


def _observed(response: Array, residual: Array, noise: Array, expectations: Expectations) -> Observed:
    covariance = noise + response @ response.T
    solved = np.linalg.solve(covariance, np.column_stack([response, residual]))
    gain, square = solved[:, :-1].T, float(residual @ solved[:, -1])
    expected = gain @ residual
    left = np.clip(1 - np.einsum("uf,fu->u", gain, response), *LEFT)
    centre, width = expected / (1 - left), np.sqrt(left / (1 - left))
    log_density = -(square + float(np.linalg.slogdet(covariance)[1])) / 2
    return Observed(centre, width, expected, np.log(expectations(centre, width)), square / len(residual), log_density)

"""An estimate of a lost kernel from stored means and remembered squares, and how strongly it speaks for a candidate: a proven bound.

A stored mean depends on the kernel through one weighted sum of elements for each of its output channels, t = d . k: what reaches the layer
has a mean of its own in every input channel, and d is their pattern. The means behind the layer then tell all t at once, up to what is
wrong about d, about what passes the layer by, and about moving averages. Squared gradients (`memory.py`) tell each t by itself.

The evidence for a candidate is E = prod_c G_c(t_c) S_c(t_c) / E0_c, G_c being a Gaussian around what the means expect of t_c once the sums
before it are known, S_c what is remembered of it, and E0_c the expectation of the numerator over random kernels. G and S come from the
file, and a wrong candidate owes nothing to the file: its t_c are independent of it and of one another (disjoint elements), so channel by
channel the expectation of the next factor is exactly one whatever the sums before it were, and that of E is one, *however wrong the model
of the errors is*. By Markov's inequality P(E >= x) <= 1 / x, and M candidates reach x by chance with probability M / x at most. In the form
of `rng.certificate` that is M exp(-z^2 / 2) with z = sqrt(2 ln E). How far the stored means may be off is not known, so E is averaged over
a few sizes of errors, those more likely by the file counting more: an average of such values is one itself (V. Vovk, R. Wang, E-values,
Ann. Statist. 49, 2021).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerfix.inference.moments.grid import POINTS, STEP, probabilities, rounded
from layerfix.inference.moments.memory import remembered
from layerfix.inference.moments.posterior import TINY, Posterior, nothing, patterns, posteriors, unit_rows
from layerfix.inference.race import spread
from layerfix.probe.means import Means, Squares
from layerfix.rng.initializers import Stream

Array = NDArray[np.float64]
WIDEST = 5.0
LEFT = (0.01, WIDEST**2 / (1 + WIDEST**2))
"""Bounds of the share of a sum's variance that the means leave open."""
FAITH = (1.0, 0.4, 0.0)
"""Powers of what is remembered that are tried: it may err together with the means."""
EVEN = 0.5
"""Share of the average over sizes of errors that is spread evenly."""


@dataclass(frozen=True, slots=True)
class Observed:
    """The weighted sums as the file tells them, under one size of errors.

    Attributes:
        base, follow: a sum's centre is base + follow @ sums before it: (units,), strictly lower triangular (units, units).
        width: around it, (units,).
        remembered: log S, (units, points).
        log_norm: log E0 for each centre, (units, points).
        expected: the posterior mean of each sum, (units,).
        promised: ln E that the true kernel has on average if this size of errors is the right one.
        strain: mean square of the stored means' whitened residuals: about one where kernels and errors of these sizes explain them.
        log_density: of the stored means, the kernel being unknown.
    """

    base: Array
    follow: Array
    width: Array
    remembered: Array
    log_norm: Array
    expected: Array
    promised: float
    strain: float
    log_density: float

    def log_evidence(self, places: NDArray[np.intp]) -> Array:
        """ln E for rounded sums of shape (candidates, units)."""
        sums, units = POINTS[places], np.arange(len(self.width))
        centres = rounded(sums @ self.follow.T + self.base)
        gauss = -(((POINTS[centres] - sums) / self.width) ** 2) / 2
        return np.asarray((gauss + self.remembered[units, places] - self.log_norm[units, centres]).sum(-1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the file tells of one kernel.

    Attributes:
        directions: d for each unit (last axis of the kernel), of length one: (units, elements of a unit).
        observed: under several sizes of errors.
        weights: of these, their sum being one.
        scale, center: deviation and expectation of the kernel's elements.
    """

    directions: Array
    observed: tuple[Observed, ...]
    weights: Array
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
        return weighted(kernels, self.directions, self.scale, self.center)

    def log_evidence(self, kernels: NDArray[np.float32]) -> Array:
        """ln E of candidates of shape (candidates, elements), averaged over the sizes of errors: (candidates,)."""
        places = rounded(self.sums(kernels))
        each = np.stack([observed.log_evidence(places) for observed in self.observed])
        top = each.max(axis=0)
        return np.asarray(top + np.log(self.weights @ np.exp(each - top)))

    @property
    def promised(self) -> float:
        """ln E that the true kernel is expected to have, as the file itself tells."""
        return self._likeliest.promised + math.log(float(self.weights.max()))

    def resemblance(self, kernels: NDArray[np.float32]) -> Array:
        """z of candidates against the expected kernel: near N(0, 1) for wrong ones, near `promised_z` for the true one."""
        expected = self._likeliest.expected
        return np.asarray(self.sums(kernels) @ expected / max(float(np.linalg.norm(expected)), TINY))

    @property
    def promised_z(self) -> float:
        """The resemblance that the true kernel is expected to have: its sums lie around the expected ones."""
        return float(np.linalg.norm(self._likeliest.expected))


def weighted(kernels: NDArray[np.float32], directions: Array, scale: float, center: float) -> Array:
    """Weighted sums of the standardised elements of kernels of shape (candidates, elements): (candidates, units)."""
    units, inputs = directions.shape
    standard = (kernels.reshape(len(kernels), inputs, units) - center) / scale
    return np.asarray(np.einsum("niu,ui->nu", standard, directions.astype(np.float32)), np.float64)


def estimate(means: Means | None, squares: Sequence[Squares], shape: tuple[int, ...], stream: Stream) -> Estimate:
    """What stored means and remembered squares tell of a kernel of some shape that a stream filled.

    The kernel is a priori random with the stream's deviation; the means are Gaussian around their tangent. What the means say of a sum,
    posterior over prior, is a Gaussian, given the sums before it.
    """
    scale, units = spread(stream), shape[-1]
    slope = None if means is None else means.slope.reshape(len(means.stored), -1, units) * scale
    directions = patterns(slope) if slope is not None else unit_rows(_remembered_pattern(squares, units))
    chances, heard = probabilities(stream.kind, directions)
    told = [nothing(units)] if means is None or slope is None else posteriors(means, slope, directions, stream.center)
    likeliest = max(told, key=lambda posterior: posterior.log_density)
    memory = _memory(likeliest, chances, squares, [weighted(each.kernels, directions, scale, stream.center) for each in squares])
    faith = FAITH if squares else FAITH[-1:]
    memories = [memory * share for share in faith]
    observed = tuple(each for posterior in told for each in _observed(posterior, chances, memories, heard))
    weights = np.repeat(_weights([each.log_density for each in told]), len(faith)) / len(faith)
    return Estimate(directions, observed, weights, scale, stream.center)


def _remembered_pattern(squares: Sequence[Squares], units: int) -> Array:
    return np.asarray(np.sum([each.direction for each in squares], axis=0).reshape(-1, units).T)


def _memory(posterior: Posterior, chances: Array, squares: Sequence[Squares], sums: Sequence[Array]) -> Array:
    """log S: what all remembered squares say of the grid's points, (units, points)."""
    marginal = _marginal(posterior) * chances
    return sum((np.log(remembered(each, told, marginal)) for each, told in zip(squares, sums, strict=True)), np.zeros_like(chances))


def _observed(posterior: Posterior, chances: Array, memories: Sequence[Array], heard: NDArray[np.bool_]) -> Iterator[Observed]:
    """What a posterior of the sums and remembered squares, believed in several degrees, say together of the units that are heard."""
    factor = np.linalg.cholesky(posterior.covariance + TINY * np.eye(len(heard)))
    left = np.clip(np.diag(factor) ** 2, *LEFT)
    follow = np.tril(-np.diag(factor)[:, None] * np.linalg.inv(factor), -1) / (1 - left)[:, None]
    base = posterior.expected / (1 - left) - follow @ posterior.expected
    width = np.where(heard, np.sqrt(left / (1 - left)), np.inf)
    marginal = np.where(heard[:, None], _marginal(posterior), 1.0)
    for memory in memories:
        silenced = memory * heard[:, None]
        log_norm = np.log(_smoothed(chances * np.exp(silenced), width)) * heard[:, None]
        both = (marginal * np.exp(silenced) + 1e-200) * chances
        both /= both.sum(axis=1, keepdims=True)
        promised = float((both * np.log(np.maximum(both, 1e-300) / chances)).sum())
        yield Observed(base, follow, width, silenced, log_norm, both @ POINTS, promised, posterior.strain, posterior.log_density)


def _marginal(posterior: Posterior) -> Array:
    """Posterior over prior of each sum by itself, on the grid: (units, points)."""
    left = np.clip(np.diag(posterior.covariance), *LEFT)
    away = POINTS - (posterior.expected / (1 - left))[:, None]
    return np.asarray(np.exp(-(away**2) * ((1 - left) / left)[:, None] / 2))


def _smoothed(values: Array, width: Array) -> Array:
    """Sums over the grid of values times a Gaussian around each of its points: (units, points)."""
    size = 2 * len(POINTS)
    away = np.minimum(np.arange(size), size - np.arange(size)) * STEP
    gauss = np.exp(-((away / width[:, None]) ** 2) / 2)
    found = np.fft.irfft(np.fft.rfft(values, size) * np.fft.rfft(gauss), size)[:, : len(POINTS)]
    return np.asarray(np.maximum(found, 0.0) + 1e-12 * values.sum(axis=1, keepdims=True))


def _weights(log_densities: Sequence[float]) -> Array:
    """Half spread evenly, half by how likely the file is under each: the file alone decides."""
    likely = np.exp(np.array(log_densities) - max(log_densities))
    return np.asarray(EVEN / len(likely) + (1 - EVEN) * likely / likely.sum())

"""What stored statistics tell of one lost kernel: how the means behind it depend on it, and what they were in training."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from layerfix.arrays import Array


@dataclass(frozen=True, slots=True)
class Means:
    """Channel means at the BatchNormalizations behind a lost layer, linearised in one of its kernels.

    Attributes:
        stored: moving means, freed of their start: (channels,). Channels of all BatchNormalizations, one after the other.
        variance: moving variances, (channels,).
        offset: means that a kernel of zeros would give (the tangent's, where the response is bent): (channels,).
        slope: how means depend on the kernel's elements in C order: (channels, elements).
        shift: how they depend on a shift of what the lost layer hands on, channel by channel: (channels, handed).
        level: means of what the lost layer hands on without the kernel, (handed,).
        bend: mean square deviation from the tangent, relative to what kernels move; 0.0 where the response is straight.
    """

    stored: Array
    variance: Array
    offset: Array
    slope: Array
    shift: Array
    level: Array
    bend: float

    @property
    def tell(self) -> bool:
        """Whether any stored mean depends on the kernel."""
        return bool(self.slope.size and np.isfinite(self.slope).all() and np.abs(self.slope).max() > 0)


@dataclass(frozen=True, slots=True)
class Squares:
    """Mean squares of features behind a lost layer, each of which depends on one unit (place on the last axis) of one of its kernels alone.

    Attributes:
        told: logarithms as the optimizer remembers them, up to a number that all share: (units,). NaN for units that no feature depends on.
        kernels: random kernels, (draws, elements).
        answers: the same logarithms for each of these, (draws, units).
        direction: gradient of the features' means by the kernel's elements, (elements,).
    """

    told: Array
    kernels: Array
    answers: Array
    direction: Array

    @property
    def tell(self) -> bool:
        """Whether any square is told of, and the features depend on the kernel."""
        return bool(np.isfinite(self.told).any() and np.isfinite(self.direction).all() and np.abs(self.direction).max() > 0)

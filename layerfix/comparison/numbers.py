"""Comparing two tensors in chunks: equal bits, or how far apart."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.digests import equal_bits


@dataclass(slots=True)
class Distance:
    """Running figures of the difference between two tensors of one shape."""

    equal: bool = True
    largest: float = 0.0
    total: float = 0.0
    count: int = 0
    dot: float = 0.0
    norm_before: float = 0.0
    norm_after: float = 0.0
    nonfinite: int = 0

    @property
    def mean(self) -> float:
        """Mean absolute difference over finite elements."""
        return self.total / self.count if self.count else 0.0

    @property
    def cosine(self) -> float | None:
        """Cosine of the angle between both, None where one is zero."""
        length = sqrt(self.norm_before) * sqrt(self.norm_after)
        return max(-1.0, min(1.0, self.dot / length)) if length else None

    def add(self, before: Array, after: Array) -> None:
        """Takes in two pieces of the same shape."""
        if self.equal and equal_bits(before, after):
            self._add_equal(before)
            return
        self.equal = False
        one, two = _flat(before), _flat(after)
        finite = np.isfinite(one) & np.isfinite(two)
        if not finite.all():
            self.nonfinite += int(finite.size - np.count_nonzero(finite))
            one, two = one[finite], two[finite]
        difference = np.abs(one - two)
        self.largest = max(self.largest, float(difference.max(initial=0.0)))
        self.total += float(difference.sum(dtype=np.float64))
        self.count += difference.size
        self.dot += _dot(one, two)
        self.norm_before += _dot(one, one)
        self.norm_after += _dot(two, two)

    def _add_equal(self, piece: Array) -> None:
        """Equal pieces count in the figures only if a later piece differs, so their cost stays at one product."""
        flat = _flat(piece)
        square = _dot(flat, flat)
        if not np.isfinite(square):
            finite = np.isfinite(flat)
            self.nonfinite += int(flat.size - np.count_nonzero(finite))
            flat = flat[finite]
            square = _dot(flat, flat)
        self.count += flat.size
        self.dot += square
        self.norm_before += square
        self.norm_after += square


def distance(before: Iterable[Array], after: Iterable[Array]) -> Distance:
    """The distance between two tensors of one shape that come in equal pieces."""
    result = Distance()
    for one, two in zip(before, after, strict=True):
        result.add(one, two)
    return result


def _dot(one: Array, two: Array) -> float:
    """Their product in float32, and in float64 where that is too large for it: squares beyond 1e19 are."""
    with np.errstate(over="ignore", invalid="ignore"):
        product = float(np.dot(one, two))
        return product if np.isfinite(product) else float(np.dot(one.astype(np.float64), two.astype(np.float64)))


def _flat(array: Array) -> Array:
    """One dimension, in a float type that BLAS multiplies: float32 stays, everything else becomes float64."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return flat if flat.dtype == np.float32 else flat.astype(np.float64)

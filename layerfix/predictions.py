"""Do predictions agree? The one answer, for every command that compares what a model predicts with what it should."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from layerfix.arrays import Array

TOLERANCE = 1e-4
"""Largest difference, relative to an output's scale, that counts as rounding."""
NUMBERS = "fiub"
"""Kinds of numpy dtypes that are numbers or truth values; `ml_dtypes.bfloat16`, which TensorFlow gives, is of none."""
SMALLEST = 1e-6
"""The least scale that an output is given: what a dead layer predicts is compared with it instead of with zero."""


def scale(expected: Array) -> float:
    """An output's largest finite magnitude, at least SMALLEST; 1 for text."""
    if not _is_number(expected):
        return 1.0
    magnitudes = np.abs(np.asarray(expected, np.float64))
    return max(float(np.max(magnitudes[np.isfinite(magnitudes)], initial=0)), SMALLEST)


def largest_difference(found: Sequence[Array], expected: Sequence[Array]) -> float:
    """The largest absolute difference; infinity where number or shapes of the outputs differ, or what is no finite number differs.

    A model whose training diverged predicts NaN, and so must its copy: NaN equals NaN, and an infinity itself alone.
    """
    return _largest(found, expected, relative=False)


def difference(found: Sequence[Array], expected: Sequence[Array]) -> float:
    """As `largest_difference`, each output relative to its own `scale`."""
    return _largest(found, expected, relative=True)


def agree(found: Sequence[Array], expected: Sequence[Array], tolerance: float = TOLERANCE) -> bool:
    """Whether two lists of outputs, one array each, are the same predictions up to rounding."""
    return difference(found, expected) <= tolerance


def _is_number(array: Array) -> bool:
    return array.dtype.kind in NUMBERS or array.dtype.name == "bfloat16"


def _largest(found: Sequence[Array], expected: Sequence[Array], *, relative: bool) -> float:
    if [array.shape for array in found] != [array.shape for array in expected]:
        return float("inf")
    gaps = (_gap(one, two) / (scale(two) if relative else 1.0) for one, two in zip(found, expected, strict=True))
    return max(gaps, default=0.0)


def _gap(found: Array, expected: Array) -> float:
    if not (_is_number(expected) and _is_number(found)):
        return 0.0 if np.array_equal(found, expected) else float("inf")
    one, two = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    finite = np.isfinite(two)
    if not np.array_equal(one[~finite], two[~finite], equal_nan=True) or not np.isfinite(one[finite]).all():
        return float("inf")
    return float(np.max(np.abs(one[finite] - two[finite]), initial=0))

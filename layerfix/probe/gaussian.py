"""Gaussian numbers whose channels have the same moments to rounding (Latin hypercube: M. D. McKay et al., Technometrics 21, 1979)."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from layerfix.arrays import Array


def gaussian(generator: np.random.Generator, shape: tuple[int, ...], axis: int) -> Array:
    """Standard normal numbers, each channel along `axis` a permutation of the same quantiles: float32."""
    channels, count = shape[axis], int(np.prod(shape)) // shape[axis]
    quantiles = np.array([NormalDist().inv_cdf((i + 0.5) / count) for i in range(count)], np.float32)
    quantiles /= quantiles.std() if count > 1 else 1.0
    columns = np.stack([generator.permutation(quantiles) for _ in range(channels)])
    rest = [size for i, size in enumerate(shape) if i != axis]
    return np.moveaxis(columns.reshape(channels, *rest), 0, axis)

"""What legacy `Orthogonal` made of numpy's normal numbers (keras 2.0.0-2.2.5, initializers.py, Orthogonal.__call__).

The draws can be simulated exactly; the decomposition goes through LAPACK, whose rounding is the machine's. The value is therefore exact to
rounding. The signs of singular vectors changed in LAPACK 3.10; those of the time are found in lapack.py, as far as `signs_known` says.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.initializers import Stream
from layerfix.rng.lapack import LARGEST_AGREEING, singular_vectors, slightly_wide


def flat_shape(shape: Sequence[int]) -> tuple[int, int]:
    """(rows, columns) of the matrix that Orthogonal draws: all axes but the last are rows."""
    return math.prod(shape[:-1]), int(shape[-1])


def orthogonal(normals: NDArray[np.float64], shape: Sequence[int], gain: float = 1.0) -> NDArray[np.float32]:
    """The weight made of standard normal draws.

    Args:
        normals: float64, as many as the weight has elements, in the order drawn.
        shape: of the weight, rank 2 or more.
        gain: the initializer's.

    Returns:
        float32 array of that shape, to rounding.
    """
    drawn = np.asarray(normals, np.float64).reshape(flat_shape(shape))
    u, _, v = np.linalg.svd(drawn, full_matrices=False)
    old = singular_vectors(drawn)
    if old is not None:
        signs = np.where((u * old[0]).sum(axis=0) < 0, -1.0, 1.0)
        u, v = u * signs, v * signs[:, None]
    q = u if u.shape == drawn.shape else v
    return np.asarray(gain * q.reshape(tuple(shape)), np.float32)


def signs_known(shape: Sequence[int]) -> bool:
    """Whether the signs of the weight's singular vectors are those of legacy Keras' days, rather than those of this machine's LAPACK."""
    rows, columns = flat_shape(shape)
    return not slightly_wide(rows, columns) and min(rows, columns) <= LARGEST_AGREEING


def seeded(stream: Stream, shape: Sequence[int]) -> NDArray[np.float32]:
    """The weight of an Orthogonal with a seed of its own.

    Raises:
        ValueError: where the stream has none.
    """
    if stream.kind != "orthogonal" or stream.seed is None:
        raise ValueError("this initializer has no seed of its own")
    return orthogonal(np.random.RandomState(stream.seed).normal(0.0, 1.0, flat_shape(shape)), shape, stream.gain)

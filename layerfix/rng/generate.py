"""Many candidate kernels at once: the raw numbers of a stream for each of a list of op seeds.

The same stream as `streams.py`, which it is tested against; compiled where numba is there, in plain numpy otherwise.
"""

# mypy: disable-error-code="untyped-decorator"
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from layerfix.rng.cores import compiling
from layerfix.rng.initializers import Stream
from layerfix.rng.streams import KEY_STEPS, MULTIPLIERS, effective_seeds, standard


def candidates(stream: Stream, graph_seed: int, op_seeds: NDArray[np.int64], count: int) -> NDArray[np.float32]:
    """The first `count` values that each op seed would have filled a weight with: float32, shape (len(op_seeds), count)."""
    fill = _compiled() if stream.kind == "uniform" else None
    if fill is not None and (graph_seed or op_seeds.all()):
        raw = np.empty((len(op_seeds), -(-count // 4) * 4), np.float32)
        fill(*effective_seeds(graph_seed, 1)[:1], op_seeds.astype(np.uint64), raw)
        raw = raw[:, :count]
    else:
        raw = np.stack([standard(stream.kind, graph_seed, int(seed), count) for seed in op_seeds])
    if stream.kind == "uniform":
        return np.asarray(raw * (np.float32(stream.high) - np.float32(stream.low)) + np.float32(stream.low))
    return np.asarray(raw * np.float32(stream.stddev) + np.float32(stream.mean))


@cache
def _compiled() -> Callable[..., None] | None:
    try:
        with compiling():
            from numba import njit, prange
    except ImportError:
        return None
    a, b, s0, s1 = (np.uint64(value) for value in (*MULTIPLIERS, *KEY_STEPS))
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    scale = np.float32(2.0**-23)

    @njit(parallel=True, fastmath=False, cache=False)
    def fill(key: Any, op_seeds: Any, out: Any) -> None:
        for row in prange(op_seeds.shape[0]):
            for group in range(out.shape[1] // 4):
                c0, c1, c2, c3 = np.uint64(group), np.uint64(0), op_seeds[row] & low, op_seeds[row] >> half
                k0, k1 = np.uint64(key) & low, np.uint64(key) >> half
                for _ in range(10):
                    p0, p1 = a * c0, b * c2
                    c0, c1, c2, c3 = (p1 >> half) ^ c1 ^ k0, p1 & low, (p0 >> half) ^ c3 ^ k1, p0 & low
                    k0, k1 = (k0 + s0) & low, (k1 + s1) & low
                out[row, 4 * group] = np.float32(c0 & np.uint64(0x7FFFFF)) * scale
                out[row, 4 * group + 1] = np.float32(c1 & np.uint64(0x7FFFFF)) * scale
                out[row, 4 * group + 2] = np.float32(c2 & np.uint64(0x7FFFFF)) * scale
                out[row, 4 * group + 3] = np.float32(c3 & np.uint64(0x7FFFFF)) * scale

    return cast(Callable[..., None], fill)

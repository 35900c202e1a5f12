"""Which of the ten million op seeds a trained kernel still remembers.

The score of an op seed is z = sum(w * c): w is the trained kernel, centred and of length one, c the candidate's values with mean zero and
deviation one. For a wrong op seed c is independent of w, and each of its elements is *strictly sub-Gaussian*, E exp(s c) <= exp(s^2 / 2):

* uniform: an element is an affine image of 23 fair bits, a sum of independent +-2^j, and cosh(s) <= exp(s^2 / 2);
* normal: with equality;
* normal truncated at a = 2: integration by parts gives m_k = (2k-1) m_{k-1} - b a^(2k-2) for the even moments m_k = E x^2k with
  b = 1 - sigma^2; |x| is stochastically smaller than uniform on [0, a], so m_{k-1} <= a^(2k-2) / (2k-1), hence
  m_k <= (2k-1) sigma^2 m_{k-1} and m_k <= (2k-1)!! sigma^2k, the moments of a normal with the same deviation.

So P(z >= t) <= exp(-t^2 / 2) for every trained kernel whatever its values, and the same for normalised sums over kernels.
`streams.py` is the reference, `philox_numba.py` the fast path; without numba (or with LAYERFIX_NO_NUMBA set) plain numpy serves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.progress import Progress, silent
from layerfix.rng import tables
from layerfix.rng.cores import UNCOMPILED, by_all_cores, compiling, numba_wanted
from layerfix.rng.initializers import Stream
from layerfix.rng.streams import OP_SEEDS, unit

CHUNK = 32_768
"""Op seeds per task: a multiple of eight; scores of a chunk stay in the cache."""
MOST = 1_000_000
"""Elements of a tensor that are looked at: z grows with the root of their number, and so many are more than enough."""

Scores = NDArray[np.float32]
Seeds = range | NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A trained tensor that may remember its first value.

    Attributes:
        key: what the caller calls it; hashable.
        values: flat float32 array in C order.
        stream: what it was filled with; `stream.random` must hold.
    """

    key: Any
    values: NDArray[np.float32]
    stream: Stream

    @property
    def weights(self) -> NDArray[np.float64]:
        """The first million values, centred on the stream's mean and scaled to length one; zeros where nothing can be told."""
        centred = np.asarray(np.ravel(self.values)[:MOST], np.float64) - self.stream.center
        length = float(np.linalg.norm(centred))
        return centred / length if math.isfinite(length) and length > 0 else np.zeros_like(centred)


def z_score(fingerprint: Fingerprint, graph_seed: int, op_seed: int) -> float:
    """z of one op seed with all values, by the numpy reference."""
    weights = fingerprint.weights
    return float(weights @ unit(fingerprint.stream.kind, graph_seed, op_seed, weights.size))


def scores(fingerprint: Fingerprint, graph_seed: int, *, seeds: range = range(OP_SEEDS), progress: Progress = silent) -> Scores:
    """z of every op seed in `seeds`: float32 array, for sums over faint kernels (40 MB for all ten million)."""
    scored: Scores = table([fingerprint], graph_seed, seeds=seeds, progress=progress)[0]
    return scored


def table(fingerprints: Sequence[Fingerprint], graph_seed: int, *, seeds: Seeds = range(OP_SEEDS), progress: Progress = silent) -> Scores:
    """z of every op seed against several fingerprints at once: float32, shape (fingerprints, len(seeds))."""
    out = np.empty((len(fingerprints), len(seeds)), np.float32)
    row = {id(fingerprint): index for index, fingerprint in enumerate(fingerprints)}
    for kind, group in by_kind(fingerprints):
        plan = tables.plan(kind, [f.weights for f in group], graph_seed)
        rows = [row[id(f)] for f in group]
        for start, block in blocks(plan, seeds, progress):
            out[rows, start : start + block.shape[1]] = block
    return out


def score_seeds(fingerprint: Fingerprint, graph_seed: int, op_seeds: NDArray[np.int64], values: int | None = None) -> Scores:
    """z of chosen op seeds, with the first `values` values of the kernel (all of them by default)."""
    return scored(tables.plan(fingerprint.stream.kind, [fingerprint.weights[:values]], graph_seed), op_seeds)


def scored(plan: tables.Plan, op_seeds: NDArray[np.int64]) -> Scores:
    """Scores of chosen op seeds against a plan of one kernel, by all cores."""
    chunks = [op_seeds[i : i + CHUNK] for i in range(0, len(op_seeds), CHUNK)]
    done = by_all_cores(lambda chunk: score(plan, chunk)[0], chunks)
    return np.concatenate([np.empty(0, np.float32), *done])


def uses_numba() -> bool:
    """Whether the compiled path serves."""
    return numba_wanted() and _compiled() is not None


def has_scanned() -> bool:
    """Whether the compiled path serves and has been used: another scan costs its time alone."""
    return _compiled.cache_info().currsize > 0 and uses_numba()


def by_kind(fingerprints: Sequence[Fingerprint]) -> Iterator[tuple[str, list[Fingerprint]]]:
    """Fingerprints that share a distribution share the candidate values; larger ones first, as the plan wants them."""
    for kind in sorted({f.stream.kind for f in fingerprints}):
        yield kind, sorted((f for f in fingerprints if f.stream.kind == kind), key=lambda f: -f.values.size)


def blocks(plan: tables.Plan, seeds: Seeds, progress: Progress) -> Iterator[tuple[int, Scores]]:
    """(offset, scores of shape (kernels, chunk)) for all seeds, in order, by all cores."""
    starts = range(0, len(seeds), CHUNK)

    def work(start: int) -> tuple[int, Scores]:
        return start, score(plan, np.asarray(seeds[start : start + CHUNK], np.int64))

    for start, block in by_all_cores(work, starts):
        yield start, block
        progress("op seeds", min(start + CHUNK, len(seeds)), len(seeds))


def score(plan: tables.Plan, op_seeds: NDArray[np.int64]) -> Scores:
    """Scores of shape (kernels, len(op_seeds))."""
    compiled = _compiled() if uses_numba() else None
    return tables.by_numpy(plan, op_seeds) if compiled is None else tables.by_numba(plan, op_seeds, compiled)


@cache
def _compiled() -> Mapping[str, Callable[..., Any]] | None:
    try:
        with compiling():
            from layerfix.rng import philox_numba
    except UNCOMPILED:
        return None
    return philox_numba.SCORERS

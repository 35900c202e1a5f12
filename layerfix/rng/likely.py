"""The script's seed before all op seeds: the first draws of numbers that people write, held against a few kernels, in plain numpy.

Most scripts state such a number before they build anything. Where it explains every kernel, the scan of ten million op seeds would
find the same, a hundred times dearer. What is found is paid for as if all op seeds had been tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from layerfix.rng import tables
from layerfix.rng.chain import STRONG, TOP, Search, from_first_phase
from layerfix.rng.collisions import OP_SEEDS
from layerfix.rng.guesses import POPULAR, Memory
from layerfix.rng.numpy_stream import LARGEST, MASK, NumpyStream
from layerfix.rng.philox import Fingerprint, z_score
from layerfix.rng.screening import REFERENCE_SIZE, Candidates
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

ASKED = 3
"""Kernels, the largest, that are held against the draws of every number."""
DRAWS = 64
"""First op seeds of a script that are tried for each number."""
EACH = 6
"""Further ones for each kernel of the model, under the number that was found: hidden layers draw as well."""
FEW_VALUES, VALUES = 256, 512
"""Values that are looked at under every number: of the largest kernel first, and of all that are asked where it does not tell."""
MORE_VALUES = 4096
"""And under the one that was found."""

OpSeeds = NDArray[np.int64]


def likely(fingerprints: Sequence[Fingerprint], memory: Memory) -> Search | None:
    """The search that a number which people write, or the one that the user remembers, settles by itself; None where none does.

    Args:
        fingerprints: tracked kernels with a random initializer and no seed of their own.
        memory: what the user remembers.
    """
    seed = DEFAULT_GRAPH_SEED if memory.graph_seed is None else memory.graph_seed
    numbers = POPULAR if memory.numpy_seed is None else (memory.numpy_seed % 2**32,)
    largest = sorted(fingerprints, key=lambda mark: -mark.values.size)[:ASKED]
    if not largest:
        return None
    number = _number(largest[:1], seed, numbers, FEW_VALUES)
    if number is None:
        number = _number(largest, seed, numbers, VALUES)
    if number is None:
        return None
    tried = _draws(number, DRAWS + EACH * len(fingerprints))
    scores = _scores(fingerprints, seed, tried, MORE_VALUES)
    found = {mark.key: _candidates(mark, seed, tried, scores[mark.key]) for mark in fingerprints}
    told = f"{len(fingerprints)} kernels against the first draws of {len(numbers)} numpy seeds that people use."
    return from_first_phase(Search(seed, found, log=(told,)), memory)


def _number(largest: Sequence[Fingerprint], graph_seed: int, numbers: Sequence[int], values: int) -> int | None:
    """The number whose first draws some kernels remember, by their first values; None where none is remembered clearly."""
    op_seeds = np.stack([_draws(number, DRAWS) for number in numbers])
    best = [z.reshape(op_seeds.shape).max(axis=1) for z in _scores(largest, graph_seed, op_seeds.ravel(), values).values()]
    clear = max(float(z.max()) for z in best) >= STRONG
    return numbers[int(np.argmax(np.sum(best, axis=0)))] if clear else None


def _draws(number: int, count: int) -> OpSeeds:
    """The first op seeds that legacy Keras draws after `np.random.seed(number)`."""
    words = NumpyStream(number, 2 * count + 64).words & MASK
    return words[words <= LARGEST][:count].astype(np.int64)


def _scores(fingerprints: Iterable[Fingerprint], graph_seed: int, op_seeds: OpSeeds, values: int) -> Mapping[object, NDArray[np.float32]]:
    """z of op seeds with the first values of each kernel, (op seeds,)."""
    return {
        mark.key: tables.by_numpy(tables.plan(mark.stream.kind, [mark.weights[:values]], graph_seed), op_seeds)[0] for mark in fingerprints
    }


def _candidates(mark: Fingerprint, graph_seed: int, op_seeds: OpSeeds, scores: NDArray[np.float32]) -> Candidates:
    """The best of the op seeds tried, the first of them by the reference with all values."""
    best = np.argsort(-scores, kind="stable")[:TOP]
    z = scores[best].astype(np.float64)
    sure = 4 if mark.values.size <= REFERENCE_SIZE else 1
    z[:sure] = [z_score(mark, graph_seed, int(op_seed)) for op_seed in op_seeds[best[:sure]]]
    order = np.argsort(-z, kind="stable")
    return Candidates(op_seeds[best][order], z[order], OP_SEEDS)

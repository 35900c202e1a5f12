"""Which numpy seeds draw given op seeds early on: a search through `np.random.seed(0)` to `np.random.seed(2**32 - 1)`.

`np.random.randint(10e6)` takes the low 24 bits of a word and rejects what is above 9,999,999 (numpy's legacy masked rejection), so an op
seed stands in the stream as it is, and a seed is told by where its words' low 24 bits meet op seeds. The search runs by ranges of seeds,
which can as well be spread over machines. Without numba (or with LAYERFIXUNCOMPILED set) plain numpy serves, slower and equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.progress import Progress, silent
from layerfix.rng import shards
from layerfix.rng.cores import UNCOMPILED, by_all_cores, compiling, numba_wanted

SEEDS = 2**32
SHARD = 2**21
"""Numpy seeds per task, about a fiftieth of a second."""
FAR_SHARD = 2**26
"""Numpy seeds of a task that another process does, a second or two."""
MOST_WORDS = 200
MOST_KERNELS = 62
SIEVE_BITS = 15
FEW = 16
"""Up to so many candidates are compared directly, more are sieved."""
_NUMPY_TILE = 4096
_OFFSET = 397


@dataclass(frozen=True, slots=True)
class Targets:
    """Candidate op seeds, each belonging to one or more kernels.

    Attributes:
        op_seeds: int64, ascending.
        labels: int64 of the same length: the kernels as bits of a set.
        sieve: uint8 (2^15,): 1 where some op seed has these low bits.
    """

    op_seeds: NDArray[np.int64]
    labels: NDArray[np.int64]
    sieve: NDArray[np.uint8]


def find(
    candidates: Sequence[int] | Mapping[Any, Iterable[int]],
    words: int,
    *,
    seeds: range = range(SEEDS),
    need: int = 1,
    progress: Progress = silent,
) -> list[int]:
    """Numpy seeds whose first `words` raw words meet candidates of at least `need` different kernels.

    Args:
        candidates: op seeds, each a kernel of its own; or the candidate op seeds of each kernel (62 kernels at most, the rest share bits).
        words: raw words of the stream to look at, 1 to 200.
        seeds: numpy seeds to try, step 1.
        need: kernels to meet.
        progress: called with seeds done.

    Returns:
        the seeds, ascending. Positions are for the caller to look up (numpy_stream).

    Raises:
        ValueError: for a `words` out of range.
    """
    if not 1 <= words <= MOST_WORDS:
        raise ValueError(f"the search looks at 1 to {MOST_WORDS} words of a stream, not {words}")
    targets = _targets(candidates)
    if not len(targets.op_seeds):
        return []
    far = shards.elsewhere()
    if far is None:
        return sorted(_shards(targets, words, seeds, need, progress))
    told = {"op_seeds": targets.op_seeds.tolist(), "labels": targets.labels.tolist(), "words": words, "need": need}
    return sorted(_far(far, told, seeds, progress))


def _targets(candidates: Sequence[int] | Mapping[Any, Iterable[int]]) -> Targets:
    groups = candidates.values() if isinstance(candidates, Mapping) else [[seed] for seed in candidates]
    labels: dict[int, int] = {}
    for kernel, group in enumerate(groups):
        for op_seed in group:
            labels[int(op_seed)] = labels.get(int(op_seed), 0) | 1 << (kernel % MOST_KERNELS)
    op_seeds = np.array(sorted(labels), np.int64)
    return Targets(op_seeds, np.array([labels[int(s)] for s in op_seeds], np.int64), _sieve(op_seeds))


def _sieve(op_seeds: NDArray[np.int64]) -> NDArray[np.uint8]:
    sieve = np.zeros(2**SIEVE_BITS, np.uint8)
    sieve[op_seeds & (2**SIEVE_BITS - 1)] = 1
    return sieve


def _shards(targets: Targets, words: int, seeds: range, need: int, progress: Progress) -> Iterator[int]:
    search = _search()
    starts = range(seeds.start, seeds.stop, SHARD)

    def work(start: int) -> list[int]:
        return search(targets, words, start, min(start + SHARD, seeds.stop), need)

    for start, found in zip(starts, by_all_cores(work, starts), strict=True):
        yield from found
        progress("numpy seeds", min(start + SHARD, seeds.stop) - seeds.start, len(seeds))


def _far(far: shards.Spread, told: Mapping[str, object], seeds: range, progress: Progress) -> Iterator[int]:
    """The same by other processes."""
    done = 0
    for answer in far({"search": "numpy", **told, "start": start, "stop": stop} for start, stop in shards.ranges(seeds, FAR_SHARD)):
        yield from answer["seeds"]
        done += answer["tried"]
        progress("numpy seeds", done, len(seeds))


def search_shard(shard: Mapping[str, Any]) -> dict[str, Any]:
    """One range of numpy seeds, in this thread: {"seeds": those found, "tried": how many}."""
    op_seeds, labels = np.array(shard["op_seeds"], np.int64), np.array(shard["labels"], np.int64)
    targets, start, stop = Targets(op_seeds, labels, _sieve(op_seeds)), shard["start"], shard["stop"]
    search = _search()
    found = [search(targets, shard["words"], *piece, shard["need"]) for piece in shards.ranges(range(start, stop), SHARD)]
    return {"seeds": [seed for seeds in found for seed in seeds], "tried": stop - start}


Search = Callable[[Targets, int, int, int, int], list[int]]


def _search() -> Search:
    return (_compiled() if numba_wanted() else None) or search_by_numpy


@cache
def _compiled() -> Search | None:
    try:
        with compiling():
            from numba.core.errors import NumbaError

            from layerfix.rng import mt19937_numba as fast
    except UNCOMPILED:
        return None

    def search(targets: Targets, words: int, start: int, stop: int, need: int) -> list[int]:
        try:
            return compiled(targets, words, start, stop, need)
        except (NumbaError, *UNCOMPILED):  # a numba whose insides moved fails when a function is first called, not at its import
            return search_by_numpy(targets, words, start, stop, need)

    def compiled(targets: Targets, words: int, start: int, stop: int, need: int) -> list[int]:
        scan = fast.find_few if len(targets.op_seeds) <= FEW else fast.find_many
        count = -(-(stop - start) // fast.TILE) * fast.TILE
        room = 4096
        while True:
            found = np.empty(room, np.int64)
            hits = scan(start, count, words, targets.op_seeds, targets.labels, targets.sieve, need, found)
            if hits <= room:  # else it counted on without room to write them, and says how much it takes
                return [int(seed) for seed in found[:hits] if seed < stop]
            room = hits

    return search


def search_by_numpy(targets: Targets, words: int, start: int, stop: int, need: int) -> list[int]:
    """The same in plain numpy, a tile of seeds at a time."""
    hits: list[int] = []
    for first in range(start, stop, _NUMPY_TILE):
        values = _outputs(np.arange(first, min(first + _NUMPY_TILE, stop), dtype=np.uint64).astype(np.uint32), words)
        place = np.minimum(np.searchsorted(targets.op_seeds, values), len(targets.op_seeds) - 1)
        met = np.where(targets.op_seeds[place] == values, targets.labels[place], 0)
        united = np.bitwise_or.reduce(met, axis=0)
        kernels = sum((united >> bit) & 1 for bit in range(MOST_KERNELS))
        hits += [first + int(lane) for lane in np.flatnonzero(kernels >= need)]
    return hits


def _outputs(seeds: NDArray[np.uint32], words: int) -> NDArray[np.int64]:
    """Low 24 bits of the first outputs: shape (words, len(seeds)). Source: numpy, random/src/mt19937/mt19937.c."""
    state = np.empty((_OFFSET + words, len(seeds)), np.uint32)
    state[0] = seeds
    for index in range(1, _OFFSET + words):
        state[index] = np.uint32(1812433253) * (state[index - 1] ^ (state[index - 1] >> np.uint32(30))) + np.uint32(index)
    following = state[1 : words + 1]
    joined = (state[:words] & np.uint32(0x80000000)) | (following & np.uint32(0x7FFFFFFF))
    y = state[_OFFSET:] ^ (joined >> np.uint32(1)) ^ ((following & np.uint32(1)) * np.uint32(0x9908B0DF))
    y ^= y >> np.uint32(11)
    y ^= (y << np.uint32(7)) & np.uint32(0x9D2C5680)
    y ^= (y << np.uint32(15)) & np.uint32(0xEFC60000)
    return np.asarray(((y ^ (y >> np.uint32(18))) & np.uint32(0xFFFFFF)).astype(np.int64))

"""Which seeds people use, in the order in which they are worth trying, and how deep a script may have read the stream before.

Every phase says how many hypotheses it adds; the false-positive bound pays for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from layerfix.containers.records import WeightKey
from layerfix.progress import Progress
from layerfix.rng.mt19937 import find
from layerfix.rng.numpy_stream import NumpyStream, Wanted, meetings, table

POPULAR = (
    42, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 17, 21, 22, 23, 27, 33, 37, 47, 50, 64, 66, 77, 88, 99, 100, 101, 111, 113, 123,
    128, 137, 200, 222, 256, 300, 314, 321, 333, 400, 420, 451, 500, 512, 555, 600, 666, 700, 777, 800, 888, 900, 999, 1000, 1001, 1024,
    1111, 1123, 1212, 1234, 1313, 1337, 1357, 1492, 1618, 1701, 1729, *range(1980, 2031), 2048, 2222, 2357, 2718, 3000, 3141, 3333,
    3407, 4096, 4242, 4321, 5000, 5555, 6666, 6174, 7777, 8191, 8192, 8888, 9000, 9999, 10000, 11111, 12345, 13579, 16384, 20000, 22222,
    24601, 27182, 31337, 31415, 32767, 32768, 42424, 43210, 54321, 55555, 65535, 65536, 77777, 86028, 87654, 88888, 90210, 98765, 99999,
    100000, 111111, 123123, 123456, 141421, 161803, 222222, 271828, 314159, 424242, 523287, 654321, 666666, 777777, 888888, 987654,
    999999, 1000000, 1234567, 2718281, 3141592, 7654321, 8675309, 12345678, 16180339, 19680801, 27182818, 31415926, 87654321, 98765432,
    123456789, 161803398, 271828182, 314159265, 987654321, 1234567890, 1618033988, 2147483647, 2718281828, 3141592653, 3735928559,
    3405691582, 3131961357, 4277009102, 4294967295,
)  # fmt: skip
"""Numbers people write, the likeliest first."""
SMALL = 2**25
"""Every small number, year and date (yyyymmdd, ddmmyyyy) is below this."""
FIRST_WORDS = 24
SHUFFLED_WORDS = 100_000
"""A data set shuffled, or a few models built and trained before."""
POPULAR_WORDS = 1_200_000
"""A data set drawn before."""
LIKELY = 2100
"""Small numbers and years."""
COMMON = 20_000
COMMON_WORDS = 4096
DEEPEST = 6_000_000
PAIR_DRAWS = 40
"""First draws of a script among which a kernel's is looked for, where the graph seed is not known."""
PAIR_VALUES = 1024
BATCH = 16
"""Numpy seeds between two reports of progress."""

Candidates = Mapping[WeightKey, Iterable[int]]
"""Plausible op seeds of each kernel."""
Hit = tuple[int, int, int]
"""(numpy seed, word position, op seed)."""


@dataclass(frozen=True, slots=True)
class Phase:
    """One family of numpy seeds to look through.

    Attributes:
        told: what it is, in a sentence.
        seeds: the seeds, in order; a range for the wide ones.
        words: how many words of each stream.
        need: how many kernels a stream must meet for a wide phase to report a seed.
    """

    told: str
    seeds: Sequence[int]
    words: int
    need: int

    @property
    def hypotheses(self) -> float:
        """Seeds times starting places."""
        return float(len(self.seeds)) * self.words

    def run(self, candidates: Candidates, progress: Progress) -> Iterator[Hit]:
        """Every place where a stream passes through a candidate; in wide phases only of seeds that meet `need` kernels."""
        wanted = table(seed for seeds in candidates.values() for seed in seeds)
        if isinstance(self.seeds, range) and self.words <= FIRST_WORDS:
            return self._wide(candidates, wanted, progress)
        return self._deep(wanted, progress)

    def _deep(self, wanted: Wanted, progress: Progress) -> Iterator[Hit]:
        for start in range(0, len(self.seeds), BATCH):
            progress("numpy seeds that people use", start, len(self.seeds))
            yield from meetings(self.seeds[start : start + BATCH], self.words, wanted)

    def _wide(self, candidates: Candidates, wanted: Wanted, progress: Progress) -> Iterator[Hit]:
        assert isinstance(self.seeds, range)
        for seed in find(candidates, self.words, seeds=self.seeds, need=self.need, progress=progress):
            for word, value in NumpyStream(seed, self.words).positions(wanted):
                yield seed, word, value


def hypotheses(numpy_seed: int, *, from_start: bool, tried: float) -> float:
    """By how much a bound on one hypothesis must be multiplied: a weighted union bound, with weights fixed before anything is looked at.

    A quarter of the weight is on popular numbers whose first draw is the graph's, a quarter on small ones, half on all that was tried.
    """
    shares = [2 * max(1.0, tried)]
    if from_start and numpy_seed in POPULAR:
        shares.append(4.0 * len(POPULAR))
    if from_start and numpy_seed < COMMON:
        shares.append(4.0 * COMMON)
    return min(shares)


def graph_seeds(numpy_seed: int | None) -> list[int]:
    """Graph seeds to try after the default one with all op seeds: often equal to the numpy seed, or its neighbour."""
    first = [] if numpy_seed is None else [numpy_seed, numpy_seed + 1]
    likely = (2, 42, 1, 0, 1234, 123, 7, 10, 1337, 3, 2017, 2018, 2019, 2016, 2020, 5, 4, 100, 12345, 99, 11, 13, 21, 12, 6, 8, 9, 20, 1000)
    return list(dict.fromkeys([*first, *likely]))


def pair_graph_seeds(numpy_seed: int | None) -> list[int]:
    """Graph seeds to try with the first draws of popular numpy seeds only: cheap, so all that people write."""
    return list(dict.fromkeys([*graph_seeds(numpy_seed), *(seed for seed in POPULAR if seed < 2**31)]))


def phases(memory: Memory, kernels: int) -> Iterator[Phase]:
    """Families of numpy seeds, cheap and likely ones first; `kernels` can be met at most."""
    if memory.numpy_seed is not None:
        yield Phase(f"The given numpy seed, {DEEPEST:,} numbers deep.", [memory.numpy_seed % 2**32], DEEPEST, 1)
        return
    yield Phase(f"{len(POPULAR)} numbers that people write, first {COMMON_WORDS:,} numbers.", POPULAR, COMMON_WORDS, 1)
    yield Phase(f"All numpy seeds below 2^25, first {FIRST_WORDS} numbers.", range(SMALL), FIRST_WORDS, min(2, kernels))
    likely = tuple(dict.fromkeys([*POPULAR, *range(LIKELY)]))
    yield Phase(f"These numbers and all below {LIKELY:,}, first {SHUFFLED_WORDS:,} numbers.", likely, SHUFFLED_WORDS, 1)
    yield Phase(f"Numpy seeds below {COMMON:,}, first {COMMON_WORDS:,} numbers.", range(COMMON), COMMON_WORDS, 1)
    yield Phase(f"The {len(POPULAR)} numbers again, first {POPULAR_WORDS:,} numbers.", POPULAR, POPULAR_WORDS, 1)


def everything(kernels: int) -> Phase:
    """All seeds that `np.random.seed` takes."""
    return Phase("All 2^32 numpy seeds, first 16 numbers.", range(2**32), 16, min(2, kernels))


@dataclass(frozen=True, slots=True)
class Memory:
    """What the user remembers."""

    numpy_seed: int | None = None
    graph_seed: int | None = None

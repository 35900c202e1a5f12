"""Numpy seeds tested by what all kernels remember together, where single kernels are too faint to name their op seed.

A numpy seed and a starting place say which op seed every layer got. So a kernel need not be searched for: the evidence of all of them is
summed under each hypothesis, and the best ones are laid along the stream in full (align).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from layerfix.containers.records import WeightKey
from layerfix.progress import Progress
from layerfix.rng import guesses
from layerfix.rng.numpy_stream import LARGEST, MASK
from layerfix.rng.philox import Fingerprint, score_seeds
from layerfix.rng.units import Unit

KEPT = 48
"""Hypotheses that are worth a full alignment."""
VALUES = 4096
"""Values of a kernel that are looked at."""
PLACES = 800
"""Starting places tried under the seeds that people use most."""
REMEMBERED_PLACES = 300_000
"""Starting places tried under a seed that the user remembers."""
YEARS = (1960, 2031)


@dataclass(frozen=True, slots=True)
class Guess:
    """A numpy seed, and where under it the op seeds of some kernels lie: {kernel: word}."""

    numpy_seed: int
    places: Mapping[WeightKey, int]


@dataclass(frozen=True, slots=True)
class Family:
    """Numpy seeds tried at the same starting places: the first `starts` op seeds of each stream."""

    seeds: Sequence[int]
    starts: int

    @property
    def hypotheses(self) -> float:
        return float(len(self.seeds)) * self.starts


def families(numpy_seed: int | None) -> tuple[Family, ...]:
    """The remembered seed alone; else popular numbers at many places, and small numbers and dates at the first."""
    if numpy_seed is not None:
        return (Family((numpy_seed % 2**32,), REMEMBERED_PLACES),)
    return Family(guesses.POPULAR, PLACES), Family((*range(guesses.COMMON), *_dates()), 1)


def best_guesses(
    marks: Mapping[WeightKey, Fingerprint], groups: Sequence[Unit], graph_seed: int, family: Family, progress: Progress
) -> list[Guess]:
    """The hypotheses under which the kernels together remember most, best first; none where no kernel precedes the first normal draw.

    Args:
        marks: fingerprints by weight.
        groups: the draws of the graph, in the order in which a script makes them.
        graph_seed: TensorFlow's.
        family: what to try.
        progress: told kernel by kernel.
    """
    steps = _steps(groups, marks)
    if not steps:
        return []
    op_seeds, words = _streams(family, max(steps.values()) + family.starts)
    total = np.zeros((len(family.seeds), family.starts), np.float32)
    for done, (key, step) in enumerate(steps.items()):
        progress("kernels under known numpy seeds", done, len(steps))
        wanted, back = np.unique(op_seeds[:, step : step + family.starts], return_inverse=True)
        total += score_seeds(marks[key], graph_seed, wanted, VALUES)[back].reshape(total.shape)
    best = np.argsort(-total, axis=None, kind="stable")[:KEPT]
    rows, starts = np.unravel_index(best, total.shape)
    return [
        Guess(family.seeds[row], {key: int(words[row, start + step]) for key, step in steps.items()})
        for row, start in zip(rows.tolist(), starts.tolist(), strict=True)
    ]


def pairs(mark: Fingerprint, numpy_seed: int | None) -> Iterator[tuple[int, float]]:
    """(graph seed, best z) for popular graph seeds under popular numpy seeds: one of the first draws of the script was this kernel's."""
    seeds = guesses.POPULAR if numpy_seed is None else (numpy_seed % 2**32,)
    op_seeds, _ = _streams(Family(seeds, 1), guesses.PAIR_DRAWS)
    wanted = np.unique(op_seeds)
    for graph_seed in guesses.pair_graph_seeds(numpy_seed):
        yield graph_seed, float(score_seeds(mark, graph_seed, wanted, guesses.PAIR_VALUES).max())


def _steps(groups: Sequence[Unit], marks: Mapping[WeightKey, Fingerprint]) -> dict[WeightKey, int]:
    """{tracked kernel: how many op seeds are drawn before its own}, up to the first draw of another kind, which takes other words."""
    steps: dict[WeightKey, int] = {}
    for step, draw in enumerate(draw for group in groups for draw in group.draws):
        if draw.kind != "seed":
            break
        if draw.weight in marks and draw.weight is not None:
            steps[draw.weight] = step
    return steps


def _streams(family: Family, draws: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first op seeds of every stream and the words they stand at: two int64 arrays of shape (seeds, draws)."""
    words = math.ceil(draws / 0.596 + 8 * math.sqrt(draws)) + 64
    generator = np.random.MT19937()
    state = np.random.RandomState(generator)
    op_seeds = np.empty((len(family.seeds), draws), np.int64)
    places = np.empty_like(op_seeds)
    for row, seed in enumerate(family.seeds):
        state.seed(seed)
        values = generator.random_raw(words) & np.uint64(MASK)
        accepted = np.flatnonzero(values <= LARGEST)[:draws]
        op_seeds[row], places[row] = values[accepted], accepted
    return op_seeds, places


def _dates() -> list[int]:
    """Every day of some decades as 20180101, 01012018 and 12312018 are written."""
    first, last = (date(year, 1, 1) for year in YEARS)
    days = [first + timedelta(days=day) for day in range((last - first).days)]
    return sorted({int(day.strftime(form)) for day in days for form in ("%Y%m%d", "%d%m%Y", "%m%d%Y", "%y%m%d", "%d%m%y")})

"""Which of the ten million op seeds the stored means speak for."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from layerfix.inference.moments.estimate import Estimate
from layerfix.progress import Progress
from layerfix.rng import philox
from layerfix.rng.certificate import Bound, bound
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import Stream
from layerfix.rng.streams import OP_SEEDS

H = TypeVar("H", bound=Hashable)
SEEN = 5.0
"""Resemblance that the true kernel should have in the part of it that the first scan looks at."""
STEP, MOST = 256, 8192
"""Values of a kernel by which that part grows, and its largest size."""
NUMBERS = 2e8
"""Numbers of candidate kernels that are judged in full."""
KEPT = (2_000, 40_000)
"""Candidates judged in full, at least and at most."""
BLOCK = 2**22
PROMISING = 4.0
"""log10 of the evidence that the true kernel must be expected to have for a search. It had up to twice what was expected."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """The best candidates of one hypothesis.

    Attributes:
        op_seed: the first.
        log_evidence: its ln E.
        next: ln E of the second.
    """

    op_seed: int
    log_evidence: float
    next: float

    def bound(self, hypotheses: float) -> Bound:
        """That any wrong op seed under any of so many hypotheses has evidence like this."""
        return bound(equivalent_z(self.log_evidence), OP_SEEDS * hypotheses)


def equivalent_z(log_evidence: float) -> float:
    """The score whose bound exp(-z^2 / 2) is that of Markov's inequality for E."""
    return math.sqrt(2 * max(0.0, log_evidence))


def promising(estimate: Estimate) -> bool:
    """Whether the file tells enough of a kernel for a search to be worth its while."""
    return estimate.promised >= PROMISING * math.log(10)


def ranked(estimates: Mapping[H, tuple[Estimate, Stream]], graph_seed: int, progress: Progress) -> dict[H, Ranked]:
    """The best op seeds under each hypothesis, all looked for in one scan."""
    marks = {at: philox.Fingerprint(at, estimate.kernel, stream) for at, (estimate, stream) in estimates.items()}
    sizes = [_screen(marks[at], estimate) for at, (estimate, _) in estimates.items()]
    kept = max(int(np.clip(NUMBERS / mark.values.size, *KEPT)) for mark in marks.values())
    found = philox.scan(list(marks.values()), graph_seed, top=kept, screen=max(sizes), progress=progress)
    return {at: _judged(*estimates[at], found[at], graph_seed) for at in estimates}


def _screen(mark: philox.Fingerprint, estimate: Estimate) -> int:
    """Values that a scan must look at so that the true kernel should stand out of most others."""
    told = np.sqrt(np.cumsum(mark.weights**2)) * estimate.promised_z
    enough = int(np.searchsorted(told, SEEN)) + 1
    return min(MOST, STEP * math.ceil(enough / STEP))


def _judged(estimate: Estimate, stream: Stream, found: philox.Candidates, graph_seed: int) -> Ranked:
    count = estimate.directions.size
    block = max(1, BLOCK // count)
    evidence = np.concatenate(
        [
            estimate.log_evidence(candidates(stream, graph_seed, found.op_seeds[at : at + block], count))
            for at in range(0, len(found.op_seeds), block)
        ]
    )
    order = np.argsort(-evidence, kind="stable")
    return Ranked(int(found.op_seeds[order[0]]), float(evidence[order[0]]), float(evidence[order[1]]))

"""Which of the ten million op seeds the stored means speak for."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from layerfix.inference.moments.estimate import Estimate
from layerfix.progress import Progress
from layerfix.rng import philox
from layerfix.rng.certificate import Bound, bound
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import Stream
from layerfix.rng.parts import group_weights, score_groups
from layerfix.rng.streams import OP_SEEDS

H = TypeVar("H", bound=Hashable)
LAPS = ((2.75, 2_000_000), (3.5, 400_000), (4.5, 60_000))
"""Resemblance that the true kernel should have in the part of it that a lap looks at (its weightiest), and how many op seeds go on."""
MOST = {"uniform": 2560, "normal": 1024, "truncated_normal": 1024}
"""Its largest size in the first lap, by distribution: some are dearer to make."""
NUMBERS = 5e7
"""Numbers of candidate kernels that are judged in full."""
KEPT = (500, 60_000)
"""Candidates judged in full, at least and at most. The laps hear the linear part of the evidence alone: a narrow layer with ten decades in
all may show three deviations there, so that few of the last lap would lose it."""
BLOCK = 2**22
STRAIN = (0.25, 4.0)
"""Strain of an estimate outside of which the layer's arguments are others: the stored means move too little or too much."""
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
    """Whether the file tells enough of a kernel for a search to be worth its while, and fits some kernel at all."""
    return estimate.promised >= PROMISING * math.log(10) and STRAIN[0] <= estimate.strain <= STRAIN[1]


def ranked(estimates: Mapping[H, tuple[Estimate, Stream]], graph_seed: int, progress: Progress) -> dict[H, Ranked]:
    """The best op seeds under each hypothesis: all are scored with a few values of the kernel, the best of them with more."""
    found = {}
    for at, (estimate, stream) in estimates.items():
        mark, op_seeds = philox.Fingerprint(at, estimate.kernel, stream), None
        energy = (group_weights(mark) ** 2).sum(axis=1)
        order = np.argsort(-energy, kind="stable")
        told = np.sqrt(np.cumsum(energy[order])) * estimate.promised_z
        for seen, kept in (*LAPS, (math.inf, _kept(mark))):
            size = int(np.searchsorted(told, seen)) + 1
            size = min(size, MOST[stream.kind] // 4) if op_seeds is None else size
            z = score_groups(mark, graph_seed, np.sort(order[:size]), op_seeds, progress)
            best = np.argpartition(-z, min(kept, len(z) - 1))[:kept].astype(np.int64)
            op_seeds = best if op_seeds is None else op_seeds[best]
        assert op_seeds is not None
        found[at] = _judged(estimate, stream, op_seeds, graph_seed)
    return found


def _kept(mark: philox.Fingerprint) -> int:
    return int(np.clip(NUMBERS / mark.values.size, *KEPT))


def _judged(estimate: Estimate, stream: Stream, op_seeds: NDArray[np.int64], graph_seed: int) -> Ranked:
    count = estimate.directions.size
    block = max(1, BLOCK // count)
    evidence = np.concatenate(
        [estimate.log_evidence(candidates(stream, graph_seed, op_seeds[at : at + block], count)) for at in range(0, len(op_seeds), block)]
    )
    order = np.argsort(-evidence, kind="stable")
    return Ranked(int(op_seeds[order[0]]), float(evidence[order[0]]), float(evidence[order[1]]))

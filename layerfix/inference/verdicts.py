"""What the judgement of candidates by samples exchanges, how clearly one of them won, and whether it is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.probe.evidence import Kind, gap
from layerfix.rng.certificate import EXACT, bound
from layerfix.rng.streams import OP_SEEDS

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt

SELECTED, JUDGED = 100, 20
"""Runners-up whose spacing tells what chance does: finalists that were selected by the very statistic are its tail and all serve; of those
that are judged by more than what selected them only the nearest do."""
LOG10_EXACT = float(np.log10(EXACT))
LIKELY = 1e-2
"""Largest chance of a false winner at which a value is used at all; it is exact from `certificate.EXACT` on."""
CLEAR: Mapping[Kind, float] = {"statistics": 4.0, "labels": 1.5, "predictions": 100.0, "memory": 1.5, "synthetic": 10.0, "magnitudes": 10.0}
"""How many times worse the second-best argument must explain both halves of the samples."""
SANE: Mapping[Kind, float] = {
    "statistics": 2.0,
    "labels": np.inf,
    "predictions": 1e-4,
    "memory": 0.5,
    "synthetic": 10.0,
    "magnitudes": 0.06,
}
"""Badness above which even the best explains nothing: wrong samples."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One layer under one set of arguments, ready to be judged.

    Attributes:
        rebuilt: with all known weights loaded.
        layer: path.
        arguments: of this layer under test.
        unknown: its random kernels that no seed told.
        undecided: later layers about which nothing is known yet.
        together: whether kernels of later layers are open too, so that what the model as a whole does tells more than statistics near by.
    """

    rebuilt: Rebuilt
    layer: str
    arguments: Mapping[str, Any]
    unknown: tuple[WeightSpec, ...]
    undecided: frozenset[str]
    together: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate and how badly it explains each half of the samples.

    Attributes:
        trial: under which arguments.
        op_seed: of the unknown kernel; None where all kernels are known.
        searched: badness on the half that was searched with.
        held_out: on the other half.
        overall: on both together.
        z: of the kernel against an estimate from all samples, where one was made: evidence with a proven bound.
    """

    trial: Trial
    op_seed: int | None
    searched: float
    held_out: float
    overall: float
    z: float = 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What samples told about one layer.

    Attributes:
        ranking: candidates, best first, over all trials.
        kind: the evidence used, or None where the samples show nothing of this layer.
        why: where nothing can be said, the reason.
        by_trial: best badness of each trial, in their order.
        stale: whether the evidence may be that of an earlier session.
        settled: whether no set of arguments was left out that could be better; else none of them is decided.
    """

    ranking: tuple[Judged, ...] = ()
    kind: Kind | None = None
    why: str = ""
    by_trial: tuple[float, ...] = field(default=())
    stale: bool = False
    settled: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """How clearly a winner won.

    Attributes:
        log10_gap: log10 of the chance of such a gap among wrong candidates, by extreme-value fit.
        log10_bound: log10 of the proven bound that a wrong kernel resembles an estimate so much.
        held_out_rank: how many candidates of its own trial explain the held-out half better.
        of: candidates in that trial.
    """

    log10_gap: float
    log10_bound: float
    held_out_rank: int
    of: int

    @property
    def log10_chance(self) -> float:
        """The better of both."""
        return min(self.log10_gap, self.log10_bound)

    @property
    def proven(self) -> bool:
        """Whether the bound alone allows to call the kernel exact."""
        return self.log10_bound <= LOG10_EXACT

    @property
    def chance(self) -> float:
        """Of a false winner."""
        return float(10.0**self.log10_chance)

    @property
    def confirmed(self) -> bool:
        """Whether the held-out half names the same winner."""
        return self.held_out_rank == 0

    @property
    def supported(self) -> bool:
        """Whether the held-out half at least speaks for it: it is among the best twentieth."""
        return self.held_out_rank <= self.of // 20


def decided(outcome: Outcome, hypotheses: float = 1.0) -> Decision:
    """How clearly the first of the ranking won. The spacing is that of its own trial: other arguments explain samples on other scales.

    Args:
        outcome: with a ranking.
        hypotheses: values of other kernels that were tried together with this one.
    """
    winner = outcome.ranking[0]
    peers = [item for item in outcome.ranking if item.trial is winner.trial]
    tried = hypotheses * max(1, len(outcome.by_trial))
    neighbours = SELECTED if outcome.kind == "statistics" else JUDGED
    own = gap([item.overall for item in peers], tried, neighbours)
    rival = min((item.overall for item in outcome.ranking if item.trial is not winner.trial), default=float("inf"))
    ahead = own.best == winner.overall and (rival >= own.second or rival > 2 * own.best)
    chance = own.log10_chance if ahead else 0.0
    rank = sum(item.held_out < winner.held_out for item in peers)
    return Decision(float(chance), bound(winner.z, OP_SEEDS * tried).log10, rank, len(peers))


def is_clear(outcome: Outcome) -> bool:
    """Whether one set of arguments explains both halves much better than every other, and well at all."""
    assert outcome.kind is not None
    if len(outcome.ranking) == 1:
        return True
    best, second = outcome.ranking[0], outcome.ranking[1]
    held = sorted(item.held_out for item in outcome.ranking)
    ratio = CLEAR[outcome.kind]
    ahead = second.searched >= ratio * best.searched and best.held_out == held[0] and held[1] >= ratio * held[0]
    return ahead and best.searched <= SANE[outcome.kind]


def believed(outcome: Outcome, decision: Decision) -> bool:
    """Whether the winner among candidate kernels is used at all: unlikely to be chance, backed by the held-out half, and no bad fit."""
    return decision.chance <= LIKELY and decision.supported and outcome.ranking[0].searched <= SANE[outcome.kind or "labels"]


def why_open(outcome: Outcome, decision: Decision) -> str:
    if outcome.ranking[0].searched > SANE[outcome.kind or "labels"]:
        return "no candidate explains the samples: they may be of another data set, or scaled otherwise"
    if not decision.supported:
        return f"the held-out half of the samples prefers {decision.held_out_rank} other candidates"
    return f"the best candidate is not far enough ahead (chance of a false winner 1e{decision.log10_chance:.1f})"

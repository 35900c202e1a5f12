"""Structures that the lost arguments allow, and how well the seed chain explains each: which to believe, and what it leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.inference.investigation import Investigation
from layerfix.inference.provenance import Provenance, Reading
from layerfix.inference.structure import Hypothesis
from layerfix.inference.untried import untried

if TYPE_CHECKING:
    pass

UNFILLED = 6.0
"""Summed z that an automatic number which no layer has is worth."""
FROM_START = 4.0
"""Summed z that a start at the stream's first draw is worth, where structures fit about equally."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A structural hypothesis (several behaviours may share it) and how well the seed chain explains it."""

    members: tuple[Hypothesis, ...]
    reading: Reading | None

    @property
    def explains(self) -> bool:
        """Whether every draw of the graph has its place in the stream."""
        return self.reading is not None and not self.reading.alignment.gaps

    @property
    def support(self) -> float:
        """What the kernels remember of the op seeds that this structure gives them; a script's first draw is the likeliest start."""
        gaps = UNFILLED * self.unfilled
        if self.reading is None:
            return -gaps
        return sum(self.reading.alignment.evidence) + FROM_START * self.reading.alignment.from_start - gaps

    @property
    def unfilled(self) -> int:
        """Automatic numbers that no layer has."""
        return self.members[0].unfilled


def read_all(built: Sequence[Hypothesis], seeds: Provenance) -> list[Fit]:
    """Hypotheses of one structure together, each structure laid along the numpy stream."""
    groups: dict[str, list[Hypothesis]] = {}
    for hypothesis in built:
        groups.setdefault(hypothesis.signature, []).append(hypothesis)
    return [Fit(tuple(members), seeds.read(members[0].rebuilt.blueprint)) for members in groups.values()]


def choose(fits: Sequence[Fit]) -> tuple[Fit, tuple[Fit, ...]]:
    """The structure that explains all draws and that the kernels remember best (the defaults among equals), and those that do as well."""
    explaining = [fit for fit in fits if fit.explains]
    if not explaining:
        best = max(fits, key=lambda fit: (fit.reading is not None, -_gaps(fit), fit.support))
        return best, tuple(fit for fit in fits if fit is not best)
    best = max(explaining, key=lambda fit: fit.support)
    rivals = [fit for fit in explaining if fit is not best and not _refuted(fit, best, len(fits))]
    return best, (*rivals, *(fit for fit in fits if _leaves_draws(fit) and _changes_less(fit, best)))


def _leaves_draws(fit: Fit) -> bool:
    """Whether it explains all but draws that something else may have made: a layer that is in no saved model, a Lambda."""
    gaps = fit.reading.alignment.gaps if fit.reading else ()
    return bool(gaps) and all(gap.found > gap.explained for gap in gaps)


def _changes_less(fit: Fit, best: Fit) -> bool:
    """Whether it needs fewer arguments to differ from their defaults than the best, which draws alone then speak for."""
    return len(fit.members[0].chosen) < len(best.members[0].chosen)


def _gaps(fit: Fit) -> int:
    return len(fit.reading.alignment.gaps) if fit.reading else 0


def _refuted(fit: Fit, best: Fit, hypotheses: int) -> bool:
    """Whether the draws or the automatic numbers, which count every layer ever made, speak against a structure."""
    if fit.unfilled > best.unfilled:
        return True
    return bool(fit.reading and best.reading and best.reading.alignment.refutes(fit.reading.alignment, hypotheses))


def shaky_weights(hidden: Sequence[WeightSpec], allowed: Sequence[Fit]) -> frozenset[WeightKey]:
    """Weights that would have another value under another hypothesis which the evidence allows as well."""
    shaky: set[WeightKey] = set()
    for theirs in _others(allowed):
        same = {place: spec for spec in hidden if (place := (spec.layer, spec.role)) in theirs}
        shaky |= {spec.key for place, spec in same.items() if _differ(spec, theirs[place])}
    return frozenset(shaky)


def outgrown_weights(hidden: Sequence[WeightSpec], allowed: Sequence[Fit]) -> frozenset[WeightKey]:
    """Weights of layers that would have others inside under another hypothesis which the evidence allows as well."""
    ours = {(spec.layer, spec.role) for spec in hidden}
    layers = {layer for theirs in _others(allowed) for layer, _ in theirs.keys() ^ ours}
    return frozenset(spec.key for spec in hidden if spec.layer in layers)


def _others(allowed: Sequence[Fit]) -> Iterator[dict[tuple[str, str], WeightSpec]]:
    """What each hypothesis hides, by layer and role."""
    for member in (member for fit in allowed for member in fit.members):
        yield {(spec.layer, spec.role): spec for spec in member.rebuilt.blueprint.hidden}


def gives_others(fit: Fit, best: Fit) -> bool:
    """Whether a structure gives some lost weight another value than the best one does, or draws it in another way."""
    theirs, ours = (one.members[0].rebuilt.blueprint for one in (fit, best))
    calls = [[str(draw.call) for draw in blueprint.draws if draw.call] for blueprint in (theirs, ours)]
    changed = shaky_weights(ours.hidden, [fit]) | outgrown_weights(ours.hidden, [fit])
    return bool(changed) or calls[0] != calls[1]


def _differ(spec: WeightSpec, other: WeightSpec) -> bool:
    """Whether two structures give a weight another shape, another stream, or another value that the source states."""
    return (spec.shape, spec.initializer) != (other.shape, other.initializer) or not np.array_equal(spec.value, other.value)


def doubtful_fits(case: Investigation, fits: Sequence[Fit], best: Fit, seeds: Provenance) -> tuple[Fit, ...]:
    """Structures under values of arguments that nothing has varied so far, as far as the draws allow them."""
    varied = {place for fit in fits for member in fit.members for place in member.chosen}
    others = read_all(list(untried(case, best.members[0], varied)), seeds)
    return tuple(fit for fit in others if (fit.explains or not best.explains) and not _refuted(fit, best, len(fits) + len(others)))

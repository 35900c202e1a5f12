"""The lost values themselves: constants that never changed, and kernels whose seed was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.inference.exactness import as_evidence
from layerfix.inference.records import Recovered
from layerfix.inference.values import value_of
from layerfix.progress import Progress
from layerfix.strategies.base import Case, Produced, Proposal, Step, StrategyName


class Recover:
    """Proposes what the inference established; it searches nothing itself."""

    name: StrategyName = "recover"

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        steps, refusals = [], {}
        for spec in wanted:
            found = case.inference.recovered.get(spec.key)
            if found is None:
                refusals[spec.key] = case.inference.unrecovered.get(spec.key, "no evidence tells which value it had")
            else:
                steps.append(_step(found))
        return Proposal(tuple(steps), refusals)

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        return Produced({step.weight: value_of(case.spec(step.weight), step.recipe, case.checkpoint.keras_version) for step in steps})


def _step(found: Recovered) -> Step:
    """The step, with what may be said of the value and why."""
    standing = found.standing
    evidence = {**found.evidence, **as_evidence(standing, found.witnesses)}
    exact = standing.word == "exact"
    agreeing = next((witness.told for witness in found.witnesses if witness.agrees), "")
    said = f"; {agreeing}" if exact and agreeing else "" if exact else f"; {_SAID[standing.word]}: {standing.why}"
    return Step(found.key, "recover", exact, evidence, recipe=found, note=f"{found.note}{said}", condition=standing.condition)


_SAID = {"recovered": "recovered on a condition", "likely": "not proven", "withdrawn": "withdrawn"}

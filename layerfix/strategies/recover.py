"""The lost values themselves: constants that never changed, and kernels whose seed was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.inference.values import value_of
from layerfix.progress import Progress
from layerfix.strategies.base import Array, Case, Produced, Proposal, Step, StrategyName


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
                steps.append(Step(spec.key, self.name, found.exact, found.evidence, recipe=found, note=found.note))
        return Proposal(tuple(steps), refusals)

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        return Produced({step.weight: value_of(case.spec(step.weight), step.recipe, case.checkpoint.keras_version) for step in steps})

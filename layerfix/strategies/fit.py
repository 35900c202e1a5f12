"""Values that make the model work on samples: hidden weights are trained, everything else stays frozen. Never exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import FEWEST, check_samples
from layerfix.progress import Progress
from layerfix.strategies.base import Case, Produced, Proposal, Step, StrategyName
from layerfix.strategies.reinitialize import fresh

STARTS = 3


class Fit:
    """Fits all its weights together, from several fresh starts, to labels or recorded predictions."""

    name: StrategyName = "fit"

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        why = self._why_not(case)
        if why:
            return Proposal((), {spec.key: why for spec in wanted})
        note = "fitted to the samples with everything else frozen: it works like the lost value, it is not the lost value"
        return Proposal(tuple(Step(spec.key, self.name, exact=False, evidence={"starts": STARTS}, note=note) for spec in wanted))

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        from layerfix.graph.rebuilt import load_values
        from layerfix.probe.fitting import fit

        assert case.options.samples is not None
        samples = case.options.samples
        check_samples(samples, [tuple(tensor.shape) for tensor in case.rebuilt.model.inputs])
        load_values(case.rebuilt, known)
        keys = [step.weight for step in steps]
        version = case.checkpoint.keras_version
        starts = [{key: fresh(case.spec(key), version, case.options.seed + start) for key in keys} for start in range(STARTS)]
        fitted = fit(case.rebuilt, keys, samples, starts, progress)
        losses = {"held_out_loss_before": fitted.before, "held_out_loss_after": fitted.after, "samples": len(samples)}
        return Produced(fitted.values, dict.fromkeys(keys, losses))

    def _why_not(self, case: Case) -> str | None:
        samples = case.options.samples
        if samples is None:
            return "no samples were given (--samples)"
        if samples.labels is None and samples.predictions is None:
            return "the samples hold neither labels (y) nor recorded predictions (p) to fit to"
        if len(samples) < FEWEST:
            return f"{len(samples)} samples are too few to fit to; at least {FEWEST} are needed"
        return None

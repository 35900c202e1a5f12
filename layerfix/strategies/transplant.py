"""Weights from a donor: a healthy twin, a training session, an array file. Matched by name, then by owner, role and shape, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.donor_records import Donor, DonorEntry, name_parts
from layerfix.containers.records import WeightKey
from layerfix.progress import Progress
from layerfix.strategies.base import Case, Produced, Proposal, Step, StrategyName
from layerfix.strategies.session import CONVERTED, Judgement, fits, judge, untouched


@dataclass(frozen=True, slots=True)
class Match:
    """A donor tensor for a lost weight, and the rule that found it."""

    donor: Donor
    tensor: DonorEntry
    rule: str


class Transplant:
    """Takes the first donor that has a weight; exact only where the donor is the training session itself."""

    name: StrategyName = "transplant"

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        if not case.options.donors:
            return Proposal((), {spec.key: "no donor was given (--donor)" for spec in wanted})
        donors = case.options.donors
        judged = {donor.path: judge(donor, case.checkpoint, case.blueprint.hidden) for donor in donors}
        steps, refusals = [], {}
        for spec in wanted:
            found = _first_match(donors, judged, spec)
            if isinstance(found, Match):
                steps.append(_step(found, spec, judged[found.donor.path], case.checkpoint.keras_version))
            else:
                refusals[spec.key] = found
        return Proposal(tuple(steps), refusals)

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        return Produced({step.weight: _value(step.recipe, case.spec(step.weight)) for step in steps})


def _value(match: Match, spec: WeightSpec) -> Array:
    return np.asarray(match.donor.read(match.tensor.name)).astype(spec.dtype).reshape(spec.shape)


def _step(match: Match, spec: WeightSpec, judgement: Judgement, version: str | None) -> Step:
    exact, why = judgement.standing == "session" and match.rule == "name", judgement.why
    if exact and match.donor.kind in CONVERTED and not untouched(_value(match, spec), spec.initializer, version):
        exact, why = False, "every kept kernel in it is identical, but its converter may have folded other layers into this one"
    elif judgement.standing == "session" and not exact:
        why = "nothing shows that it is what was lost"
    evidence = {"donor": match.donor.path.name, "donor_tensor": match.tensor.name, "matched_by": match.rule, "same_session": exact}
    note = f"taken from {match.donor.path.name} ({why})"
    return Step(spec.key, "transplant", exact=exact, evidence=evidence, recipe=match, note=note)


def _first_match(donors: Sequence[Donor], judged: Mapping[Path, Judgement], spec: WeightSpec) -> Match | str:
    """The match, or why there is none in any donor."""
    reasons = []
    for donor in donors:
        judgement = judged[donor.path]
        found = f"it is {judgement.why}" if judgement.standing == "fresh" else _match(donor, spec)
        if isinstance(found, Match):
            return found
        reasons.append(f"{donor.path.name}: {found}")
    return "; ".join(reasons)


def _match(donor: Donor, spec: WeightSpec) -> Match | str:
    for rule, candidates in (("name", _by_name(donor, spec)), ("owner, role and shape", _by_role(donor, spec))):
        fitting = [tensor for tensor in candidates if fits(donor, tensor, spec.shape)]
        if len(fitting) == 1 and np.dtype(spec.dtype).kind == "f" and np.dtype(fitting[0].dtype).kind != "f":
            return f"its {fitting[0].name} is quantised ({fitting[0].dtype}): the numbers of {spec.name} cannot be had from it"
        if len(fitting) == 1:
            return Match(donor, fitting[0], rule)
        if len(fitting) > 1:
            names = ", ".join(sorted(tensor.name for tensor in fitting))
            return f"{spec.name} {spec.shape} fits several of its tensors ({names}); rename or leave out all but one"
        if candidates and rule == "name":
            return f"its {candidates[0].name} has shape {candidates[0].shape}, but {spec.name} needs {spec.shape}"
    return f"it has no tensor for {spec.name} {spec.shape}"


def _by_name(donor: Donor, spec: WeightSpec) -> list[DonorEntry]:
    """Tensors of the weight's own name, with the owner before it where the donor says so."""
    full = [entry for entry in donor.find(f"{spec.owner}/{spec.name}") if len(entry.parts) > len(name_parts(spec.name))]
    return full or list(donor.find(spec.name))


def _by_role(donor: Donor, spec: WeightSpec) -> list[DonorEntry]:
    """Tensors under the same layer name with the same role and shape: the blog's fix names them `denoising_layer_1/kernel:0`."""
    layer, role = spec.layer.rsplit("/", 1)[-1], name_parts(spec.name)[-1]
    return [entry for entry in donor.entries if layer in entry.parts and entry.parts[-1] == role and fits(donor, entry, spec.shape)]

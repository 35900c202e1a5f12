"""Weights from a donor: a healthy twin, a training session, an array file. Matched by name, then by owner, role and shape, or refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.checkpoint import open_tensors
from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.donors import Donor, DonorEntry, name_parts, read_donor
from layerfix.plan import Step, StrategyName
from layerfix.progress import Progress
from layerfix.strategies.base import Array, Case, Produced, Proposal

SESSION_KINDS = frozenset({"tf-checkpoint"})
"""What a training session writes itself. A Keras file cannot prove to be one: a reinitialised repair shares all kept tensors as well."""


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
        donors = [read_donor(path) for path in case.options.donors]
        sessions = {donor.path for donor in donors if _is_session(donor, case.checkpoint)}
        steps, refusals = [], {}
        for spec in wanted:
            found = _first_match(donors, spec)
            if isinstance(found, Match):
                steps.append(_step(found, spec, exact=found.donor.path in sessions and found.rule == "name"))
            else:
                refusals[spec.key] = found
        return Proposal(tuple(steps), refusals)

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        return Produced({step.weight: _value(step.recipe, case.spec(step.weight)) for step in steps})


def _value(match: Match, spec: WeightSpec) -> Array:
    return np.asarray(match.donor.read(match.tensor.name)).astype(spec.dtype)


def _step(match: Match, spec: WeightSpec, exact: bool) -> Step:
    evidence = {"donor": match.donor.path.name, "donor_tensor": match.tensor.name, "matched_by": match.rule, "same_session": exact}
    session, stranger = "the training session itself: every kept tensor in it is identical", "nothing shows that it is what was lost"
    note = f"taken from {match.donor.path.name} ({session if exact else stranger})"
    return Step(spec.key, "transplant", exact=exact, evidence=evidence, recipe=match, note=note)


def _first_match(donors: Sequence[Donor], spec: WeightSpec) -> Match | str:
    """The match, or why there is none in any donor."""
    reasons = []
    for donor in donors:
        found = _match(donor, spec)
        if isinstance(found, Match):
            return found
        reasons.append(f"{donor.path.name}: {found}")
    return "; ".join(reasons)


def _match(donor: Donor, spec: WeightSpec) -> Match | str:
    for rule, candidates in (("name", _by_name(donor, spec)), ("owner, role and shape", _by_role(donor, spec))):
        fitting = [tensor for tensor in candidates if tensor.shape == spec.shape]
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
    return [entry for entry in donor.entries if layer in entry.parts and entry.parts[-1] == role and entry.shape == spec.shape]


def _is_session(donor: Donor, checkpoint: Checkpoint) -> bool:
    """Whether the donor is the session that wrote the checkpoint: every tensor that the checkpoint kept is in it, bit for bit."""
    if donor.kind not in SESSION_KINDS or not checkpoint.weights:
        return False
    held = {entry.parts: entry for entry in donor.entries}
    with open_tensors(checkpoint) as tensors:
        for weight in checkpoint.weights:
            tensor = held.get(name_parts(weight.name))
            if tensor is None or tensor.shape != weight.shape:
                return False
            if np.asarray(donor.read(tensor.name)).tobytes() != tensors.read(weight.key).tobytes():
                return False
    return True

"""From structures that fit to what is claimed: values and arguments, each heard by its witnesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from layerfix.containers.records import WeightKey, spoken
from layerfix.inference.answers import Answers
from layerfix.inference.behaviour import by_predictions
from layerfix.inference.by_samples import answer, questions
from layerfix.inference.choices import placeless, readings_of, unconfirmed, with_choices
from layerfix.inference.claims import Ground, constants, from_readings
from layerfix.inference.discernible import ordered
from layerfix.inference.discernible import without_say as without_weight
from layerfix.inference.drawn import drawn_by_the_class
from layerfix.inference.exactness import Doubt
from layerfix.inference.fits import (
    Fit,
    choose,
    doubtful_fits,
    gives_others,
    outgrown_weights,
    read_all,
    shaky_weights,
)
from layerfix.inference.hearing import Hearing
from layerfix.inference.inquiry import Inquiry, Question
from layerfix.inference.investigation import Investigation
from layerfix.inference.loose import with_loose
from layerfix.inference.provenance import ENDED, Provenance, account
from layerfix.inference.records import DRAWN, Inference, Recovered, SettledArgument
from layerfix.inference.settled import confirmed, settled_arguments, stated, without_say
from layerfix.inference.structure import Hypothesis, merged
from layerfix.inference.witnesses import WITNESSES, Asked, beside_withdrawn, heard, in_company
from layerfix.searching import HOW_TO_END

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt

Found = Mapping[WeightKey, Recovered]
STRUCTURES = 3
"""Structures beside the likeliest one that behaviour is asked about."""


@dataclass(frozen=True, slots=True)
class _Conclusion:
    """What follows where one structure is believed."""

    rebuilt: Rebuilt
    inference: Inference
    unsearched: bool = False
    """Whether values were withdrawn, and no others looked for."""

    @property
    def heard(self) -> bool:
        """Whether anything behaved under its values."""
        return any(found.witnesses for found in self.inference.recovered.values())

    @property
    def confirmed(self) -> bool:
        """Whether a witness agrees with every lost value that was drawn."""
        found = self.inference.recovered
        drawn = [spec.key for spec in self.rebuilt.blueprint.hidden if spec.key not in found or found[spec.key].kind in DRAWN]
        return bool(drawn) and all(key in found and found[key].confirmed for key in drawn)


def conclude(case: Investigation, built: Sequence[Hypothesis], seeds: Provenance) -> tuple[Rebuilt, Inference]:
    """The graph under the arguments that the evidence supports, and all that was inferred.

    Where several structures explain the draws, that is believed with whose values behaviour agrees.

    Args:
        case: the investigation.
        built: hypotheses about the structure.
        seeds: of the tracked kernels.
    """
    fits = read_all(built, seeds)
    best, rivals = choose(fits)
    first = _concluded(case, best, rivals, fits, seeds)
    if not first.confirmed and (first.heard or first.unsearched) and best.reading is not None:
        for rival in (fit for fit in rivals[:STRUCTURES] if fit.reading is not None):
            others = (best, *(fit for fit in rivals if fit is not rival))
            found = _concluded(case, rival, others, fits, seeds)
            if found.confirmed:
                return found.rebuilt, found.inference
    if first.unsearched:
        first = _concluded(case, best, rivals, fits, seeds, anew=True)
    return first.rebuilt, first.inference


def _concluded(
    case: Investigation, best: Fit, rivals: Sequence[Fit], fits: Sequence[Fit], seeds: Provenance, *, anew: bool = False
) -> _Conclusion:
    """What follows where `best` is believed and `rivals` are not excluded; `anew`: what is withdrawn is searched for among all op seeds."""
    doubtful = doubtful_fits(case, fits, best, seeds)
    ground = _ground(case, best, (*rivals, *doubtful), seeds)
    inference = _infer(case, best, (*rivals, *doubtful), ground)
    rivals = (*rivals, *(fit for fit in doubtful if gives_others(fit, best)))
    inference = with_choices(case, best, ground, inference, placeless(best, inference), len(rivals))
    answers = _answers(case, best, seeds, inference.recovered)
    arguments = tuple(settled_arguments(case.lost, best, rivals, fits, answers))
    told = _told(case, best, seeds, inference.recovered, answers, arguments, WITNESSES)
    again = with_choices(case, best, ground, inference, unconfirmed(best, told), len(rivals))
    if again is not inference:
        inference, told = again, _told(case, best, seeds, again.recovered, answers, arguments, WITNESSES)
    withdrawn = {key: found.standing.why for key, found in told.items() if found.standing.word == "withdrawn"}
    if withdrawn:  # open again, and to be searched for with the witness that contradicted
        told = beside_withdrawn({key: found for key, found in told.items() if key not in withdrawn}, withdrawn)
    if withdrawn and anew:
        answers = _answers(case, best, seeds, told)
        arguments = tuple(settled_arguments(case.lost, best, rivals, fits, answers))
    rebuilt = answers.rebuilt or best.members[0].rebuilt
    arguments = confirmed(arguments, told, rebuilt.blueprint.hidden)
    hidden, allowed = best.members[0].rebuilt.blueprint.hidden, (best, *rivals)
    leaning = shaky_weights(hidden, allowed) | outgrown_weights(hidden, allowed)
    by_samples = {key: _leaning(found, key in leaning) for key, found in answers.recovered.items()}
    if by_samples:
        everything = {**told, **by_samples}
        told = _told(case, best, seeds, everything, answers, arguments, (by_predictions,))
    told = in_company(told, rebuilt.blueprint.hidden, _idle(case, rebuilt, told))
    reasons = {**inference.unrecovered, **answers.unrecovered, **withdrawn}
    unrecovered = {key: why for key, why in reasons.items() if key not in told}
    if not unrecovered and (case.options.assume or all(found.exact for found in told.values())):
        arguments = without_say(case, arguments, rebuilt, told)
    told, loose = with_loose(case, rebuilt, told, arguments)
    stating, search = (*stated(case.given), *arguments), _accounted(inference, answers)
    inference = replace(inference, recovered=told, unrecovered=unrecovered, arguments=stating, search=search, loose=loose)
    return _Conclusion(rebuilt, inference, unsearched=bool(withdrawn) and not anew)


def _accounted(inference: Inference, answers: Answers) -> Mapping[str, Any]:
    """What was searched, and whether it was ended."""
    tried = [*inference.search["tried"], ENDED]
    return {**inference.search, "tried": list(dict.fromkeys(tried))} if answers.ended else inference.search


def _told(
    case: Investigation,
    best: Fit,
    seeds: Provenance,
    recovered: Found,
    answers: Answers,
    arguments: Sequence[SettledArgument],
    asked: Sequence[Asked],
) -> Found:
    """What was recovered, each value with what witnesses of behaviour say of it."""
    from layerfix.graph.rebuilt import load_values

    rebuilt = answers.rebuilt or best.members[0].rebuilt
    everything = {**recovered, **answers.recovered}
    claimed = case.values(rebuilt, everything)
    load_values(rebuilt, claimed)
    hearing = Hearing(
        source=case.source,
        rebuilt=rebuilt,
        claimed=claimed,
        open=frozenset(spec.layer for spec in rebuilt.blueprint.hidden if spec.key not in everything),
        unsettled=frozenset(found.layer for found in arguments if found.how in ("ambiguous", "default")),
        samples=case.samples(rebuilt),
        graph_seed=seeds.search.graph_seed,
        progress=case.progress,
    )
    told = heard(hearing, asked)
    found = {key: replace(each, witnesses=(*each.witnesses, *told[key])) for key, each in recovered.items()}
    return ordered(found, rebuilt, claimed, hearing.samples.inputs if hearing.samples else None)


def _idle(case: Investigation, rebuilt: Rebuilt, told: Found) -> frozenset[WeightKey]:
    """Kernels without a say in what the model predicts, beside others of their layer with which a witness agrees: what a Lambda's
    function made when it was called for its shapes alone."""
    from layerfix.graph.forward import random_inputs
    from layerfix.graph.rebuilt import load_values

    speaking = {spec.layer for spec in rebuilt.blueprint.hidden if spec.key in told and told[spec.key].confirmed}
    silent = [spec.key for spec in rebuilt.blueprint.hidden if spec.layer in speaking and spec.key in told]
    silent = [key for key in silent if told[key].kind in DRAWN and not told[key].confirmed]
    samples = case.samples(rebuilt)
    inputs = samples.inputs if samples is not None else random_inputs(rebuilt.model) if silent else None
    if not silent or inputs is None:
        return frozenset()
    values = case.values(rebuilt, told)
    load_values(rebuilt, values)
    return without_weight(rebuilt, {key: values[key] for key in silent}, inputs)


def _leaning(found: Recovered, leans: bool) -> Recovered:
    """What samples told of a weight, in which an undecided argument may have a say."""
    told = "another constructor argument explains the file as well"
    return replace(found, doubts=(*found.doubts, Doubt("arguments", True, told))) if leans else found


def _answers(case: Investigation, best: Fit, seeds: Provenance, recovered: Found) -> Answers:
    """What samples add: the user's, or (for arguments alone) made-up ones that upstream statistics
    vouch for."""
    base = best.members[0]
    known = case.values(base.rebuilt, recovered)
    structural = {place[1] for place in base.chosen}
    open_arguments = [argument for argument in case.lost if argument.name not in structural]
    inquiry = Inquiry(
        source=case.source,
        options=case.options,
        given=merged(case.given, base.chosen),
        base=base.rebuilt,
        known=known,
        samples=case.samples(base.rebuilt),
        graph_seed=seeds.search.graph_seed,
        progress=case.progress,
    )
    asked = questions(inquiry, open_arguments)
    _tell_search(inquiry, asked)
    answers = answer(inquiry, asked)
    return replace(answers, lacking=(*case.lacking, *answers.lacking))


def _tell_search(inquiry: Inquiry, asked: Sequence[Question]) -> None:
    """News of the search that begins: what is still open, what is looked at, how it can be ended."""
    unknown = [spec for question in asked for spec in question.unknown]
    if unknown:
        by = "the statistics in the file" if inquiry.samples is None else f"{len(inquiry.samples)} samples"
        named = f"{spoken(unknown[0].key)}{f' and {len(unknown) - 1} more' if len(unknown) > 1 else ''}"
        told = f"Still open: {named}. Up to ten million op seeds are held against {by}, a minute or so."
        inquiry.progress(f"{told} {HOW_TO_END}", 0, 0)


def _ground(case: Investigation, best: Fit, rivals: Sequence[Fit], seeds: Provenance) -> Ground:
    hidden, allowed = best.members[0].rebuilt.blueprint.hidden, (best, *rivals)
    return Ground(case.source, seeds, shaky_weights(hidden, allowed), outgrown_weights(hidden, allowed), _by_name(best))


def _infer(case: Investigation, best: Fit, rivals: Sequence[Fit], ground: Ground) -> Inference:
    hidden, seeds = best.members[0].rebuilt.blueprint.hidden, ground.seeds
    chained, reasons = from_readings(ground, hidden, readings_of(best, seeds))
    arguments = [merged(case.given, one.chosen) for fit in (best, *rivals) for one in fit.members]
    drawn = drawn_by_the_class(ground, case.options, arguments, hidden, best.reading)
    recovered = {**chained, **drawn, **constants(ground, hidden)}  # what the source states is last
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    return Inference(recovered, unrecovered, search=account(seeds, best.reading))


def _by_name(best: Fit) -> frozenset[str]:
    """Layers whose class ships with layerfix and was not given: its name alone says which it is."""
    from layerfix.layers import corrected

    rebuilt = best.members[0].rebuilt
    shipped = {entry.load() for name, entry in corrected().items() if name in rebuilt.classes}
    return frozenset(path for path, leaf in rebuilt.leaves.items() if type(leaf.custom) in shipped)

"""From structures that fit to what is claimed: values and arguments, each heard by its witnesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples, check_samples, read_samples
from layerfix.inference.behaviour import by_predictions
from layerfix.inference.by_samples import answer, questions
from layerfix.inference.claims import Ground, constants, from_readings
from layerfix.inference.discernible import ordered
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
from layerfix.inference.inquiry import Answers, Inquiry
from layerfix.inference.provenance import Provenance, Reading, account
from layerfix.inference.records import Inference, Recovered, SettledArgument
from layerfix.inference.settled import confirmed, settled_arguments, stated, without_say
from layerfix.inference.structure import Arguments, Hypothesis, merged
from layerfix.inference.witnesses import WITNESSES, Asked, heard, in_company
from layerfix.options import Options
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

Found = Mapping[WeightKey, Recovered]


@dataclass(frozen=True, slots=True)
class Investigation:
    """What stays the same while evidence is weighed.

    Attributes:
        source: the checkpoint.
        options: of the user.
        given: arguments that the user stated.
        lost: constructor arguments that nobody stated.
        progress: told at every stage.
    """

    source: Checkpoint
    options: Options
    given: Arguments
    lost: tuple[LostArgument, ...]
    progress: Progress

    def samples(self, rebuilt: Rebuilt) -> Samples | None:
        """The user's samples, held against the model's inputs."""
        path = self.options.samples
        if path is None:
            return None
        samples = read_samples(path)
        check_samples(samples, [tuple(tensor.shape) for tensor in rebuilt.model.inputs], path)
        return samples


def conclude(case: Investigation, built: Sequence[Hypothesis], seeds: Provenance) -> tuple[Rebuilt, Inference]:
    """The graph under the arguments that the evidence supports, and all that was inferred.

    Args:
        case: the investigation.
        built: hypotheses about the structure.
        seeds: of the tracked kernels.
    """
    fits = read_all(built, seeds)
    best, rivals = choose(fits)
    doubtful = doubtful_fits(case.source, case.options, case.given, case.lost, fits, best, seeds)
    inference = _infer(case, best, (*rivals, *doubtful), seeds)
    rivals = (*rivals, *(fit for fit in doubtful if gives_others(fit, best)))
    answers = _answers(case, best, seeds, inference.recovered)
    arguments = tuple(settled_arguments(case.lost, best, rivals, fits, answers))
    told = _told(case, best, seeds, inference.recovered, answers, arguments, WITNESSES)
    withdrawn = {key: found.standing.why for key, found in told.items() if found.standing.word == "withdrawn"}
    if withdrawn:  # open again, and searched for with the witness that contradicted
        told = {key: found for key, found in told.items() if key not in withdrawn}
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
    told = in_company(told, rebuilt.blueprint.hidden)
    reasons = {**inference.unrecovered, **answers.unrecovered, **withdrawn}
    unrecovered = {key: why for key, why in reasons.items() if key not in told}
    if not unrecovered and (case.options.assume or all(found.exact for found in told.values())):
        arguments = without_say(case.source, case.options, case.lost, arguments, rebuilt, told)
    return rebuilt, replace(
        inference,
        recovered=told,
        unrecovered=unrecovered,
        arguments=(*stated(case.given), *arguments),
    )


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
    claimed = _values(case, rebuilt, everything)
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


def _values(case: Investigation, rebuilt: Rebuilt, recovered: Found) -> dict[WeightKey, NDArray[Any]]:
    from layerfix.inference.values import value_of

    specs = {spec.key: spec for spec in rebuilt.blueprint.hidden}
    version = case.source.keras_version
    return {key: value_of(specs[key], found, version) for key, found in recovered.items()}


def _leaning(found: Recovered, leans: bool) -> Recovered:
    """What samples told of a weight, in which an undecided argument may have a say."""
    told = "another constructor argument explains the file as well"
    return replace(found, doubts=(*found.doubts, Doubt("arguments", True, told))) if leans else found


def _answers(case: Investigation, best: Fit, seeds: Provenance, recovered: Found) -> Answers:
    """What samples add: the user's, or (for arguments alone) made-up ones that upstream statistics
    vouch for."""
    base = best.members[0]
    known = _values(case, base.rebuilt, recovered)
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
    return answer(inquiry, questions(inquiry, open_arguments))


def _infer(case: Investigation, best: Fit, rivals: Sequence[Fit], seeds: Provenance) -> Inference:
    hidden = best.members[0].rebuilt.blueprint.hidden
    allowed = (best, *rivals)
    ground = Ground(case.source, seeds, shaky_weights(hidden, allowed), outgrown_weights(hidden, allowed), _by_name(best))
    chained, reasons = from_readings(ground, hidden, _readings(best, seeds))
    arguments = [merged(case.given, one.chosen) for fit in (best, *rivals) for one in fit.members]
    drawn = drawn_by_the_class(ground, case.options, arguments, hidden, best.reading)
    recovered = {**chained, **drawn, **constants(ground, hidden)}  # what the source states is last
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    return Inference(recovered, unrecovered, search=account(seeds, best.reading))


def _readings(best: Fit, seeds: Provenance) -> list[Reading]:
    """The reading of the best structure, and those in other streams where kernels are outside of it."""
    if best.reading is None or not best.reading.foreign:
        return [best.reading] if best.reading else []
    further = seeds.readings(best.members[0].rebuilt.blueprint)
    return [best.reading, *(found for found in further if found.origin != best.reading.origin)]


def _by_name(best: Fit) -> frozenset[str]:
    """Layers whose class ships with layerfix and was not given: its name alone says which it is."""
    from layerfix.layers import corrected

    rebuilt = best.members[0].rebuilt
    shipped = {entry.load() for name, entry in corrected().items() if name in rebuilt.classes}
    return frozenset(path for path, leaf in rebuilt.leaves.items() if type(leaf.custom) in shipped)

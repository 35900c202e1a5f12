"""From structures that fit to what is claimed: values and arguments, each heard by its witnesses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples, check_samples
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
from layerfix.inference.in_stream import chosen, proposed
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
STRUCTURES = 3
"""Structures beside the likeliest one that behaviour is asked about."""
DRAWN = ("seed", "normal", "drawn")
"""Kinds of values that a random stream told."""


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
        samples = self.options.samples
        if samples is not None:
            check_samples(samples, [tuple(tensor.shape) for tensor in rebuilt.model.inputs])
        return samples


@dataclass(frozen=True, slots=True)
class _Conclusion:
    """What follows where one structure is believed."""

    rebuilt: Rebuilt
    inference: Inference

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
    if not first.confirmed and first.heard and best.reading is not None:
        for rival in (fit for fit in rivals[:STRUCTURES] if fit.reading is not None):
            others = (best, *(fit for fit in rivals if fit is not rival))
            found = _concluded(case, rival, others, fits, seeds)
            if found.confirmed:
                return found.rebuilt, found.inference
    return first.rebuilt, first.inference


def _concluded(case: Investigation, best: Fit, rivals: Sequence[Fit], fits: Sequence[Fit], seeds: Provenance) -> _Conclusion:
    """What follows where `best` is believed and `rivals` are not excluded."""
    doubtful = doubtful_fits(case.source, case.options, case.given, case.lost, fits, best, seeds)
    inference = _infer(case, best, (*rivals, *doubtful), seeds)
    rivals = (*rivals, *(fit for fit in doubtful if gives_others(fit, best)))
    inference = _with_choices(case, best, seeds, inference, _placeless(best, inference), len(rivals))
    answers = _answers(case, best, seeds, inference.recovered)
    arguments = tuple(settled_arguments(case.lost, best, rivals, fits, answers))
    told = _told(case, best, seeds, inference.recovered, answers, arguments, WITNESSES)
    again = _with_choices(case, best, seeds, inference, _unconfirmed(best, told), len(rivals))
    if again is not inference:
        inference, told = again, _told(case, best, seeds, again.recovered, answers, arguments, WITNESSES)
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
    found = replace(inference, recovered=told, unrecovered=unrecovered, arguments=(*stated(case.given), *arguments))
    return _Conclusion(rebuilt, found)


def _placeless(best: Fit, inference: Inference) -> frozenset[WeightKey]:
    """Kernels whose stream is known and whose place in it is not."""
    if best.reading is None:
        return frozenset()
    doubted = {key for key, found in inference.recovered.items() if found.kind == "seed" and _of_place(found)}
    random = {spec.key for spec in best.members[0].rebuilt.blueprint.hidden if spec.key in inference.unrecovered and spec.initializer}
    return frozenset(doubted | random)


def _unconfirmed(best: Fit, told: Found) -> frozenset[WeightKey]:
    """Kernels told by a seed of which behaviour was asked and did not speak for."""
    if best.reading is None:
        return frozenset()
    return frozenset(key for key, found in told.items() if found.kind == "seed" and found.witnesses and not found.confirmed)


def _of_place(found: Recovered) -> bool:
    return any(doubt.stands and doubt.name in ("order", "structure") for doubt in found.doubts)


def _with_choices(
    case: Investigation, best: Fit, seeds: Provenance, inference: Inference, doubted: frozenset[WeightKey], rivals: int
) -> Inference:
    """What was inferred, with the draws that behaviour chooses for doubted kernels in place of others."""
    from layerfix.graph.rebuilt import load_values

    if not doubted:
        return inference
    rebuilt = best.members[0].rebuilt
    claimed = _values(case, rebuilt, {key: found for key, found in inference.recovered.items() if key not in doubted})
    load_values(rebuilt, claimed)
    unknown = frozenset(spec.layer for spec in rebuilt.blueprint.hidden if spec.key not in claimed and spec.key not in doubted)
    hearing = Hearing(
        source=case.source,
        rebuilt=rebuilt,
        claimed=claimed,
        open=unknown,
        unsettled=frozenset(),
        samples=case.samples(rebuilt),
        graph_seed=seeds.search.graph_seed,
        progress=case.progress,
    )
    made = chosen(hearing, _readings(best, seeds), doubted)
    claims = {key: found.op_seed for key, found in inference.recovered.items()}
    made = {key: choice for key, choice in made.items() if claims.get(key) != choice.op_seed}
    specs = {spec.key: spec for spec in rebuilt.blueprint.hidden}
    graph_seed = seeds.search.graph_seed
    new = {key: proposed(case.source, specs[key], choice, graph_seed, 1.0 + rivals) for key, choice in made.items()}
    new = _kept(case, hearing, new, frozenset(key for key, choice in made.items() if choice.sure))
    if not new:
        return inference
    left = {key: why for key, why in inference.unrecovered.items() if key not in new}
    return replace(inference, recovered={**inference.recovered, **new}, unrecovered=left)


def _kept(case: Investigation, hearing: Hearing, new: dict[WeightKey, Recovered], sure: frozenset[WeightKey]) -> dict[WeightKey, Recovered]:
    """Of what behaviour prefers, what it makes sure of by itself, and what witnesses confirm once a layer is whole."""
    if not new:
        return {}
    values = _values(case, hearing.rebuilt, new)
    open_ = {spec.layer for spec in hearing.rebuilt.blueprint.hidden if spec.key not in new and spec.key not in hearing.claimed}
    told = heard(replace(hearing, claimed={**hearing.claimed, **values}, open=frozenset(open_)))
    found = {key: replace(each, witnesses=told[key]) for key, each in new.items()}
    return {key: new[key] for key, each in found.items() if each.confirmed or (key in sure and each.standing.word != "withdrawn")}


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

"""Put all evidence together: which arguments the layers had, and which values their lost weights had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.inference.by_samples import answer, questions
from layerfix.inference.claims import constants, from_reading
from layerfix.inference.drawn import drawn_by_the_class
from layerfix.inference.inquiry import Answers, Inquiry
from layerfix.inference.provenance import Provenance, Reading, account, provenance
from layerfix.inference.records import Inference, Recovered, SettledArgument
from layerfix.inference.structure import Arguments, Explorer, Hypothesis, merged
from layerfix.inference.untried import untried
from layerfix.options import Options
from layerfix.progress import Progress
from layerfix.samples import Samples, check_samples, read_samples
from layerfix.seeds import philox
from layerfix.seeds.chain import Memory

if TYPE_CHECKING:
    from layerfix.graph import LostArgument, Rebuilt


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


def settle(source: Checkpoint, options: Options, given: Arguments, progress: Progress) -> tuple[Rebuilt, Inference]:
    """The rebuilt graph under the arguments that the evidence supports, and everything that was inferred about its lost weights.

    Raises:
        GraphError: where the graph cannot be rebuilt.
    """
    from layerfix.graph import lost_arguments

    lost = [argument for argument in lost_arguments(source, options.layers) if argument.name not in given.get(argument.layer, {})]
    explorer = Explorer(source, options.layers, given, lost, progress)
    built = explorer.explore()
    while not built and explorer.more:
        built = explorer.explore()
    if not built:
        assert explorer.first_error is not None
        raise explorer.first_error
    if not built[0].rebuilt.blueprint.hidden:
        return built[0].rebuilt, Inference()
    if not _asks_for_evidence(options):
        return built[0].rebuilt, Inference(arguments=(*_given(given), *_arguments(lost, Fit(tuple(built), None), (), (), Answers())))
    seeds = provenance(source, built[0].rebuilt.blueprint, Memory(options.numpy_seed, options.graph_seed), progress)
    if options.exhaustive or (options.samples is None and _worth_widening(seeds, options)):
        seeds = seeds.widened(progress)
    while explorer.more and _readable_but_unexplained(_fits(built, seeds)):
        built = explorer.explore()
    settled = _conclude(source, options, given, lost, built, seeds, progress)
    if options.samples is not None and _random_ones(settled) and _worth_widening(seeds, options):
        wider = seeds.widened(progress)
        if wider.search.origins != seeds.search.origins:
            return _conclude(source, options, given, lost, built, wider, progress)
        told = account(wider, _choose(_fits(built, wider))[0].reading)
        return settled[0], replace(settled[1], search=told)
    return settled


def _asks_for_evidence(options: Options) -> bool:
    """Whether some layer may be recovered; a user who asks for fresh or foreign values everywhere need not wait for a search."""
    return not {options.strategy, *options.layer_strategies.values()} <= {"reinitialize", "transplant", "fit"}


def _readable_but_unexplained(fits: Sequence[Fit]) -> bool:
    """Whether the numpy seed is known, but no structure so far agrees with its draws."""
    return any(fit.reading for fit in fits) and not any(fit.explains for fit in fits)


def _worth_widening(seeds: Provenance, options: Options) -> bool:
    return options.numpy_seed is None and not options.exhaustive and not options.donors and seeds.search.widens and philox.uses_numba()


def _random_ones(settled: tuple[Rebuilt, Inference]) -> bool:
    """Whether some lost weight still has no value."""
    return bool(settled[1].unrecovered)


def _conclude(
    source: Checkpoint,
    options: Options,
    given: Arguments,
    lost: Sequence[LostArgument],
    built: Sequence[Hypothesis],
    seeds: Provenance,
    progress: Progress,
) -> tuple[Rebuilt, Inference]:
    fits = _fits(built, seeds)
    best, rivals = _choose(fits)
    doubtful = _doubtful(source, options, given, lost, fits, best, seeds)
    inference = _infer(source, options, given, best, (*rivals, *doubtful), seeds)
    answers = _answers(source, options, given, lost, best, inference, seeds.search.graph_seed, progress)
    rivals = (*rivals, *(fit for fit in doubtful if _gives_others(fit, best)))
    arguments = (*_given(given), *_arguments(lost, best, rivals, fits, answers))
    leaning = _shaky(best.members[0].rebuilt.blueprint.hidden, rivals)
    recovered = {**inference.recovered, **{key: _leaning(found) if key in leaning else found for key, found in answers.recovered.items()}}
    unrecovered = {key: why for key, why in {**inference.unrecovered, **answers.unrecovered}.items() if key not in recovered}
    settled = replace(inference, recovered=recovered, unrecovered=unrecovered, arguments=arguments, advice=_advice(options, unrecovered))
    return answers.rebuilt or best.members[0].rebuilt, settled


def _leaning(found: Recovered) -> Recovered:
    """What samples told of a weight in which an undecided argument has a say; predictions that the model reproduces decide it all."""
    if not found.exact or found.evidence.get("predictions_reproduced"):
        return found
    return replace(found, exact=False, note=f"{found.note}; not proven: another constructor argument explains the file as well")


def _doubtful(
    source: Checkpoint,
    options: Options,
    given: Arguments,
    lost: Sequence[LostArgument],
    fits: Sequence[Fit],
    best: Fit,
    seeds: Provenance,
) -> tuple[Fit, ...]:
    """Structures under values of arguments that nothing has varied so far, as far as the draws allow them."""
    varied = {place for fit in fits for member in fit.members for place in member.chosen}
    others = _fits(list(untried(source, options, given, lost, best.members[0], varied)), seeds)
    return tuple(fit for fit in others if (fit.explains or not best.explains) and not _refuted(fit, best, len(fits) + len(others)))


def _answers(
    source: Checkpoint,
    options: Options,
    given: Arguments,
    lost: Sequence[LostArgument],
    best: Fit,
    inference: Inference,
    graph_seed: int,
    progress: Progress,
) -> Answers:
    """What samples add: the user's, or (for arguments alone) synthetic ones that upstream statistics vouch for."""
    from layerfix.strategies.recover import value_of

    base = best.members[0]
    specs = {spec.key: spec for spec in base.rebuilt.blueprint.hidden}
    known = {key: value_of(specs[key], found, source.keras_version) for key, found in inference.recovered.items()}
    structural = {place[1] for place in base.chosen}
    open_arguments = [argument for argument in lost if argument.name not in structural]
    samples = _samples(options, base.rebuilt)
    inquiry = Inquiry(source, options, merged(given, base.chosen), base.rebuilt, known, samples, graph_seed, progress)
    return answer(inquiry, questions(inquiry, open_arguments))


def _samples(options: Options, rebuilt: Rebuilt) -> Samples | None:
    if options.samples is None:
        return None
    samples = read_samples(options.samples)
    check_samples(samples, [tuple(tensor.shape) for tensor in rebuilt.model.inputs], options.samples)
    return samples


def _fits(built: Sequence[Hypothesis], seeds: Provenance) -> list[Fit]:
    groups: dict[str, list[Hypothesis]] = {}
    for hypothesis in built:
        groups.setdefault(hypothesis.signature, []).append(hypothesis)
    return [Fit(tuple(members), seeds.read(members[0].rebuilt.blueprint)) for members in groups.values()]


def _choose(fits: Sequence[Fit]) -> tuple[Fit, tuple[Fit, ...]]:
    """The structure that explains all draws and that the kernels remember best (the defaults among equals), and those that do as well."""
    explaining = [fit for fit in fits if fit.explains]
    if not explaining:
        best = max(fits, key=lambda fit: (fit.reading is not None, -_gaps(fit), fit.support))
        return best, tuple(fit for fit in fits if fit is not best)
    best = max(explaining, key=lambda fit: fit.support)
    return best, tuple(fit for fit in explaining if fit is not best and not _refuted(fit, best, len(fits)))


def _gaps(fit: Fit) -> int:
    return len(fit.reading.alignment.gaps) if fit.reading else 0


def _refuted(fit: Fit, best: Fit, hypotheses: int) -> bool:
    """Whether the draws or the automatic numbers, which count every layer ever made, speak against a structure."""
    if fit.unfilled > best.unfilled:
        return True
    return bool(fit.reading and best.reading and best.reading.alignment.refutes(fit.reading.alignment, hypotheses))


def _infer(source: Checkpoint, options: Options, given: Arguments, best: Fit, rivals: Sequence[Fit], seeds: Provenance) -> Inference:
    blueprint = best.members[0].rebuilt.blueprint
    shaky = _shaky(blueprint.hidden, rivals)
    recovered = constants(source, blueprint.hidden, seeds.search, shaky)
    chained, reasons = from_reading(source, blueprint.hidden, best.reading, seeds, shaky)
    recovered.update(chained)
    arguments = [merged(given, member.chosen) for fit in (best, *rivals) for member in fit.members]
    recovered.update(drawn_by_the_class(source, options, arguments, blueprint.hidden, best.reading, seeds, shaky))
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    return Inference(recovered, unrecovered, search=account(seeds, best.reading))


def _shaky(hidden: Sequence[WeightSpec], rivals: Sequence[Fit]) -> frozenset[WeightKey]:
    """Weights that would look different under another structure which the evidence allows as well."""
    shaky: set[WeightKey] = set()
    for rival in rivals:
        theirs = {(spec.layer, spec.role): spec for spec in rival.members[0].rebuilt.blueprint.hidden}
        for spec in hidden:
            other = theirs.get((spec.layer, spec.role))
            if other is None or _differ(spec, other):
                shaky.add(spec.key)
    return frozenset(shaky)


def _gives_others(fit: Fit, best: Fit) -> bool:
    """Whether a structure gives some lost weight another value than the best one does, or draws it in another way."""
    theirs, ours = (one.members[0].rebuilt.blueprint for one in (fit, best))
    calls = [[str(draw.call) for draw in blueprint.draws if draw.call] for blueprint in (theirs, ours)]
    return bool(_shaky(ours.hidden, [fit])) or calls[0] != calls[1]


def _differ(spec: WeightSpec, other: WeightSpec) -> bool:
    """Whether two structures give a weight another shape, another stream, or another value that the source states."""
    return (spec.shape, spec.initializer) != (other.shape, other.initializer) or not np.array_equal(spec.value, other.value)


def _given(given: Arguments) -> list[SettledArgument]:
    return [
        SettledArgument(layer, name, value, "given") for layer, values in sorted(given.items()) for name, value in sorted(values.items())
    ]


def _arguments(
    lost: Sequence[LostArgument], best: Fit, rivals: Sequence[Fit], fits: Sequence[Fit], answers: Answers
) -> list[SettledArgument]:
    """What became of every lost argument: inferred where other values contradict the evidence, default or ambiguous elsewhere."""
    chosen = best.members[0].chosen
    settled = []
    for argument in lost:
        place = (argument.layer, argument.name)
        told = answers.evidence.get(place, {})
        if told.get("decided"):
            settled.append(
                SettledArgument(*place, answers.arguments[argument.layer].get(argument.name, argument.default), "inferred", told)
            )
            continue
        value = chosen.get(place, argument.default)
        open_values = [member.chosen[place] for fit in (best, *rivals) for member in fit.members if place in member.chosen]
        others = [other for at, other in enumerate(open_values) if other != value and other not in open_values[:at]]
        tried = sum(place in member.chosen for fit in fits for member in fit.members)
        evidence: dict[str, Any] = {"default": argument.default, "candidates": list(argument.candidates), **told}
        if others:
            settled.append(SettledArgument(*place, value, "ambiguous", {**evidence, "also_possible": others}))
        elif value != argument.default or tried:
            why = "other values contradict the stored shapes or the order of the random draws"
            settled.append(SettledArgument(*place, value, "inferred", {**evidence, "by": why}))
        else:
            settled.append(SettledArgument(*place, value, "default", evidence))
    return settled


def _advice(options: Options, unrecovered: Mapping[WeightKey, str]) -> tuple[str, ...]:
    if not unrecovered:
        return ()
    more = "More samples, labels (y) or recorded predictions (p) in --samples" if options.samples else "A few inputs with --samples"
    return (
        f"{more} can tell the lost value from the other ten million; labels and recorded predictions tell most.",
        "If you remember a seed of the training script, give it with --numpy-seed or --graph-seed; --exhaustive tries all 2^32.",
        "A training session saved with tf.train.Saver still holds the lost weights: give it with --donor.",
    )

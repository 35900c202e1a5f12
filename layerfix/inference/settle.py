"""Put all evidence together: which arguments the layers had, and which values their lost weights had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples, check_samples, read_samples
from layerfix.inference.by_samples import answer, questions
from layerfix.inference.claims import constants, from_reading
from layerfix.inference.drawn import drawn_by_the_class
from layerfix.inference.fits import Fit, choose, doubtful_fits, gives_others, read_all, shaky_weights
from layerfix.inference.inquiry import Answers, Inquiry
from layerfix.inference.provenance import Provenance, account, provenance
from layerfix.inference.records import Inference, Recovered, SettledArgument
from layerfix.inference.structure import Arguments, Explorer, Hypothesis, merged
from layerfix.options import Options
from layerfix.progress import Progress
from layerfix.rng import philox
from layerfix.rng.guesses import Memory

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt


def settle(source: Checkpoint, options: Options, given: Arguments, progress: Progress) -> tuple[Rebuilt, Inference]:
    """The rebuilt graph under the arguments that the evidence supports, and everything that was inferred about its lost weights.

    Raises:
        GraphError: where the graph cannot be rebuilt.
    """
    from layerfix.diagnose.arguments import lost_arguments

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
    while explorer.more and _readable_but_unexplained(read_all(built, seeds)):
        built = explorer.explore()
    settled = _conclude(source, options, given, lost, built, seeds, progress)
    if options.samples is not None and _random_ones(settled) and _worth_widening(seeds, options):
        wider = seeds.widened(progress)
        if wider.search.origins != seeds.search.origins:
            return _conclude(source, options, given, lost, built, wider, progress)
        told = account(wider, choose(read_all(built, wider))[0].reading)
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
    fits = read_all(built, seeds)
    best, rivals = choose(fits)
    doubtful = doubtful_fits(source, options, given, lost, fits, best, seeds)
    inference = _infer(source, options, given, best, (*rivals, *doubtful), seeds)
    answers = _answers(source, options, given, lost, best, inference, seeds.search.graph_seed, progress)
    rivals = (*rivals, *(fit for fit in doubtful if gives_others(fit, best)))
    arguments = (*_given(given), *_arguments(lost, best, rivals, fits, answers))
    leaning = shaky_weights(best.members[0].rebuilt.blueprint.hidden, (best, *rivals))
    recovered = {**inference.recovered, **{key: _leaning(found) if key in leaning else found for key, found in answers.recovered.items()}}
    unrecovered = {key: why for key, why in {**inference.unrecovered, **answers.unrecovered}.items() if key not in recovered}
    settled = replace(inference, recovered=recovered, unrecovered=unrecovered, arguments=arguments, advice=_advice(options, unrecovered))
    return answers.rebuilt or best.members[0].rebuilt, settled


def _leaning(found: Recovered) -> Recovered:
    """What samples told of a weight in which an undecided argument has a say; predictions that the model reproduces decide it all."""
    if not found.exact or found.evidence.get("predictions_reproduced"):
        return found
    return replace(found, exact=False, note=f"{found.note}; not proven: another constructor argument explains the file as well")


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
    from layerfix.inference.values import value_of

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


def _infer(source: Checkpoint, options: Options, given: Arguments, best: Fit, rivals: Sequence[Fit], seeds: Provenance) -> Inference:
    blueprint = best.members[0].rebuilt.blueprint
    shaky = shaky_weights(blueprint.hidden, (best, *rivals))
    recovered = constants(source, blueprint.hidden, seeds.search, shaky)
    chained, reasons = from_reading(source, blueprint.hidden, best.reading, seeds, shaky)
    recovered.update(chained)
    arguments = [merged(given, member.chosen) for fit in (best, *rivals) for member in fit.members]
    recovered.update(drawn_by_the_class(source, options, arguments, blueprint.hidden, best.reading, seeds, shaky))
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    return Inference(recovered, unrecovered, search=account(seeds, best.reading))


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

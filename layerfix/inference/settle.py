"""Put all evidence together: which arguments the layers had, and which values their lost weights had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples, check_samples, read_samples
from layerfix.inference.by_samples import NUMBERS, answer, questions
from layerfix.inference.claims import Ground, constants, from_reading
from layerfix.inference.drawn import drawn_by_the_class
from layerfix.inference.exactness import AGREES, Doubt
from layerfix.inference.fits import Fit, choose, doubtful_fits, gives_others, read_all, shaky_weights
from layerfix.inference.hearing import Hearing, heard
from layerfix.inference.idle import without_effect
from layerfix.inference.inquiry import Answers, Inquiry
from layerfix.inference.provenance import Provenance, account, provenance
from layerfix.inference.records import Inference, Recovered, SettledArgument
from layerfix.inference.structure import Arguments, Explorer, Hypothesis, Place, merged
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
    rivals = (*rivals, *(fit for fit in doubtful if gives_others(fit, best)))
    asked = partial(_answers, source, options, given, lost, best, seeds.search.graph_seed, progress)
    answers = asked(inference.recovered)
    arguments = (*_given(given), *_arguments(lost, best, rivals, fits, answers))
    told = _heard(source, options, best, inference, answers, arguments, seeds.search.graph_seed, progress)
    withdrawn = {key: found.standing.why for key, found in told.items() if found.standing.word == "withdrawn"}
    if withdrawn:  # open again, and searched for with the witness that contradicted
        answers = asked({key: found for key, found in told.items() if key not in withdrawn})
        arguments = (*_given(given), *_arguments(lost, best, rivals, fits, answers))
    layers = {spec.key: spec.layer for spec in best.members[0].rebuilt.blueprint.hidden}
    arguments = _confirmed(arguments, told, layers)
    leaning = shaky_weights(best.members[0].rebuilt.blueprint.hidden, (best, *rivals))
    found_by_samples = {key: _leaning(found) if key in leaning else found for key, found in answers.recovered.items()}
    recovered = {**{key: found for key, found in told.items() if key not in withdrawn}, **found_by_samples}
    reasons = {**inference.unrecovered, **answers.unrecovered, **withdrawn}
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    if not unrecovered and (options.assume or all(found.exact for found in recovered.values())):
        arguments = _idle(source, options, lost, arguments, answers.rebuilt or best.members[0].rebuilt, recovered)
    settled = replace(inference, recovered=recovered, unrecovered=unrecovered, arguments=arguments, advice=_advice(options, unrecovered))
    return answers.rebuilt or best.members[0].rebuilt, settled


def _confirmed(
    arguments: Sequence[SettledArgument], told: Mapping[WeightKey, Recovered], layers: Mapping[WeightKey, str]
) -> tuple[SettledArgument, ...]:
    """Arguments on which the structure of a layer hangs are decided where witnesses agree with all its kernels."""
    speaking: dict[str, list[bool]] = {}
    for found in told.values():
        for witness in found.witnesses if found.kind in ("seed", "normal") else ():
            speaking.setdefault(layers[found.key], []).append(bool(witness.agrees) and witness.bound <= AGREES)
    return tuple(
        replace(argument, how="inferred", evidence={**argument.evidence, "by": "samples: they prefer every kernel that it makes"})
        if argument.how == "ambiguous" and argument.evidence.get("structural") and all(speaking.get(argument.layer, [False]))
        else argument
        for argument in arguments
    )


def _idle(
    source: Checkpoint,
    options: Options,
    lost: Sequence[LostArgument],
    arguments: Sequence[SettledArgument],
    rebuilt: Rebuilt,
    recovered: Mapping[WeightKey, Recovered],
) -> tuple[SettledArgument, ...]:
    """Open arguments that have no say in what the model predicts are as good as decided."""
    from layerfix.graph.rebuilt import load_values
    from layerfix.inference.values import value_of

    values = {spec.key: value_of(spec, recovered[spec.key], source.keras_version) for spec in rebuilt.blueprint.hidden}
    load_values(rebuilt, values)
    by_place = {(argument.layer, argument.name): argument for argument in lost}
    believed = rebuilt.blueprint.arguments
    return tuple(
        replace(argument, how="default", evidence={**argument.evidence, "without_effect": True})
        if argument.how in ("ambiguous", "default")
        and without_effect(source, options, believed, by_place[argument.layer, argument.name], rebuilt, values)
        else argument
        for argument in arguments
    )


def _heard(
    source: Checkpoint,
    options: Options,
    best: Fit,
    inference: Inference,
    answers: Answers,
    arguments: Sequence[SettledArgument],
    graph_seed: int,
    progress: Progress,
) -> dict[WeightKey, Recovered]:
    """What was recovered, each value with what witnesses of behaviour say of it."""
    from layerfix.graph.rebuilt import load_values
    from layerfix.inference.values import value_of

    rebuilt = answers.rebuilt or best.members[0].rebuilt
    specs = {spec.key: spec for spec in rebuilt.blueprint.hidden}
    recovered = {**inference.recovered, **answers.recovered}
    claimed = {key: value_of(specs[key], found, source.keras_version) for key, found in recovered.items()}
    load_values(rebuilt, claimed)
    unsettled = frozenset(argument.layer for argument in arguments if argument.how in ("ambiguous", "default"))
    unknown = frozenset(spec.layer for spec in specs.values() if spec.key not in recovered)
    hearing = Hearing(source, rebuilt, claimed, unknown, unsettled, _samples(options, rebuilt), graph_seed, progress)
    told = heard(hearing)
    return {key: replace(found, witnesses=(*found.witnesses, *told[key])) for key, found in inference.recovered.items()}


def _leaning(found: Recovered) -> Recovered:
    """What samples told of a weight in which an undecided argument has a say."""
    return replace(found, doubts=(*found.doubts, Doubt("arguments", True, "another constructor argument explains the file as well")))


def _answers(
    source: Checkpoint,
    options: Options,
    given: Arguments,
    lost: Sequence[LostArgument],
    best: Fit,
    graph_seed: int,
    progress: Progress,
    recovered: Mapping[WeightKey, Recovered],
) -> Answers:
    """What samples add: the user's, or (for arguments alone) synthetic ones that upstream statistics vouch for."""
    from layerfix.inference.values import value_of

    base = best.members[0]
    specs = {spec.key: spec for spec in base.rebuilt.blueprint.hidden}
    known = {key: value_of(specs[key], found, source.keras_version) for key, found in recovered.items()}
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
    ground = Ground(source, seeds, shaky, _by_name(best))
    chained, reasons = from_reading(ground, blueprint.hidden, best.reading)
    arguments = [merged(given, member.chosen) for fit in (best, *rivals) for member in fit.members]
    drawn = drawn_by_the_class(ground, options, arguments, blueprint.hidden, best.reading)
    recovered = {**chained, **drawn, **constants(ground, blueprint.hidden)}  # what the source states overrides what was drawn before
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    return Inference(recovered, unrecovered, search=account(seeds, best.reading))


def _by_name(best: Fit) -> frozenset[str]:
    """Layers whose class ships with layerfix and was not given: only its name says that it is the same."""
    from layerfix.layers import corrected

    rebuilt = best.members[0].rebuilt
    shipped = {entry.load() for name, entry in corrected().items() if name in rebuilt.classes}
    return frozenset(path for path, leaf in rebuilt.leaves.items() if type(leaf.custom) in shipped)


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
        leant = answers.arguments.get(argument.layer, {}).get(argument.name, _NONE)
        if leant is not _NONE and told:
            settled.append(SettledArgument(*place, leant, "ambiguous", {**told, "also_possible": _near(argument, leant)}))
            continue
        value = chosen.get(place, argument.default)
        open_values = [member.chosen.get(place, argument.default) for fit in (best, *rivals) for member in fit.members]
        others = [other for at, other in enumerate(open_values) if other != value and other not in open_values[:at]]
        tried = sum(place in member.chosen for fit in fits for member in fit.members)
        evidence: dict[str, Any] = {"default": argument.default, "candidates": list(argument.candidates), **told}
        if others:
            settled.append(
                SettledArgument(*place, value, "ambiguous", {**evidence, "also_possible": others, **_hangs(place, best, rivals)})
            )
        elif value != argument.default or tried:
            why = "other values contradict the stored shapes or the order of the random draws"
            settled.append(SettledArgument(*place, value, "inferred", {**evidence, "by": why}))
        else:
            settled.append(SettledArgument(*place, value, "default", evidence))
    return settled


def _hangs(place: Place, best: Fit, rivals: Sequence[Fit]) -> dict[str, bool]:
    """Whether the structure hangs on an argument: all behaviours of the best structure give it one value, rivals another."""
    ours = {repr(member.chosen.get(place)) for member in best.members}
    return {"structural": True} if len(ours) == 1 and rivals else {}


def _near(argument: LostArgument, value: Any) -> list[Any]:
    """Numbers beside the one that came nearest."""
    tried = sorted({*argument.candidates, *NUMBERS} if isinstance(value, float) else argument.candidates, key=str)
    if not isinstance(value, float):
        return [other for other in tried if other != value]
    below, above = [other for other in tried if other < value], [other for other in tried if other > value]
    return [*sorted(below)[-1:], *sorted(above)[:1]]


_NONE = object()


def _advice(options: Options, unrecovered: Mapping[WeightKey, str]) -> tuple[str, ...]:
    if not unrecovered:
        return ()
    more = "More samples, labels (y) or recorded predictions (p) in --samples" if options.samples else "A few inputs with --samples"
    return (
        f"{more} can tell the lost value from the other ten million; labels and recorded predictions tell most.",
        "If you remember a seed of the training script, give it with --numpy-seed or --graph-seed; --exhaustive tries all 2^32.",
        "A training session saved with tf.train.Saver still holds the lost weights: give it with --donor.",
    )

"""Put all evidence together: which arguments the layers had, and which values their lost weights had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import WeightSpec
from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.inference.claims import constants, from_reading
from layerfix.inference.provenance import Provenance, Reading, account, provenance
from layerfix.inference.records import Inference, SettledArgument
from layerfix.inference.structure import Arguments, Hypothesis, hypotheses
from layerfix.options import Options
from layerfix.progress import Progress
from layerfix.seeds.chain import Memory

if TYPE_CHECKING:
    from layerfix.graph import LostArgument, Rebuilt


@dataclass(frozen=True, slots=True)
class Fit:
    """A structural hypothesis (several behaviours may share it) and how well the seed chain explains it."""

    members: tuple[Hypothesis, ...]
    reading: Reading | None

    @property
    def explains(self) -> bool:
        """Whether every draw of the graph has its place in the stream."""
        return self.reading is not None and not self.reading.alignment.gaps


def settle(source: Checkpoint, options: Options, given: Arguments, progress: Progress) -> tuple[Rebuilt, Inference]:
    """The rebuilt graph under the arguments that the evidence supports, and everything that was inferred about its lost weights.

    Raises:
        GraphError: where the graph cannot be rebuilt.
    """
    from layerfix.graph import lost_arguments

    lost = [argument for argument in lost_arguments(source, options.layers) if argument.name not in given.get(argument.layer, {})]
    built = hypotheses(source, options, given, lost, progress)
    if not built[0].rebuilt.blueprint.hidden:
        return built[0].rebuilt, Inference()
    memory = Memory(options.numpy_seed, options.graph_seed, options.exhaustive)
    seeds = provenance(source, built[0].rebuilt.blueprint, memory, progress)
    fits = _fits(built, seeds)
    best, rivals = _choose(fits)
    inference = _infer(source, best, rivals, seeds)
    arguments = (*_given(given), *_arguments(lost, best, rivals, fits))
    return best.members[0].rebuilt, replace(inference, arguments=arguments)


def _fits(built: Sequence[Hypothesis], seeds: Provenance) -> list[Fit]:
    groups: dict[str, list[Hypothesis]] = {}
    for hypothesis in built:
        groups.setdefault(hypothesis.signature, []).append(hypothesis)
    return [Fit(tuple(members), seeds.read(members[0].rebuilt.blueprint)) for members in groups.values()]


def _choose(fits: Sequence[Fit]) -> tuple[Fit, tuple[Fit, ...]]:
    """The first structure that explains all draws (the defaults come first), and others that do so as well; else simply the first."""
    explaining = [fit for fit in fits if fit.explains]
    if explaining:
        return explaining[0], tuple(explaining[1:])
    return fits[0], tuple(fits[1:])


def _infer(source: Checkpoint, best: Fit, rivals: Sequence[Fit], seeds: Provenance) -> Inference:
    blueprint = best.members[0].rebuilt.blueprint
    shaky = _shaky(blueprint.hidden, rivals)
    recovered = constants(source, blueprint.hidden, seeds.search, shaky)
    chained, reasons = from_reading(source, blueprint.hidden, best.reading, seeds, shaky)
    recovered.update(chained)
    unrecovered = {key: why for key, why in reasons.items() if key not in recovered}
    return Inference(recovered, unrecovered, search=account(seeds, best.reading), advice=_advice(source, unrecovered))


def _shaky(hidden: Sequence[WeightSpec], rivals: Sequence[Fit]) -> frozenset[WeightKey]:
    """Weights that would look different under another structure which the evidence allows as well."""
    shaky: set[WeightKey] = set()
    for rival in rivals:
        theirs = {(spec.layer, spec.role): spec for spec in rival.members[0].rebuilt.blueprint.hidden}
        for spec in hidden:
            other = theirs.get((spec.layer, spec.role))
            if other is None or (other.shape, other.initializer) != (spec.shape, spec.initializer):
                shaky.add(spec.key)
    return frozenset(shaky)


def _given(given: Arguments) -> list[SettledArgument]:
    return [
        SettledArgument(layer, name, value, "given") for layer, values in sorted(given.items()) for name, value in sorted(values.items())
    ]


def _arguments(lost: Sequence[LostArgument], best: Fit, rivals: Sequence[Fit], fits: Sequence[Fit]) -> list[SettledArgument]:
    """What became of every lost argument: inferred where other values contradict the file, default or ambiguous elsewhere."""
    chosen = best.members[0].chosen
    settled = []
    for argument in lost:
        place = (argument.layer, argument.name)
        value = chosen.get(place, argument.default)
        open_values = [member.chosen[place] for fit in (best, *rivals) for member in fit.members if place in member.chosen]
        others = [other for other in open_values if other != value]
        tried = sum(place in member.chosen for fit in fits for member in fit.members)
        evidence: dict[str, Any] = {"default": argument.default, "candidates": list(argument.candidates)}
        if others:
            settled.append(SettledArgument(*place, value, "ambiguous", {**evidence, "also_possible": others}))
        elif value != argument.default or tried:
            why = "other values contradict the stored shapes or the order of the random draws"
            settled.append(SettledArgument(*place, value, "inferred", {**evidence, "by": why}))
        else:
            settled.append(SettledArgument(*place, value, "default", evidence))
    return settled


def _advice(source: Checkpoint, unrecovered: Mapping[WeightKey, str]) -> tuple[str, ...]:
    if not unrecovered:
        return ()
    return (
        "Give a few inputs with --samples (labels or recorded predictions decide more): they tell the lost value from the other ten million.",
        "If you remember a seed of the training script, give it with --numpy-seed or --graph-seed; --exhaustive tries all 2^32.",
        "A training session saved with tf.train.Saver still holds the lost weights: give it with --donor.",
    )

"""What is open about the layers of a model, what was settled, and when a candidate is believed."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.containers.samples import Samples
from layerfix.errors import GraphError, HostileError, LackError
from layerfix.inference import doubts
from layerfix.inference.exactness import Witness, of_session
from layerfix.inference.records import Recovered
from layerfix.inference.structure import Arguments, Place, signature
from layerfix.inference.verdicts import Decision, Outcome
from layerfix.options import Options
from layerfix.probe.evidence import Kind
from layerfix.progress import Progress
from layerfix.rng.certificate import EXACT

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

Array = NDArray[Any]
COMBINATIONS = 16
"""Argument sets tried for one layer at most."""
LIKELY = 1e-2
"""Largest chance of a false winner at which a value is used at all; it is exact from `certificate.EXACT` on."""
CLEAR: Mapping[Kind, float] = {"statistics": 4.0, "labels": 1.5, "predictions": 100.0, "memory": 1.5, "synthetic": 10.0, "magnitudes": 10.0}
"""How many times worse the second-best argument must explain both halves of the samples."""
SANE: Mapping[Kind, float] = {
    "statistics": 2.0,
    "labels": np.inf,
    "predictions": 1e-4,
    "memory": 0.5,
    "synthetic": 10.0,
    "magnitudes": 0.06,
}
"""Badness above which even the best explains nothing: wrong samples."""


PROVEN = "a proven bound: op seeds tried times exp(-z^2 / 2), z against an estimate made from file and samples alone"
EXTRAPOLATED = "an extreme-value extrapolation over ten million candidates"
SOURCES: Mapping[Kind, str] = {
    "statistics": "samples: stored statistics of a BatchNormalization behind it",
    "labels": "samples: labels",
    "predictions": "samples: recorded predictions",
    "memory": "samples: squared gradients that the optimizer remembers, the model's own answers taken as labels",
    "synthetic": "stored statistics before and behind it, with made-up inputs",
    "magnitudes": "how large the inputs of the layers around it were, which stored statistics and the optimizer's squared gradients tell",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What is open about one layer: values of lost arguments, kernels that no seed told."""

    layer: str
    arguments: tuple[LostArgument, ...]
    unknown: tuple[WeightSpec, ...]


@dataclass(slots=True)
class Answers:
    """What samples settled.

    Attributes:
        arguments: {layer: {argument: value}} that are decided.
        evidence: for each decided or undecided argument (layer, name), JSON-ready.
        recovered: kernels found.
        unrecovered: for the others, why not.
        rebuilt: the graph under the decided arguments.
        lacking: arguments under which the graph could not be judged, since our legacy Keras lacks what the class uses.
        ended: whether the search was ended before it was through.
        graphs: those built so far, by their arguments; values that were put into one since are not its own.
    """

    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)
    evidence: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    recovered: dict[WeightKey, Recovered] = field(default_factory=dict)
    unrecovered: dict[WeightKey, str] = field(default_factory=dict)
    rebuilt: Rebuilt | None = None
    lacking: list[Mapping[Place, Any]] = field(default_factory=list)
    ended: bool = False
    graphs: dict[str, Rebuilt | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """Everything that stays the same while questions are answered.

    Attributes:
        source: the checkpoint.
        options: for the user's layers.
        given: arguments that the user stated.
        base: the graph under the defaults.
        known: values of hidden weights that are known already.
        samples: the evidence; None to make do with made-up inputs, which decide arguments only.
        graph_seed: under which kernels were drawn.
        progress: told at every stage.
    """

    source: Checkpoint
    options: Options
    given: Arguments
    base: Rebuilt
    known: Mapping[WeightKey, Array]
    samples: Samples | None
    graph_seed: int
    progress: Progress


def combinations(asked: Sequence[Question]) -> list[dict[str, dict[str, Any]]]:
    """Argument sets, the defaults first; where there are too many, one argument changed at a time."""
    places = [(question.layer, argument) for question in asked for argument in question.arguments]
    count = math.prod(len(argument.candidates) for _, argument in places)
    if count <= COMBINATIONS:
        chosen = [dict(zip(range(len(places)), values, strict=True)) for values in itertools.product(*(a.candidates for _, a in places))]
    else:
        single = sorted((rank, i) for i, (_, a) in enumerate(places) for rank in range(1, len(a.candidates)))
        chosen = [{}, *({i: places[i][1].candidates[rank]} for rank, i in single)][:COMBINATIONS]
    found = []
    for values in chosen:
        arguments: dict[str, dict[str, Any]] = {question.layer: {} for question in asked}
        for i, (layer, argument) in enumerate(places):
            if i in values or not argument.required:
                arguments[layer][argument.name] = values.get(i, argument.default)
        found.append(arguments)
    return found


def rebuilt_under(inquiry: Inquiry, answers: Answers, combination: Arguments) -> Rebuilt | None:
    """The graph under a combination, with all known weights; None where it does not build or would lose other weights."""
    from layerfix.graph.rebuilt import load_values

    merged = {layer: dict(values) for layer, values in inquiry.given.items()}
    for arguments in (answers.arguments, combination):
        for layer, values in arguments.items():
            merged.setdefault(layer, {}).update(values)
    name = repr(sorted((layer, sorted(values.items())) for layer, values in merged.items()))
    if name not in answers.graphs:
        try:
            answers.graphs[name] = _alike(inquiry, merged)
        except LackError:
            answers.lacking.append(
                {(layer, argument): value for layer, values in combination.items() for argument, value in values.items()}
            )
            answers.graphs[name] = None
    rebuilt = answers.graphs[name]
    if rebuilt is not None:
        load_values(rebuilt, inquiry.known)
        load_values(rebuilt, found_values(inquiry, answers))
    return rebuilt


def _alike(inquiry: Inquiry, arguments: Arguments) -> Rebuilt | None:
    """The graph under some arguments; None where it does not build, or loses other weights than the base.

    Raises:
        LackError: where our legacy Keras lacks what the class uses, so that nothing is known of these arguments.
    """
    from layerfix.graph.rebuilt import rebuild

    try:
        rebuilt = rebuild(inquiry.source, layers=inquiry.options.layers, arguments=arguments)
    except LackError:
        raise
    except (GraphError, HostileError):  # a guess may ask for more than any genuine file of this size does
        return None
    return rebuilt if signature(rebuilt.blueprint) == signature(inquiry.base.blueprint) else None


def take_arguments_of(inquiry: Inquiry, answers: Answers, layer: str, arguments: Mapping[str, Any]) -> None:
    """Decide arguments of one layer; the graph stands under them from now on."""
    answers.arguments.setdefault(layer, {}).update(arguments)
    answers.rebuilt = rebuilt_under(inquiry, answers, {}) or answers.rebuilt


def found_values(inquiry: Inquiry, answers: Answers) -> dict[WeightKey, Array]:
    from layerfix.inference.values import value_of

    specs = {spec.key: spec for spec in inquiry.base.blueprint.hidden}
    return {key: value_of(specs[key], found, inquiry.source.keras_version) for key, found in answers.recovered.items()}


def is_clear(outcome: Outcome) -> bool:
    """Whether one set of arguments explains both halves much better than every other, and well at all."""
    assert outcome.kind is not None
    if len(outcome.ranking) == 1:
        return True
    best, second = outcome.ranking[0], outcome.ranking[1]
    held = sorted(item.held_out for item in outcome.ranking)
    ratio = CLEAR[outcome.kind]
    ahead = second.searched >= ratio * best.searched and best.held_out == held[0] and held[1] >= ratio * held[0]
    return ahead and best.searched <= SANE[outcome.kind]


def believed(outcome: Outcome, decision: Decision) -> bool:
    """Whether the winner among candidate kernels is used at all: unlikely to be chance, backed by the held-out half, and no bad fit."""
    return decision.chance <= LIKELY and decision.supported and outcome.ranking[0].searched <= SANE[outcome.kind or "labels"]


def named(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in sorted(arguments.items())) or "defaults"


def flat(combination: Arguments) -> str:
    return "; ".join(f"{layer}: {named(values)}" for layer, values in sorted(combination.items()))


def note_kernel(inquiry: Inquiry, answers: Answers, spec: WeightSpec, outcome: Outcome, decision: Decision, clear: bool) -> None:
    best, second = outcome.ranking[0], outcome.ranking[1]
    if not clear:
        answers.unrecovered[spec.key] = f"samples do not decide it: {why_open(outcome, decision)}"
        return
    believed = decision.proven or (decision.chance <= EXACT and decision.confirmed)
    by_bound = decision.log10_bound <= decision.log10_gap
    evidence = {
        "op_seed": best.op_seed,
        "graph_seed": inquiry.graph_seed,
        "by": SOURCES[outcome.kind or "labels"],
        "samples": len(inquiry.samples or ()),
        "badness": best.searched,
        "badness_of_next": second.searched,
        "held_out_badness": best.held_out,
        "held_out_agrees": decision.confirmed,
        "log10_bound": round(decision.log10_chance, 2),
        "false_positive_bound": decision.chance,
        "bound_is": PROVEN if by_bound else EXTRAPOLATED,
        **({"z": round(best.z, 2)} if best.z else {}),
    }
    by = "at most, by its resemblance to an estimate" if by_bound else "by extreme-value fit"
    note = f"op seed {best.op_seed}, found with samples ({outcome.kind})"
    told = f"of ten million it explains the samples best: chance of a false winner 1e{decision.log10_chance:.0f} {by}"
    witness = Witness("samples", True, decision.chance, told) if believed else Witness("samples", None, decision.chance, told)
    answers.recovered[spec.key] = Recovered(
        spec.key,
        "seed",
        decision.log10_chance if believed else min(0.0, max(decision.log10_chance, -5.0)),
        (doubts.training(inquiry.source), doubts.updates(spec), doubts.earlier_session(outcome.stale)),
        evidence,
        note,
        (of_session(witness, stale=outcome.stale),),
        op_seed=best.op_seed,
        graph_seed=inquiry.graph_seed,
    )


def why_open(outcome: Outcome, decision: Decision) -> str:
    if outcome.ranking[0].searched > SANE[outcome.kind or "labels"]:
        return "no candidate explains the samples: they may be of another data set, or scaled otherwise"
    if not decision.supported:
        return f"the held-out half of the samples prefers {decision.held_out_rank} other candidates"
    return f"the best candidate is not far enough ahead (chance of a false winner 1e{decision.log10_chance:.1f})"


def note_arguments(answers: Answers, question: Question, outcome: Outcome, clear: bool) -> None:
    """Enter what the arguments of one layer explain."""
    told = {
        "by": SOURCES[outcome.kind or "labels"],
        "badness": {named(trial_best): round(value, 6) for trial_best, value in _by_arguments(outcome)},
        "decided": clear,
    }
    for argument in question.arguments:
        answers.evidence[question.layer, argument.name] = {"default": argument.default, "candidates": list(argument.candidates), **told}


def _by_arguments(outcome: Outcome) -> list[tuple[Mapping[str, Any], float]]:
    best: dict[str, tuple[Mapping[str, Any], float]] = {}
    for item in outcome.ranking:
        best.setdefault(named(item.trial.arguments), (item.trial.arguments, item.searched))
    return list(best.values())

"""Settle lost arguments and lost kernels with samples, one layer after the other along the graph."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.errors import GraphError
from layerfix.inference.claims import never_trained
from layerfix.inference.evidence import Kind, reproduces
from layerfix.inference.records import Recovered
from layerfix.inference.sampling import Decision, Outcome, Trial, decided, judge
from layerfix.inference.structure import Arguments, signature
from layerfix.inference.synthetic import judge_without_samples
from layerfix.options import Options
from layerfix.progress import Progress
from layerfix.samples import Samples
from layerfix.seeds.certificate import EXACT

if TYPE_CHECKING:
    from layerfix.graph import LostArgument, Rebuilt

Array = NDArray[Any]
COMBINATIONS = 16
"""Argument sets tried for one layer at most."""
LIKELY = 1e-2
"""Largest chance of a false winner at which a value is used at all; it is exact from `certificate.EXACT` on."""
CLEAR: Mapping[Kind, float] = {"statistics": 4.0, "labels": 1.5, "predictions": 100.0, "memory": 1.5, "synthetic": 10.0}
"""How many times worse the second-best argument must explain both halves of the samples."""
SANE: Mapping[Kind, float] = {"statistics": 2.0, "labels": np.inf, "predictions": 1e-4, "memory": 0.5, "synthetic": 10.0}
"""Badness above which even the best explains nothing: wrong samples."""


SOURCES: Mapping[Kind, str] = {
    "statistics": "samples: stored statistics of a BatchNormalization behind it",
    "labels": "samples: labels",
    "predictions": "samples: recorded predictions",
    "memory": "samples: squared gradients that the optimizer remembers, the model's own answers taken as labels",
    "synthetic": "stored statistics before and behind it, with made-up inputs",
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
    """

    arguments: dict[str, dict[str, Any]] = field(default_factory=dict)
    evidence: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    recovered: dict[WeightKey, Recovered] = field(default_factory=dict)
    unrecovered: dict[WeightKey, str] = field(default_factory=dict)
    rebuilt: Rebuilt | None = None


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


def questions(inquiry: Inquiry, lost: Sequence[LostArgument]) -> list[Question]:
    """Open questions in the order of the graph."""
    asked: dict[str, tuple[list[LostArgument], list[WeightSpec]]] = {}
    for argument in lost:
        if len(argument.candidates) > 1:
            asked.setdefault(argument.layer, ([], []))[0].append(argument)
    for spec in inquiry.base.blueprint.hidden:
        if spec.key not in inquiry.known:
            asked.setdefault(spec.layer, ([], []))[1].append(spec)
    order = list(inquiry.base.leaves)
    return [Question(layer, tuple(a), tuple(u)) for layer, (a, u) in sorted(asked.items(), key=lambda item: order.index(item[0]))]


def answer(inquiry: Inquiry, asked: Sequence[Question]) -> Answers:
    """Answer what can be answered; the first layer that stays open ends it, because everything behind it depends on it."""
    answers = Answers(rebuilt=inquiry.base)
    for position, question in enumerate(asked):
        later = frozenset(other.layer for other in asked[position + 1 :])
        trials = list(_trials(inquiry, answers, question, later))
        outcome = _judged(inquiry, trials)
        if outcome.kind is None and later and not any(other.unknown for other in asked[position:]):
            _answer_together(inquiry, answers, asked[position:])
            return answers
        if not _take(inquiry, answers, question, outcome):
            for other in asked[position + 1 :]:
                for spec in other.unknown:
                    answers.unrecovered[spec.key] = f"{question.layer}, on which it depends, stayed undecided"
            return answers
    _check_predictions(inquiry, answers)
    return answers


def _judged(inquiry: Inquiry, trials: Sequence[Trial]) -> Outcome:
    if inquiry.samples is None:
        return judge_without_samples(trials)
    return judge(inquiry.source, trials, inquiry.samples, inquiry.graph_seed, inquiry.progress)


def _trials(inquiry: Inquiry, answers: Answers, question: Question, later: frozenset[str]) -> Iterator[Trial]:
    for combination in _combinations([question]):
        rebuilt = _rebuilt(inquiry, answers, combination)
        if rebuilt is not None:
            yield Trial(rebuilt, question.layer, combination.get(question.layer, {}), question.unknown, later)


def _combinations(asked: Sequence[Question]) -> list[dict[str, dict[str, Any]]]:
    """Argument sets, the defaults first; where there are too many, one argument changed at a time."""
    places = [(question.layer, argument) for question in asked for argument in question.arguments]
    count = int(np.prod([len(argument.candidates) for _, argument in places])) if places else 1
    if count <= COMBINATIONS:
        chosen = [dict(zip(range(len(places)), values, strict=True)) for values in itertools.product(*(a.candidates for _, a in places))]
    else:
        chosen = [{}, *({i: value} for i, (_, a) in enumerate(places) for value in a.candidates[1:])][:COMBINATIONS]
    found = []
    for values in chosen:
        arguments: dict[str, dict[str, Any]] = {question.layer: {} for question in asked}
        for i, (layer, argument) in enumerate(places):
            if i in values or not argument.required:
                arguments[layer][argument.name] = values.get(i, argument.default)
        found.append(arguments)
    return found


def _rebuilt(inquiry: Inquiry, answers: Answers, combination: Arguments) -> Rebuilt | None:
    """The graph under a combination, with all known weights; None where it does not build or would lose other weights."""
    from layerfix.graph import load_values, rebuild

    merged = {layer: dict(values) for layer, values in inquiry.given.items()}
    for arguments in (answers.arguments, combination):
        for layer, values in arguments.items():
            merged.setdefault(layer, {}).update(values)
    try:
        rebuilt = rebuild(inquiry.source, layers=inquiry.options.layers, arguments=merged)
    except GraphError:
        return None
    if signature(rebuilt.blueprint) != signature(inquiry.base.blueprint):
        return None
    load_values(rebuilt, inquiry.known)
    load_values(rebuilt, _found_values(inquiry, answers))
    return rebuilt


def _found_values(inquiry: Inquiry, answers: Answers) -> dict[WeightKey, Array]:
    from layerfix.strategies.recover import value_of

    specs = {spec.key: spec for spec in inquiry.base.blueprint.hidden}
    return {key: value_of(specs[key], found, inquiry.source.keras_version) for key, found in answers.recovered.items()}


def _take(inquiry: Inquiry, answers: Answers, question: Question, outcome: Outcome) -> bool:
    """Enter an outcome into the answers; False where the layer stays open."""
    if not outcome.ranking:
        for spec in question.unknown:
            answers.unrecovered[spec.key] = outcome.why
        return False
    best = outcome.ranking[0]
    if not question.unknown:
        clear = _clear(outcome)
        _note_arguments(answers, question, outcome, clear)
    else:
        decision = decided(outcome)
        clear = decision.chance <= LIKELY and decision.supported and best.searched <= SANE[outcome.kind or "labels"]
        _note_arguments(answers, question, outcome, clear)
        _note_kernel(inquiry, answers, question.unknown[0], outcome, decision, clear)
    if clear:
        answers.arguments.setdefault(question.layer, {}).update(best.trial.arguments)
        answers.rebuilt = _rebuilt(inquiry, answers, {}) or answers.rebuilt
    return clear


def _clear(outcome: Outcome) -> bool:
    """Whether one set of arguments explains both halves much better than every other, and well at all."""
    assert outcome.kind is not None
    if len(outcome.ranking) == 1:
        return True
    best, second = outcome.ranking[0], outcome.ranking[1]
    held = sorted(item.held_out for item in outcome.ranking)
    ratio = CLEAR[outcome.kind]
    ahead = second.searched >= ratio * best.searched and best.held_out == held[0] and held[1] >= ratio * held[0]
    return ahead and best.searched <= SANE[outcome.kind]


def _note_arguments(answers: Answers, question: Question, outcome: Outcome, clear: bool) -> None:
    told = {
        "by": SOURCES[outcome.kind or "labels"],
        "badness": {_named(trial_best): round(value, 6) for trial_best, value in _by_arguments(outcome)},
        "decided": clear,
    }
    for argument in question.arguments:
        answers.evidence[question.layer, argument.name] = {"default": argument.default, "candidates": list(argument.candidates), **told}


def _by_arguments(outcome: Outcome) -> list[tuple[Mapping[str, Any], float]]:
    best: dict[str, tuple[Mapping[str, Any], float]] = {}
    for item in outcome.ranking:
        best.setdefault(_named(item.trial.arguments), (item.trial.arguments, item.searched))
    return list(best.values())


def _named(arguments: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in sorted(arguments.items())) or "defaults"


def _note_kernel(inquiry: Inquiry, answers: Answers, spec: WeightSpec, outcome: Outcome, decision: Decision, clear: bool) -> None:
    best, second = outcome.ranking[0], outcome.ranking[1]
    if not clear:
        answers.unrecovered[spec.key] = f"samples do not decide it: {_why_open(outcome, decision)}"
        return
    exact = decision.chance <= EXACT and decision.confirmed and never_trained(inquiry.source)
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
        "bound_is": "an extreme-value extrapolation over ten million candidates",
    }
    doubt = "" if exact else "; likely, not proven"
    chance = f"chance of a false winner 1e{decision.log10_chance:.0f} by extreme-value fit{doubt}"
    note = f"op seed {best.op_seed}, found with samples ({outcome.kind}); {chance}"
    answers.recovered[spec.key] = Recovered(spec.key, "seed", exact, evidence, note, best.op_seed, inquiry.graph_seed)


def _why_open(outcome: Outcome, decision: Decision) -> str:
    if outcome.ranking[0].searched > SANE[outcome.kind or "labels"]:
        return "no candidate explains the samples: they may be of another data set, or scaled otherwise"
    if not decision.supported:
        return f"the held-out half of the samples prefers {decision.held_out_rank} other candidates"
    return f"the best candidate is not far enough ahead (chance of a false winner 1e{decision.log10_chance:.1f})"


def _answer_together(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> None:
    """Arguments of several layers that only the model's outputs can tell, all at once."""
    trials = []
    for combination in _combinations(asked):
        rebuilt = _rebuilt(inquiry, answers, combination)
        if rebuilt is not None:
            trials.append((combination, Trial(rebuilt, asked[0].layer, {}, (), frozenset())))
    outcome = _judged(inquiry, [trial for _, trial in trials])
    if not outcome.ranking:
        return
    clear = _clear(outcome)
    chosen: dict[str, dict[str, Any]] = next(c for c, trial in trials if trial is outcome.ranking[0].trial)
    named = [(_flat(combination), item.searched) for item in outcome.ranking for combination, trial in trials if trial is item.trial]
    for question in asked:
        for argument in question.arguments:
            told = {"by": f"{SOURCES[outcome.kind or 'labels']}, all layers together", "badness": dict(named), "decided": clear}
            answers.evidence[question.layer, argument.name] = {"default": argument.default, "candidates": list(argument.candidates), **told}
    if clear:
        answers.arguments.update(chosen)
        answers.rebuilt = _rebuilt(inquiry, answers, {}) or answers.rebuilt
        _check_predictions(inquiry, answers)


def _flat(combination: Arguments) -> str:
    return "; ".join(f"{layer}: {_named(values)}" for layer, values in sorted(combination.items()))


def _check_predictions(inquiry: Inquiry, answers: Answers) -> None:
    """Where the whole model now reproduces recorded predictions, that is an equality proof for what was found on the way."""
    from layerfix.graph.forward import forward

    if inquiry.samples is None or inquiry.samples.predictions is None or answers.rebuilt is None or not answers.recovered:
        return
    outputs = forward(answers.rebuilt.model, inquiry.samples.inputs)
    if len(outputs) == len(inquiry.samples.predictions) and reproduces(outputs, inquiry.samples.predictions):
        for key, found in answers.recovered.items():
            evidence = {**found.evidence, "predictions_reproduced": True}
            note = f"op seed {found.op_seed}; the model reproduces the recorded predictions"
            answers.recovered[key] = replace(found, exact=never_trained(inquiry.source), evidence=evidence, note=note)

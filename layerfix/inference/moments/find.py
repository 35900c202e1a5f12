"""Find lost kernels, and decide lost arguments, by what the file stores: no seed and no sample is needed."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.inference import doubts
from layerfix.inference.answers import Answers
from layerfix.inference.climbing import Told, climbed, refined
from layerfix.inference.entries import named
from layerfix.inference.exactness import Witness, of_session
from layerfix.inference.inquiry import Inquiry, Question, combinations, deciding, found_values, rebuilt_under, whole
from layerfix.inference.moments.estimate import Estimate
from layerfix.inference.moments.listen import Listener
from layerfix.inference.moments.search import Ranked, equivalent_z, promising, ranked
from layerfix.inference.records import Recovered
from layerfix.inference.verdicts import LIKELY
from layerfix.progress import Progress
from layerfix.rng.certificate import Bound

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt

AHEAD = 6 * math.log(10)
"""How much more evidence the best arguments must have than others."""
NEAR = 2.1
"""Ratio of two numbers between which others of their kind are tried."""
BY = "stored statistics of the file behind it, moments propagated from those before it"
IS = "a proven bound: op seeds tried over an e-value made from the file alone (Markov), which is exp(-z^2 / 2)"


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """One set of arguments of a layer, and what the file tells of one of its kernels under it."""

    arguments: Mapping[str, Any]
    listener: Listener
    spec: WeightSpec
    estimate: Estimate


def by_statistics(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> Iterator[tuple[Answers, list[Question]]]:
    """What the file alone answers, in the order of the graph: ever fuller answers, each with what it leaves open.

    Where every kernel is known, recorded predictions tell arguments for less, and more surely.
    """
    left = list(asked)
    if inquiry.samples is not None and inquiry.samples.predictions is not None and not any(question.unknown for question in asked):
        return
    for question in asked:
        while (narrowed := _narrowed(inquiry, answers, question, left)) is not None:
            answers, fewer = narrowed
            left = [fewer if other is question else other for other in left]
            question = fewer
            yield answers, [other for other in left if other.unknown or other.arguments]


def _narrowed(inquiry: Inquiry, answers: Answers, question: Question, left: Sequence[Question]) -> tuple[Answers, Question] | None:
    """The question without one of its kernels that was found, or without arguments where its kernels are known; None where the file
    tells neither."""
    others = frozenset(other.layer for other in left if other is not question)
    if not question.unknown:
        return _argued(inquiry, answers, question, others)
    hypotheses = list(_hypotheses(inquiry, answers, question, others))
    worth = {at: (each.estimate, each.listener.stream(each.spec)) for at, each in enumerate(hypotheses) if promising(each.estimate)}
    if not worth:
        return None
    found = ranked(worth, inquiry.graph_seed, _told(inquiry.progress, question.layer))
    best = max(found, key=lambda at: found[at].log_evidence)
    bound = found[best].bound(len(hypotheses))
    if bound.probability > LIKELY:
        return None
    chosen = hypotheses[best]
    answers = answers.finding(_recovered(inquiry, chosen, found[best], bound))
    near = sorted((at for at in found if found[at].log_evidence > found[best].log_evidence - AHEAD), key=lambda at: -found[at].log_evidence)
    taken = _common([hypotheses[at].arguments for at in near])
    decided = taken if whole([question]) else {}  # others are asked once more, with the kernel known
    answers = deciding(inquiry, answers, question.layer, taken)
    answers = _with_evidence(answers, question, decided, {named(hypotheses[at].arguments): found[at].log_evidence for at in found})
    return answers, replace(
        question,
        arguments=_without(question, decided),
        unknown=tuple(spec for spec in question.unknown if spec.key != chosen.spec.key),
    )


def _without(question: Question, decided: Mapping[str, object]) -> tuple[LostArgument, ...]:
    return tuple(argument for argument in question.arguments if argument.name not in decided)


def _told(progress: Progress, layer: str) -> Progress:
    return lambda _, done, total: progress(f"{layer}: op seeds against stored statistics", done, total)


def _argued(inquiry: Inquiry, answers: Answers, question: Question, others: frozenset[str]) -> tuple[Answers, Question] | None:
    """The question without arguments that were decided: those under which the stored means speak for the known kernels, and only those.

    A number is taken, and not decided, where another argument is open: under that one's other values it may be another number.
    """
    heard = partial(_heard, inquiry, answers, question.layer, others)
    told = climbed(question, heard)
    if not told or told[0][0] < AHEAD:
        return None
    taken = _common(_near(told))
    if not any(argument.name in taken for argument in question.arguments):
        return None
    if alone := all(name in taken for name in told[0][1]):
        told = refined(told, heard)
        taken = _common(_near(told))
    answers = deciding(inquiry, answers, question.layer, taken)
    decided = {name: value for name, value in taken.items() if alone or not isinstance(value, float)}
    answers = _with_evidence(answers, question, decided, {named(arguments): value for value, arguments in told})
    return answers, replace(question, arguments=_without(question, taken))


def _near(told: Told) -> list[Mapping[str, Any]]:
    """The best set, and those that the evidence does not set clearly behind it."""
    return [arguments for value, arguments in told if value > told[0][0] - AHEAD]


def _heard(inquiry: Inquiry, answers: Answers, layer: str, others: frozenset[str], arguments: Mapping[str, Any]) -> float | None:
    """ln E of a layer's known kernels under arguments: None where the file is silent, -inf where there is no such graph."""
    rebuilt = rebuilt_under(inquiry, answers, {layer: arguments})
    return -math.inf if rebuilt is None else _of_known(inquiry, answers, rebuilt, layer, others)


def _of_known(inquiry: Inquiry, answers: Answers, rebuilt: Rebuilt, layer: str, others: frozenset[str]) -> float | None:
    """ln E of a layer's known kernels; None where the file tells nothing of them."""
    listener = Listener(inquiry.source, rebuilt, layer, others)
    known = {**inquiry.known, **found_values(inquiry, answers)}
    told = []
    for spec in listener.kernels:
        found = listener.estimate(spec, ()) if spec.key in known else None
        if found is not None:
            told.append(float(found.log_evidence(np.asarray(known[spec.key], np.float32).reshape(1, -1))[0]))
    return max(told, default=None)


def _hypotheses(inquiry: Inquiry, answers: Answers, question: Question, others: frozenset[str]) -> Iterator[_Hypothesis]:
    """Each kernel under each set of arguments under which stored means depend on it."""
    for combination in combinations([question]):
        rebuilt = rebuilt_under(inquiry, answers, combination)
        if rebuilt is None:
            continue
        listener = Listener(inquiry.source, rebuilt, question.layer, others)
        for spec in question.unknown if listener.hears_means else ():
            estimate = listener.estimate(spec, question.unknown)
            if estimate is not None:
                yield _Hypothesis(combination.get(question.layer, {}), listener, spec, estimate)


def _common(sets: Sequence[Mapping[str, object]]) -> dict[str, Any]:
    """Arguments on which all sets agree with the first, the best; numbers with a fraction agree where they are near."""
    return {name: value for name, value in sets[0].items() if all(_agree(value, other.get(name)) for other in sets)}


def _agree(one: object, two: object) -> bool:
    if isinstance(one, float) and isinstance(two, float) and one * two > 0:
        return max(one / two, two / one) < NEAR
    return json.dumps(one, default=str) == json.dumps(two, default=str)


def _recovered(inquiry: Inquiry, chosen: _Hypothesis, found: Ranked, bound: Bound) -> Recovered:
    spec, estimate, stale = chosen.spec, chosen.estimate, chosen.listener.stale
    evidence = {
        "op_seed": found.op_seed,
        "graph_seed": inquiry.graph_seed,
        "by": BY,
        "z": round(equivalent_z(found.log_evidence), 2),
        "z_of_next": round(equivalent_z(found.next), 2),
        "z_expected": round(equivalent_z(estimate.promised), 2),
        "hypotheses": bound.hypotheses,
        "log10_bound": round(bound.log10, 2),
        "false_positive_bound": bound.probability,
        "bound_is": IS,
    }
    told = f"of ten million, the statistics stored around it speak for this one: chance of a false winner 1e{bound.log10:.0f} at most"
    return Recovered(
        spec.key,
        "seed",
        bound.log10,
        (doubts.training(inquiry.source), doubts.updates(spec), doubts.earlier_session(stale)),
        evidence,
        f"op seed {found.op_seed}, told by the statistics that the file stores around it",
        (of_session(Witness("statistics", True, bound.probability, told), stale=stale),),
        op_seed=found.op_seed,
        graph_seed=inquiry.graph_seed,
    )


def _with_evidence(answers: Answers, question: Question, decided: Mapping[str, object], evidence: Mapping[str, float]) -> Answers:
    told = {name: round(value / math.log(10), 1) for name, value in evidence.items()}
    for argument in question.arguments:
        answers = answers.hearing([argument], {"by": BY, "log10_evidence": told, "decided": argument.name in decided})
    return answers

"""Settle lost arguments and lost kernels with samples, one layer after the other along the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from layerfix.blueprint import WeightSpec
from layerfix.inference.answers import Answers
from layerfix.inference.climbing import MOST
from layerfix.inference.entries import with_evidence, with_kernel, without_kernel
from layerfix.inference.inquiry import Inquiry, Question, around, combinations, deciding, rebuilt_under, whole
from layerfix.inference.magnitudes import by_magnitudes
from layerfix.inference.moments.find import by_statistics
from layerfix.inference.sampling import judge
from layerfix.inference.structure import Arguments
from layerfix.inference.synthetic import judge_without_samples
from layerfix.inference.together import with_arguments, with_kernels
from layerfix.inference.verdicts import CLEAR, SANE, Outcome, Trial, believed, decided, is_clear
from layerfix.searching import searching

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument


def questions(inquiry: Inquiry, lost: Sequence[LostArgument]) -> list[Question]:
    """Open questions in the order of the graph."""
    asked: dict[str, tuple[list[LostArgument], list[WeightSpec]]] = {}
    for argument in lost if inquiry.samples is None else map(_with_numbers, lost):
        if len(argument.candidates) > 1:
            asked.setdefault(argument.layer, ([], []))[0].append(argument)
    for spec in inquiry.base.blueprint.hidden:
        if spec.key not in inquiry.known:
            asked.setdefault(spec.layer, ([], []))[1].append(spec)
    order = list(inquiry.base.leaves)
    return [Question(layer, tuple(a), tuple(u)) for layer, (a, u) in sorted(asked.items(), key=lambda item: order.index(item[0]))]


NUMBERS = (0.1, 0.2, 0.25, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 0.01)
"""What people write for a factor; samples tell which comes nearest."""


def _with_numbers(argument: LostArgument) -> LostArgument:
    """A lost factor with numbers to try, its default first."""
    if not isinstance(argument.default, float) or len(argument.candidates) > 1:
        return argument
    return replace(argument, candidates=(argument.default, *(number for number in NUMBERS if number != argument.default)))


def answer(inquiry: Inquiry, asked: Sequence[Question]) -> Answers:
    """Answer what can be answered; behind the first layer whose kernel stays open only arguments are left to tell."""
    answers = Answers(rebuilt=inquiry.base)
    with searching() as search:
        for fuller in _steps(inquiry, answers, asked):
            answers = fuller
    if search.ended:
        missing = [spec.key for question in asked for spec in question.unknown]
        missing = [key for key in missing if key not in answers.recovered and key not in answers.unrecovered]
        answers = answers.missing(missing, "the search for it was ended before it was through")
    return replace(answers, lacking=tuple(inquiry.graphs.lacking), ended=search.ended)


def _steps(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> Iterator[Answers]:
    """Ever fuller answers: of a search that is ended the last ones count."""
    step = answers, list(asked)
    for step in by_statistics(inquiry, answers, asked):
        yield step[0]
    answers, waiting = step
    while waiting:
        question, later = waiting[0], _layers(waiting[1:])
        if inquiry.samples is not None and question.unknown and question.arguments:
            answers, _ = by_magnitudes(inquiry, answers, question, list(_trials(inquiry, answers, question, later)))
            yield answers
            question = waiting[0] = replace(question, arguments=_open_arguments(answers, question))
        outcome = _climbed(inquiry, answers, question, later)
        if outcome.kind is None and later and not any(other.unknown for other in waiting):
            answers = with_arguments(inquiry, answers, waiting, lambda trials: _judged(inquiry, trials))
            yield answers
            if question.layer in answers.arguments:
                return
        answers, clear = _taken(inquiry, answers, question, outcome)
        yield answers
        if not clear:
            together = with_kernels(inquiry, answers, waiting)
            yield from _left_open(inquiry, answers, waiting) if together is None else [together]
            return
        waiting = waiting[1:]


def _layers(questions: Sequence[Question]) -> frozenset[str]:
    return frozenset(question.layer for question in questions)


def _open_arguments(answers: Answers, question: Question) -> tuple[LostArgument, ...]:
    decided = answers.arguments.get(question.layer, {})
    return tuple(argument for argument in question.arguments if argument.name not in decided)


def _left_open(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> Iterator[Answers]:
    """What remains to be said where the first of the layers asked for stays undecided."""
    behind = [spec.key for other in asked[1:] for spec in other.unknown]
    answers = answers.missing(behind, f"{asked[0].layer}, on which it depends, stayed undecided")
    yield answers
    for position, question in enumerate(asked):
        if not _open_arguments(answers, question):
            continue
        trials = list(_trials(inquiry, answers, question, _layers(asked[position + 1 :])))
        answers, clear = by_magnitudes(inquiry, answers, question, trials)
        yield answers
        if not clear:
            return


def _judged(inquiry: Inquiry, trials: Sequence[Trial]) -> Outcome:
    if not trials:
        return Outcome(why="the graph builds under none of its arguments")
    if inquiry.samples is None:
        return judge_without_samples(trials)
    return judge(inquiry.source, trials, inquiry.samples, inquiry.graph_seed, inquiry.progress)


def _climbed(inquiry: Inquiry, answers: Answers, question: Question, later: frozenset[str]) -> Outcome:
    """The outcome of all sets of arguments where they are few, else of one that has no better one beside it; kernels are searched once."""
    trials = list(_trials(inquiry, answers, question, later))
    outcome = _judged(inquiry, trials)
    while not question.unknown and not whole([question]) and outcome.ranking:
        more = around(question, outcome.ranking[0].trial.arguments, [trial.arguments for trial in trials])
        found = list(_trials(inquiry, answers, question, later, [{question.layer: each} for each in more]))
        if not found or len(trials) + len(found) > MOST:
            return replace(outcome, settled=not found)
        trials += found
        outcome = _judged(inquiry, trials)
    return replace(outcome, settled=whole([question]))


def _trials(
    inquiry: Inquiry, answers: Answers, question: Question, later: frozenset[str], sets: Sequence[Arguments] | None = None
) -> Iterator[Trial]:
    for combination in combinations([question]) if sets is None else sets:
        rebuilt = rebuilt_under(inquiry, answers, combination)
        if rebuilt is not None:
            yield Trial(rebuilt, question.layer, combination.get(question.layer, {}), question.unknown, later)


def _taken(inquiry: Inquiry, answers: Answers, question: Question, outcome: Outcome) -> tuple[Answers, bool]:
    """The answers with an outcome in them, and whether it settles the layer."""
    if not outcome.ranking:
        return answers.missing([spec.key for spec in question.unknown], outcome.why), False
    if question.unknown:
        spec, decision = question.unknown[0], decided(outcome)
        clear = taken = believed(outcome, decision)
        told = clear and outcome.settled
        enter = with_kernel if clear else without_kernel
        answers = enter(answers, inquiry, spec, outcome, decision)
    else:
        clear = told = is_clear(outcome) and outcome.settled
        taken = clear or _contradicts_defaults(outcome, question)
    answers = with_evidence(answers, question, outcome, told)
    if taken:
        answers = deciding(inquiry, answers, question.layer, outcome.ranking[0].trial.arguments)
    return answers, clear


def _contradicts_defaults(outcome: Outcome, question: Question) -> bool:
    """Whether the best explains the samples so much better than the defaults that these are out, though others come near."""
    defaults = {argument.name: argument.default for argument in question.arguments}
    of_defaults = [item.searched for item in outcome.ranking if item.trial.arguments == defaults]
    best = outcome.ranking[0].searched
    kind = outcome.kind or "labels"
    return bool(of_defaults) and of_defaults[0] >= CLEAR[kind] * best and best <= SANE[kind]

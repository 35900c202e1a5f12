"""Settle lost arguments and lost kernels with samples, one layer after the other along the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from layerfix.blueprint import WeightSpec
from layerfix.inference.inquiry import (
    CLEAR,
    SANE,
    Answers,
    Inquiry,
    Question,
    believed,
    combinations,
    is_clear,
    note_arguments,
    note_kernel,
    rebuilt_under,
    take_arguments_of,
)
from layerfix.inference.magnitudes import take_by_magnitudes
from layerfix.inference.moments.find import take_by_statistics
from layerfix.inference.sampling import judge
from layerfix.inference.synthetic import judge_without_samples
from layerfix.inference.together import take_arguments, take_kernels
from layerfix.inference.verdicts import Outcome, Trial, decided
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
        _answer(inquiry, answers, asked)
    if search.ended:
        answers.ended = True
        for spec in (spec for question in asked for spec in question.unknown if spec.key not in answers.recovered):
            answers.unrecovered.setdefault(spec.key, "the search for it was ended before it was through")
    return answers


def _answer(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> None:
    asked = take_by_statistics(inquiry, answers, asked)
    for position, question in enumerate(asked):
        later = frozenset(other.layer for other in asked[position + 1 :])
        if inquiry.samples is not None and question.unknown and question.arguments:
            take_by_magnitudes(inquiry, answers, question, list(_trials(inquiry, answers, question, later)))
            question = asked[position] = replace(question, arguments=_open_arguments(answers, question))
        trials = list(_trials(inquiry, answers, question, later))
        outcome = _judged(inquiry, trials)
        if outcome.kind is None and later and not any(other.unknown for other in asked[position:]):
            take_arguments(inquiry, answers, asked[position:], lambda trials: _judged(inquiry, trials))
            if question.layer in answers.arguments:
                break
        if not _take(inquiry, answers, question, outcome):
            if take_kernels(inquiry, answers, asked[position:]):
                break
            _leave_open(inquiry, answers, asked[position:])
            return


def _open_arguments(answers: Answers, question: Question) -> tuple[LostArgument, ...]:
    decided = answers.arguments.get(question.layer, {})
    return tuple(argument for argument in question.arguments if argument.name not in decided)


def _leave_open(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> None:
    """What remains to be said where the first of the layers asked for stays undecided."""
    for other in asked[1:]:
        for spec in other.unknown:
            answers.unrecovered[spec.key] = f"{asked[0].layer}, on which it depends, stayed undecided"
    for position, question in enumerate(asked):
        later = frozenset(other.layer for other in asked[position + 1 :])
        if not _open_arguments(answers, question):
            continue
        if not take_by_magnitudes(inquiry, answers, question, list(_trials(inquiry, answers, question, later))):
            break


def _judged(inquiry: Inquiry, trials: Sequence[Trial]) -> Outcome:
    if not trials:
        return Outcome(why="the graph builds under none of its arguments")
    if inquiry.samples is None:
        return judge_without_samples(trials)
    return judge(inquiry.source, trials, inquiry.samples, inquiry.graph_seed, inquiry.progress)


def _trials(inquiry: Inquiry, answers: Answers, question: Question, later: frozenset[str]) -> Iterator[Trial]:
    for combination in combinations([question]):
        rebuilt = rebuilt_under(inquiry, answers, combination)
        if rebuilt is not None:
            yield Trial(rebuilt, question.layer, combination.get(question.layer, {}), question.unknown, later)


def _take(inquiry: Inquiry, answers: Answers, question: Question, outcome: Outcome) -> bool:
    """Enter an outcome into the answers; False where the layer stays open."""
    if not outcome.ranking:
        for spec in question.unknown:
            answers.unrecovered[spec.key] = outcome.why
        return False
    best = outcome.ranking[0]
    if not question.unknown:
        clear = is_clear(outcome)
        note_arguments(answers, question, outcome, clear)
        if not clear and _contradicts_defaults(outcome, question):
            take_arguments_of(inquiry, answers, question.layer, best.trial.arguments)
    else:
        decision = decided(outcome)
        clear = believed(outcome, decision)
        note_arguments(answers, question, outcome, clear)
        note_kernel(inquiry, answers, question.unknown[0], outcome, decision, clear)
    if clear:
        take_arguments_of(inquiry, answers, question.layer, best.trial.arguments)
    return clear


def _contradicts_defaults(outcome: Outcome, question: Question) -> bool:
    """Whether the best explains the samples so much better than the defaults that these are out, though others come near."""
    defaults = {argument.name: argument.default for argument in question.arguments}
    of_defaults = [item.searched for item in outcome.ranking if item.trial.arguments == defaults]
    best = outcome.ranking[0].searched
    kind = outcome.kind or "labels"
    return bool(of_defaults) and of_defaults[0] >= CLEAR[kind] * best and best <= SANE[kind]

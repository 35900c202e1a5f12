"""Questions about several layers that only the model as a whole can answer, all at once: lost arguments, lost kernels, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import FEWEST
from layerfix.inference.answers import Answers
from layerfix.inference.entries import SOURCES, flat, with_kernel
from layerfix.inference.inquiry import Inquiry, Question, combinations, rebuilt_under, under_answers, whole
from layerfix.inference.jointly import Guesser
from layerfix.inference.pairs import CROSSED
from layerfix.inference.sampling import Judge, judge
from layerfix.inference.structure import Arguments
from layerfix.inference.verdicts import CLEAR, Decision, Judged, Outcome, Trial, believed, decided, is_clear

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt


def with_arguments(inquiry: Inquiry, answers: Answers, asked: Sequence[Question], judged: Callable[[Sequence[Trial]], Outcome]) -> Answers:
    """The answers with arguments of several layers that only the model's outputs can tell."""
    trials = []
    for combination in combinations(asked):
        rebuilt = rebuilt_under(inquiry, answers, combination)
        if rebuilt is not None:
            trials.append((combination, Trial(rebuilt, asked[0].layer, {}, (), frozenset())))
    outcome = judged([trial for _, trial in trials])
    if not outcome.ranking:
        return answers
    settled = _settled(answers, asked, trials, outcome)
    return under_answers(inquiry, settled) if is_clear(outcome) else settled


def _settled(answers: Answers, asked: Sequence[Question], trials: Sequence[tuple[Arguments, Trial]], outcome: Outcome) -> Answers:
    """The answers with what the arguments explain, and with the best ones where they are clear; decided only where none was left out."""
    clear = is_clear(outcome)
    chosen = next(combination for combination, trial in trials if trial is outcome.ranking[0].trial)
    badness = {flat(combination): item.searched for item in outcome.ranking for combination, trial in trials if trial is item.trial}
    told = {"by": f"{SOURCES[outcome.kind or 'labels']}, all layers together", "badness": badness, "decided": clear and whole(asked)}
    answers = answers.hearing([argument for question in asked for argument in question.arguments], told)
    return answers.deciding(chosen) if clear else answers


@dataclass(frozen=True, slots=True)
class _Setting:
    """One set of arguments for all open layers, and what names kernels under it."""

    combination: Arguments
    trial: Trial
    judge_at: Callable[[str], Judge]
    guesser: Guesser

    @property
    def judge(self) -> Judge:
        """For the model as it stands."""
        return self.judge_at(self.trial.layer)


@dataclass(frozen=True, slots=True)
class _Guess:
    """The best op seeds under one setting; None where even free kernels explain the samples worse than another setting's."""

    setting: _Setting
    op_seeds: dict[WeightKey, int] | None
    judged: Judged


def with_kernels(inquiry: Inquiry, answers: Answers, asked: Sequence[Question]) -> Answers | None:
    """The answers with kernels of several layers, or several of one, and the arguments that go with them; None where they stay open."""
    specs = [spec for question in asked for spec in question.unknown]
    if not _tells_more(inquiry, asked):
        return None
    settings = list(_settings(inquiry, answers, asked, specs))
    if not settings:
        return None
    guesses = sorted(_guesses(settings), key=lambda guess: guess.judged.searched)
    best = guesses[0]
    assert best.op_seeds is not None
    confirmed = _confirmed(inquiry, best.setting, specs, best.op_seeds)
    outcome = Outcome(tuple(guess.judged for guess in guesses), best.setting.judge.kind)
    pairs = [(guess.setting.combination, guess.judged.trial) for guess in guesses]
    if confirmed is None or not is_clear(outcome):
        return None
    answers = _settled(answers, asked, pairs, outcome)
    for spec, (result, decision) in zip(specs, confirmed, strict=True):
        answers = with_kernel(answers, inquiry, spec, result, decision)
    return under_answers(inquiry, answers)


def _tells_more(inquiry: Inquiry, asked: Sequence[Question]) -> bool:
    """Whether looking at several kernels, or at the outputs, adds to what a search for one kernel of the first layer has seen."""
    if inquiry.samples is None or len(inquiry.samples) < FEWEST:
        return False
    by_outputs = inquiry.samples.labels is not None or inquiry.samples.predictions is not None
    return len(asked[0].unknown) > 1 or (by_outputs and sum(len(question.unknown) for question in asked) > 1)


def _settings(inquiry: Inquiry, answers: Answers, asked: Sequence[Question], specs: Sequence[WeightSpec]) -> Iterator[_Setting]:
    """Every set of arguments under which all open kernels can be searched."""
    for combination in combinations(asked):
        rebuilt = rebuilt_under(inquiry, answers, combination)
        if rebuilt is None:
            continue
        judge_at = partial(_judge_at, inquiry, rebuilt)
        if all(judge_at(spec.layer).searches(spec) for spec in specs):
            trial = Trial(rebuilt, specs[0].layer, {}, (), frozenset(), together=True)
            yield _Setting(combination, trial, judge_at, Guesser(judge_at, specs))


def _judge_at(inquiry: Inquiry, rebuilt: Rebuilt, layer: str) -> Judge:
    assert inquiry.samples is not None
    trial = Trial(rebuilt, layer, {}, (), frozenset(), together=True)
    return Judge(inquiry.source, trial, inquiry.samples, inquiry.graph_seed, inquiry.progress)


def _guesses(settings: Sequence[_Setting]) -> Iterator[_Guess]:
    """The settings that free kernels explain best come first; those that cannot catch up any more are not searched."""
    least = float("inf")
    for fitted, setting in sorted(((setting.guesser.fitted(), setting) for setting in settings), key=lambda pair: pair[0]):
        judge = setting.judge
        if fitted >= CLEAR[judge.kind or "labels"] * least:
            yield _Guess(setting, None, Judged(setting.trial, None, fitted, float("inf"), float("inf")))
            continue
        op_seeds = setting.guesser.named()
        judge = setting.judge
        searched, held_out = judge.badness(judge.search_half), judge.badness(judge.held_half)
        judged = Judged(setting.trial, None, searched, held_out, (searched + held_out) / 2)
        least = min(least, judged.searched)
        yield _Guess(setting, op_seeds, judged)


def _confirmed(
    inquiry: Inquiry, setting: _Setting, specs: Sequence[WeightSpec], op_seeds: dict[WeightKey, int]
) -> list[tuple[Outcome, Decision]] | None:
    """Each kernel's own search with the others in place; None unless every one wins it."""
    assert inquiry.samples is not None
    for spec in specs:
        setting.guesser.put(spec, op_seeds[spec.key])
    crossed = float(CROSSED) ** (len(specs) - 1)
    found = []
    for spec in specs:
        trial = Trial(setting.trial.rebuilt, spec.layer, {}, (spec,), frozenset(), together=True)
        outcome = judge(inquiry.source, [trial], inquiry.samples, inquiry.graph_seed, inquiry.progress)
        setting.guesser.put(spec, op_seeds[spec.key])
        if not outcome.ranking or outcome.ranking[0].op_seed != op_seeds[spec.key]:
            return None
        decision = decided(outcome, crossed)
        if not believed(outcome, decision):
            return None
        found.append((outcome, decision))
    return found

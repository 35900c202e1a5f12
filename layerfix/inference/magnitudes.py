"""Arguments from the file alone, by magnitudes: what a layer hands on must be as large as the layers behind it remember.

`graph.gauges` reads from the optimizer how large the inputs of trained layers were. Made-up inputs that are as large as the layers
before the lost one remember are sent through it under each of its arguments. A mean, which keeps magnitudes, and a sum of products,
which does not, are decades apart. The optimizer's memory is rough (weighted by gradients, which are larger where the model errs), so a
band is allowed for, and only an argument that stays in it while every other misses it by half a decade under all plausible inputs is
believed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.graph.values import set_value
from layerfix.inference.answers import Answers
from layerfix.inference.entries import with_evidence
from layerfix.inference.inquiry import Inquiry, Question, deciding
from layerfix.inference.race import spread
from layerfix.inference.synthetic import COUNT, OPEN_SIZE, SMOOTHNESS, signal
from layerfix.inference.verdicts import Judged, Outcome, Trial, is_clear
from layerfix.rng.initializers import stream

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt
    from layerfix.probe.gauges import Gauge, Gauges

DRAWS = 3
"""Values tried for kernels that nobody knows."""
SCALES = 10.0 ** np.arange(-2, 2.01, 0.25)
FLOOR = 0.05
"""Least distance from the band, in decades: `verdicts.CLEAR` times that is what every other argument must miss it by."""


def by_magnitudes(inquiry: Inquiry, answers: Answers, question: Question, trials: Sequence[Trial]) -> tuple[Answers, bool]:
    """The answers with the arguments of one layer, its kernels being open or not, and whether magnitudes tell them."""
    outcome = _judge(inquiry, answers, trials)
    if len(outcome.ranking) < 2:
        return answers, False
    clear = is_clear(outcome)
    if clear or (question.layer, question.arguments[0].name) not in answers.evidence:
        answers = with_evidence(answers, question, outcome, clear)
    if clear:
        answers = deciding(inquiry, answers, question.layer, outcome.ranking[0].trial.arguments)
    return answers, clear


def _judge(inquiry: Inquiry, answers: Answers, trials: Sequence[Trial]) -> Outcome:
    """Rank argument sets by how far what they hand on lies outside of what the optimizer remembers."""
    from layerfix.probe.gauges import Gauges

    gauges = [Gauges(trial.rebuilt, trial.layer, trial.undecided) for trial in trials]
    if not gauges or not all(each.behind for each in gauges):
        return Outcome(why="the optimizer remembers no layer behind this one that its arguments would reach")
    open_kernels = [spec for spec in inquiry.base.blueprint.hidden if spec.key not in inquiry.known and spec.key not in answers.recovered]
    _fill(inquiry, trials[0].rebuilt, open_kernels, 0)
    given = None if inquiry.samples is None else inquiry.samples.inputs
    inputs = _plausible(gauges[0], given)  # what lies before the layer is the same in all trials
    if not inputs:
        return Outcome(why="nothing tells how large the inputs of this layer were, or those given are not as large")
    ranking = []
    for trial, each in zip(trials, gauges, strict=True):
        missed = []
        for draw in range(DRAWS if open_kernels else 1):
            _fill(inquiry, trial.rebuilt, open_kernels, draw)
            missed.append(min(_outside(each, each.behind, made) for made in inputs))
        value = max(FLOOR, float(np.median(missed)))
        ranking.append(Judged(trial, None, value, value, value))
    ranking.sort(key=lambda item: item.searched)
    return Outcome(tuple(ranking), "magnitudes", by_trial=tuple(item.searched for item in ranking))


def _fill(inquiry: Inquiry, rebuilt: Rebuilt, kernels: Sequence[WeightSpec], draw: int) -> None:
    """Give kernels that nobody knows a value of the size that they had."""
    for number, spec in enumerate(kernels):
        if spec.key in rebuilt.variables:
            drawn = stream(spec.initializer, spec.shape, inquiry.source.keras_version)
            deviation = (
                spread(drawn) if drawn.kind in ("uniform", "normal", "truncated_normal") else float(np.prod(spec.shape[:-1])) ** -0.5
            )
            value = np.random.default_rng([draw, number]).normal(0.0, deviation, spec.shape)
            set_value(rebuilt.variables[spec.key], value.astype(spec.dtype))


def _plausible(gauges: Gauges, given: Sequence[Array] | None) -> list[Sequence[Array]]:
    """The user's inputs, or made-up ones, as far as the layers before the lost one could have received them; none where nothing tells."""
    if gauges.levelled:
        return list(_inputs(gauges, (1.0,))) if given is None else [given]
    if not gauges.before:
        return []
    tried = _inputs(gauges, SCALES) if given is None else [given]
    return [inputs for inputs in tried if _outside(gauges, gauges.before, inputs) == 0]


def _inputs(gauges: Gauges, scales: Sequence[float] | Array) -> Iterator[Sequence[Array]]:
    for scale in scales:
        for width in SMOOTHNESS:
            for offset in (0.0, 1.0):
                generator = np.random.default_rng(0)
                yield [
                    signal(generator, shape, float(scale), width, offset) if words is None else _words(generator, shape, words)
                    for shape, words in zip(gauges.inputs, gauges.vocabularies(), strict=True)
                ]


def _words(generator: np.random.Generator, shape: tuple[int | None, ...], words: int) -> Array:
    return generator.integers(words, size=(COUNT, *(OPEN_SIZE if size is None else size for size in shape[1:]))).astype(np.float32)


def _outside(gauges: Gauges, chosen: Sequence[Gauge], inputs: Sequence[Array]) -> float:
    """Mean distance from the bands of some gauges, in decades."""
    difference = np.array([gauge.told for gauge in chosen]) - gauges.received(chosen, inputs)
    low, high = np.array([gauge.band for gauge in chosen]).T
    return float(np.mean(np.maximum(0, np.maximum(low - difference, difference - high))))

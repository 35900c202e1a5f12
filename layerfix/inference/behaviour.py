"""The user's samples as a witness: does the model behave on them as the lost values would have it?

Each kernel that a seed told is held against values that its initializer could have drawn as well,
and against itself at other sizes. A wrong kernel is one of them; the right one explains labels,
recorded predictions or stored statistics better than all, in both halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import FEWEST
from layerfix.graph.values import set_value
from layerfix.inference.contest import RIVALS, SIZES, SLOW_RIVALS, Contest, contestants
from layerfix.inference.discernible import without_say
from layerfix.inference.exactness import AGREES, Witness, of_session
from layerfix.inference.hearing import Hearing
from layerfix.inference.moments.listen import Listener
from layerfix.inference.moments.witness import OF_SIZE, verdict
from layerfix.inference.race import Score, scored
from layerfix.inference.sampling import Judge
from layerfix.inference.verdicts import SANE, Trial
from layerfix.probe.evidence import pattern_badness, reproduces
from layerfix.rng.initializers import Stream, stream

if TYPE_CHECKING:
    from layerfix.probe.batched import Batched


def by_predictions(hearing: Hearing) -> Mapping[WeightKey, Witness]:
    """Recorded predictions that the model reproduces prove at once all values that have a say in them."""
    from layerfix.graph.forward import forward

    samples = hearing.samples
    if samples is None or samples.predictions is None:
        return {}
    outputs = forward(hearing.rebuilt.model, samples.inputs)
    if len(outputs) != len(samples.predictions) or not reproduces(outputs, samples.predictions):
        return {}
    witness = Witness("predictions", True, 0.0, "the model reproduces the recorded predictions")
    silent = without_say(hearing.rebuilt, hearing.claimed, samples.inputs)
    return {spec.key: witness for spec in hearing.rebuilt.blueprint.hidden if spec.key not in silent}


def by_samples(hearing: Hearing) -> Mapping[WeightKey, Witness]:
    """Kernels held against others, layer by layer; behind a layer that is open, or contradicted, nothing is told."""
    if hearing.samples is None or len(hearing.samples) < FEWEST:
        return {}
    found: dict[WeightKey, Witness] = {}
    contradicted: set[str] = set()
    lenient = hearing.unsettled | hearing.moved
    for layer, specs in _layers(hearing):
        for spec in specs:
            trial = Trial(hearing.rebuilt, layer, {}, (spec,), hearing.open | hearing.unsettled | contradicted)
            if (witness := _asked(hearing, trial, spec)) is not None and not (witness.agrees is False and layer in lenient):
                found[spec.key] = witness
        if any(spec.key in found and found[spec.key].agrees is False for spec in specs):
            contradicted.add(layer)
    return found


def _layers(hearing: Hearing) -> Iterator[tuple[str, list[WeightSpec]]]:
    """Claimed random kernels of layers that have no unknown ones, in the order of the graph."""
    asked = hearing.claimed.keys() - hearing.settled
    hidden = [spec for spec in hearing.rebuilt.blueprint.hidden if spec.key in asked and spec.value is None]
    for layer in hearing.rebuilt.leaves:
        specs = [spec for spec in hidden if spec.layer == layer and _drawn(hearing, spec).random]
        if specs and layer not in hearing.open:
            yield layer, specs


def _drawn(hearing: Hearing, spec: WeightSpec) -> Stream:
    return stream(spec.initializer, spec.shape, hearing.source.keras_version)


def _asked(hearing: Hearing, trial: Trial, spec: WeightSpec) -> Witness | None:
    """What the samples say of one kernel, all others as claimed; None where they show nothing of it."""
    assert hearing.samples is not None
    judge = Judge(hearing.source, trial, hearing.samples, hearing.graph_seed, hearing.progress)
    of_means = by_means(hearing, trial, spec)
    if judge.kind is None or (of_means is not None and of_means.agrees and judge.kind != "statistics"):
        return of_means
    if of_means is not None and of_means.agrees:
        fits = _held(hearing, judge, spec, rivals=False).fits
        return replace(of_means, blind=of_means.blind - OF_SIZE if fits else of_means.blind | OF_SIZE)
    stale = judge.kind == "statistics" and judge.observer.stale
    return of_session(_verdict(_held(hearing, judge, spec, rivals=True), judge.kind), stale=stale)


def by_means(hearing: Hearing, trial: Trial, spec: WeightSpec) -> Witness | None:
    """What the means stored behind the layer say of a kernel, with the samples' activations before it."""
    assert hearing.samples is not None
    listener = Listener(hearing.source, hearing.rebuilt, trial.layer, trial.undecided - {trial.layer}, hearing.samples.inputs)
    estimate = listener.estimate(spec, ())
    if estimate is None:
        return None
    kernel = np.asarray(hearing.claimed[spec.key], np.float32).reshape(1, -1)
    found = verdict(estimate, kernel, levelled=True)
    found = replace(found, kind="samples", told=f"with the samples before it, {found.told}")
    return of_session(found, stale=listener.stale)


def _held(hearing: Hearing, judge: Judge, spec: WeightSpec, *, rivals: bool) -> Contest:
    """The contest of one kernel, with rivals or against itself at other sizes alone."""
    assert judge.kind is not None
    variable = judge.variable(spec)
    try:
        batched = judge.observer.batched(variable, judge.kind)
        count = (SLOW_RIVALS if batched is None else RIVALS) if rivals else 0
        kernels = contestants(hearing.claimed[spec.key], _drawn(hearing, spec), spec.shape, hearing.graph_seed, count)
        score = judge.scorer(spec, batched)
        halves = (judge.search_half, judge.held_half)
        badness = np.array([scored(score, kernels, half) for half in halves], float)
        set_value(variable, hearing.claimed[spec.key])
        by_statistics = rivals and judge.kind == "statistics" and batched is not None
        lift = _lift(judge, batched, kernels, halves) if by_statistics else None
    finally:
        set_value(variable, hearing.claimed[spec.key])
    return Contest(badness, SANE[judge.kind], lift)


def _lift(judge: Judge, batched: Batched | None, kernels: Array, halves: Sequence[Sequence[int]]) -> Array:
    """By how much rivals would be worse on each half, had the claimed kernel made what is stored."""
    assert batched is not None

    def against(own: tuple[Array, Array]) -> Score:
        def score(some: Array, chosen: Sequence[int]) -> Array:
            found = batched(some, chosen)[0]
            axes = tuple(range(1, found.ndim - 1))
            return pattern_badness(found.mean(axes), found.var(axes), *own)

        return score

    rivals = kernels[1 + len(SIZES) :][:SLOW_RIVALS]
    owns = [judge.observer.statistics(half) for half in halves]
    scores = [scored(against(own), rivals, half) for own, half in zip(owns, halves, strict=True)]
    return np.array([np.median(score) for score in scores])


def _verdict(contest: Contest, kind: str) -> Witness:
    chance, rivals = contest.log10_chance, contest.badness.shape[1] - 1 - len(SIZES)
    if contest.first and 10.0**chance <= AGREES:
        told = f"samples ({kind}) prefer it to {rivals} others of its initializer and to itself at other sizes (chance 1e{chance:.1f})"
        return Witness("samples", True, 10.0**chance, told)
    if contest.contradicted:
        return Witness(
            "samples",
            False,
            1.0,
            f"the samples ({kind}) contradict it: it explains them no better than other values would",
        )
    return Witness("samples", None, 1.0, f"the samples ({kind}) do not tell it from others clearly")

"""The user's samples as a witness: does the model behave on them as the lost values would have it?

Each kernel that a seed told is held against values that its initializer could have drawn as well,
and against itself at other sizes. A wrong kernel is one of them; the right one explains labels,
recorded predictions or stored statistics better than all, in both halves.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import FEWEST
from layerfix.inference.discernible import without_say
from layerfix.inference.exactness import AGREES, Witness
from layerfix.inference.hearing import Hearing
from layerfix.inference.inquiry import SANE
from layerfix.inference.race import Score, scored
from layerfix.inference.sampling import Judge
from layerfix.inference.verdicts import JUDGED, Trial
from layerfix.probe.evidence import gap, pattern_badness, reproduces
from layerfix.rng.initializers import Stream, stream

if TYPE_CHECKING:
    from layerfix.probe.batched import Batched

Array = NDArray[Any]
RIVALS, SLOW_RIVALS = 200, 40
"""Values that a kernel is held against; fewer where each needs a run of the model."""
SIZES = (0.5, 0.7071, 1.4142, 2.0)
"""Other initializers and lost factors give the same kernel at another size."""
AS_GOOD = 0.9
"""Least badness of another size, relative to the kernel's own."""
TELLING = 0.2
"""Spread of the logarithm of the rivals' badness from which a kernel has a say in it."""
POWER = 2.0
"""Expected lead, in standard deviations of the rivals' badness, from which its lack tells."""
FAINT = 1e-4
"""Expected lead below which a kernel has no say, and its lack is rounding."""
FALLS_SHORT = 0.4
"""Share of the expected lead below which a kernel is contradicted."""
ORDINARY = 0.2
"""Share of rivals that do better, from which a kernel is no better than they are."""


@dataclass(frozen=True, slots=True)
class Contest:
    """How well a claimed kernel and others explain samples.

    Attributes:
        badness: on both halves, shape (2, candidates): first the claimed kernel, then itself at other
            sizes, then rivals.
        sane: badness above which nothing is explained.
        lift: by how much rivals would be worse than the claimed kernel on either half if it were the
            true one, where that can be told.
    """

    badness: Array
    sane: float
    lift: Array | None = None

    @property
    def both(self) -> Array:
        """On both halves together."""
        return np.sqrt(np.prod(np.maximum(self.badness, 1e-30), axis=0))

    @property
    def first(self) -> bool:
        """Whether the claimed kernel beats every rival in both halves, no other size of it is better
        on both together, and it explains them at all."""
        beaten = self.badness[:, :1] < self.badness[:, 1 + len(SIZES) :]
        both, sizes = self.both[0], self.both[1 : 1 + len(SIZES)]
        sized = bool((sizes >= AS_GOOD * both).all())
        return bool(beaten.all()) and sized and bool(self.badness[:, 0].max() <= self.sane)

    @property
    def log10_chance(self) -> float:
        """Of a lead like its own among rivals, by extreme-value fit."""
        both = self.both
        return gap([both[0], *both[1 + len(SIZES) :]], neighbours=JUDGED).log10_chance

    @property
    def contradicted(self) -> bool:
        """Whether rivals are hardly worse although they would be by far if it were the true kernel."""
        if self.lift is None:
            return self.ordinary
        rivals = self.badness[:, 1 + len(SIZES) :]
        found = np.median(rivals, axis=1) - self.badness[:, 0]
        expected = bool((self.lift >= np.maximum(POWER * rivals.std(axis=1), FAINT)).all())
        return expected and bool((found < FALLS_SHORT * self.lift).all())

    @property
    def ordinary(self) -> bool:
        """Whether it is one of many although kernels of this layer matter."""
        rivals = self.badness[:, 1 + len(SIZES) :]
        telling = np.log(np.maximum(rivals, 1e-30)).std(axis=1).min() >= TELLING
        better = (rivals < self.badness[:, :1]).mean(axis=1).min()
        sane = min(self.sane, 0.5 * float(np.median(rivals)) if np.isinf(self.sane) else self.sane)
        return bool(telling and better >= ORDINARY and self.badness[:, 0].min() > sane)


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
    for layer, specs in _layers(hearing):
        for spec in specs:
            trial = Trial(hearing.rebuilt, layer, {}, (spec,), hearing.open | hearing.unsettled | contradicted)
            if (witness := _asked(hearing, trial, spec)) is not None and not (witness.agrees is False and layer in hearing.unsettled):
                found[spec.key] = witness
        if any(spec.key in found and found[spec.key].agrees is False for spec in specs):
            contradicted.add(layer)
    return found


def _layers(hearing: Hearing) -> Iterator[tuple[str, list[WeightSpec]]]:
    """Claimed random kernels of layers that have no unknown ones, in the order of the graph."""
    hidden = [spec for spec in hearing.rebuilt.blueprint.hidden if spec.key in hearing.claimed and spec.value is None]
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
    kind = judge.kind
    if kind is None:
        return None
    variable = judge.variable(spec)
    try:
        batched = judge.observer.batched(variable, kind)
        kernels = _kernels(hearing, spec, SLOW_RIVALS if batched is None else RIVALS)
        score = judge.scorer(spec, batched)
        halves = (judge.search_half, judge.held_half)
        badness = np.array([scored(score, kernels, half) for half in halves], float)
        variable.assign(np.asarray(hearing.claimed[spec.key], spec.dtype))
        by_statistics = kind == "statistics" and batched is not None
        lift = _lift(judge, batched, kernels, halves) if by_statistics else None
    finally:
        variable.assign(np.asarray(hearing.claimed[spec.key], spec.dtype))
    return _verdict(Contest(badness, SANE[kind], lift), kind)


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


def _kernels(hearing: Hearing, spec: WeightSpec, rivals: int) -> Array:
    """The claimed kernel, itself at other sizes, and rivals: (1 + sizes + rivals, elements)."""
    claimed = np.asarray(hearing.claimed[spec.key], np.float32).ravel()
    others = _rivals(_drawn(hearing, spec), spec.shape, hearing.graph_seed, rivals)
    return np.vstack([claimed, *(np.float32(size) * claimed for size in SIZES), others])


def _rivals(drawn: Stream, shape: Sequence[int], graph_seed: int, count: int) -> Array:
    from layerfix.rng.generate import candidates

    if drawn.kind != "orthogonal":
        op_seeds = np.random.default_rng(0).integers(10_000_000, size=count)
        return np.asarray(candidates(drawn, graph_seed, op_seeds, int(np.prod(shape))), np.float32)
    generator = np.random.default_rng(0)
    flat = (int(np.prod(shape[:-1])), shape[-1])
    parts = (np.linalg.svd(generator.normal(size=flat), full_matrices=False) for _ in range(count))
    return np.array(
        [drawn.gain * (left if left.shape == flat else right).ravel() for left, _, right in parts],
        np.float32,
    )

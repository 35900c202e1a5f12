"""Several lost kernels at once: in one block, or in layers between which nothing can be observed.

An estimate of all of them (`imprints`) usually singles some out. Those that stand out beyond doubt are put in and the rest is estimated
anew; where none does, the two that stand out most are searched as pairs. What comes of it is a guess: it is believed only where each
kernel wins its own search with the others in place, and the bound pays for all that was crossed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.graph.values import set_value
from layerfix.inference.imprints import imprint, remembered
from layerfix.inference.pairs import CROSSED, Outer, best_pairs
from layerfix.inference.sampling import Judge
from layerfix.rng.certificate import bound
from layerfix.rng.generate import candidates
from layerfix.rng.streams import OP_SEEDS

Top = tuple[NDArray[np.int64], Array]
"""Best op seeds and their z."""
EVIDENT = 1e-3
"""Largest chance at which the best of one estimate is put in at once."""


class Guesser:
    """Names op seeds for several kernels of one graph.

    Args:
        judge_at: a judge for the layer of that path, for the model as it stands.
        specs: the kernels, in the order of the graph.
    """

    def __init__(self, judge_at: Callable[[str], Judge], specs: Sequence[WeightSpec]) -> None:
        self._judge_at, self._specs = judge_at, list(specs)
        self._judge = judge_at(specs[0].layer)

    def fitted(self) -> float:
        """Badness of estimates on the search half, which candidates can hardly beat."""
        self._estimates(self._specs)
        return self._judge_at(self._specs[0].layer).badness(self._judge.search_half)

    def named(self) -> dict[WeightKey, int]:
        """Op seeds of all kernels, whatever they are worth; the model is left with their values."""
        found: dict[WeightKey, int] = {}
        while left := [spec for spec in self._specs if spec.key not in found]:
            estimates = self._estimates(left)
            tops = {spec.key: self._top(spec, estimates[spec.key]) for spec in left}
            next_ = self._next(sorted(left, key=lambda spec: -float(tops[spec.key][1][0])), tops)
            for spec in left:
                if spec.key in next_:
                    self.put(spec, next_[spec.key])
            found |= next_
        return found

    def _next(self, left: Sequence[WeightSpec], tops: Mapping[WeightKey, Top]) -> dict[WeightKey, int]:
        """The kernel that the estimate names beyond doubt, or the last one by its own search, or the best pair."""
        first = left[0]
        seeds, z = tops[first.key]
        if bound(float(z[0]), OP_SEEDS * len(self._specs)).probability <= EVIDENT:
            return {first.key: int(seeds[0])}
        if len(left) == 1:
            return {first.key: self._judge_at(first.layer).search(first)[0].op_seed or 0}
        inner, outer = self._ordered(left[0], left[1])
        judge = self._judge_at(inner.layer)
        rows, columns = (self._kernels(spec, tops[spec.key][0]) for spec in (inner, outer))
        score = judge.scorer(inner)
        best = best_pairs(
            rows, Outer(columns, lambda value: self._put(outer, value)), score, judge.telling(score, rows[:64]), judge.progress
        )
        return {spec.key: int(tops[spec.key][0][row]) for spec, row in zip((inner, outer), best[0], strict=True)}

    def _ordered(self, one: WeightSpec, other: WeightSpec) -> tuple[WeightSpec, WeightSpec]:
        """The kernel first whose input does not depend on the other."""
        if one.layer != other.layer:
            first = min(one, other, key=self._specs.index)
            return (one, other) if first is one else (other, one)
        judge, seen = self._judge_at(one.layer), []
        for value in self._kernels(other, np.array([1, 2])):
            self._put(other, value)
            seen.append(judge.observer.inputs_of(judge.variable(one), judge.kind or "labels"))
        same = all(np.array_equal(a, b) for a, b in zip(*seen, strict=True))
        return (one, other) if same else (other, one)

    def _estimates(self, specs: Sequence[WeightSpec]) -> dict[WeightKey, Array]:
        judge = self._judge
        return imprint(judge.checkpoint, judge.trial.rebuilt, specs, judge.samples)

    def _top(self, spec: WeightSpec, estimate: Array) -> Top:
        judge = self._judge
        return remembered(estimate, judge.stream(spec), judge.graph_seed, CROSSED, judge.progress)

    def _kernels(self, spec: WeightSpec, op_seeds: Array) -> Array:
        return candidates(self._judge.stream(spec), self._judge.graph_seed, op_seeds, int(np.prod(spec.shape)))

    def put(self, spec: WeightSpec, op_seed: int) -> None:
        """Give the model the kernel of an op seed."""
        self._put(spec, self._kernels(spec, np.array([op_seed]))[0])

    def _put(self, spec: WeightSpec, value: Array) -> None:
        set_value(self._judge.variable(spec), value.reshape(spec.shape))

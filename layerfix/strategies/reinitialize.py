"""The last resort: a fresh value from the layer's own initializer, or zeros. The model must be trained again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.progress import Progress
from layerfix.rng.initializers import Stream, constant_value, stream
from layerfix.strategies.base import Case, Produced, Proposal, Step, StrategyName


class Reinitialize:
    """Draws from a generator of its own, seeded with --seed and the weight's name, so that a run can be repeated."""

    name: StrategyName = "reinitialize"

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        return Proposal(tuple(self._step(case, spec) for spec in wanted))

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        return Produced({step.weight: self._value(case, case.spec(step.weight)) for step in steps})

    def _value(self, case: Case, spec: WeightSpec) -> Array:
        if case.options.init == "zeros":
            return np.zeros(spec.shape, spec.dtype)
        return fresh(spec, case.checkpoint.keras_version, case.options.seed)

    def _step(self, case: Case, spec: WeightSpec) -> Step:
        if case.options.init == "zeros":
            note = "set to zero: the branch that this weight feeds is turned off until it is trained"
            return Step(spec.key, self.name, exact=False, evidence={"init": "zeros"}, note=note)
        described = spec.initializer["class_name"] if spec.initializer else "unknown, glorot_uniform taken"
        evidence = {"init": "initializer", "initializer": described, "seed": case.options.seed}
        return Step(spec.key, self.name, exact=False, evidence=evidence, note=f"a fresh value from its initializer ({described})")


def fresh(spec: WeightSpec, keras_version: str | None, seed: int) -> Array:
    """A value from the weight's own initializer; the same for the same seed."""
    generator = np.random.default_rng([seed, *spec.owner.encode(), 0, *spec.name.encode()])
    return _sample(stream(spec.initializer, spec.shape, keras_version), spec.shape, generator).astype(spec.dtype)


def _sample(drawn: Stream, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    if drawn.kind in ("constant", "identity"):
        return constant_value(drawn, shape)
    if drawn.kind == "uniform":
        return generator.uniform(drawn.low, drawn.high, shape)
    if drawn.kind == "normal":
        return generator.normal(drawn.mean, drawn.stddev, shape)
    if drawn.kind == "truncated_normal":
        return drawn.mean + drawn.stddev * _truncated(generator, shape)
    if drawn.kind == "orthogonal":
        return drawn.gain * _orthogonal(generator, shape)
    return _sample(stream({"class_name": "glorot_uniform", "config": {}}, shape, None), shape, generator)


def _truncated(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Standard normal values within two standard deviations, by redrawing what falls outside."""
    values = generator.normal(size=shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = generator.normal(size=int(outside.sum()))
    return values


def _orthogonal(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    flat = (int(np.prod(shape[:-1])), shape[-1])
    left, _, right = np.linalg.svd(generator.normal(size=flat), full_matrices=False)
    return (left if left.shape == flat else right).reshape(shape)

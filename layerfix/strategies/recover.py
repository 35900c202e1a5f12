"""The lost values themselves: constants that never changed, and kernels whose seed was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.checkpoint.records import WeightKey
from layerfix.inference.exactness import as_evidence
from layerfix.inference.records import Recovered
from layerfix.plan import Step, StrategyName
from layerfix.progress import Progress
from layerfix.seeds.initializers import Stream, constant_value, stream
from layerfix.seeds.numpy_stream import NumpyStream
from layerfix.seeds.orthogonal import orthogonal
from layerfix.strategies.base import Array, Case, Produced, Proposal


class Recover:
    """Proposes what the inference established; it searches nothing itself."""

    name: StrategyName = "recover"

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        steps, refusals = [], {}
        for spec in wanted:
            found = case.inference.recovered.get(spec.key)
            if found is None:
                refusals[spec.key] = case.inference.unrecovered.get(spec.key, "no evidence tells which value it had")
            else:
                steps.append(_step(found))
        return Proposal(tuple(steps), refusals)

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        return Produced({step.weight: value_of(case.spec(step.weight), step.recipe, case.checkpoint.keras_version) for step in steps})


def _step(found: Recovered) -> Step:
    """The step, with what may be said of the value and why."""
    standing = found.standing
    evidence = {**found.evidence, **as_evidence(standing, found.witnesses)}
    exact = standing.word == "exact"
    agreeing = next((witness.told for witness in found.witnesses if witness.agrees), "")
    said = f"; {agreeing}" if exact and agreeing else "" if exact else f"; {_SAID[standing.word]}: {standing.why}"
    return Step(found.key, "recover", exact, evidence, recipe=found, note=f"{found.note}{said}", condition=standing.condition)


_SAID = {"recovered": "recovered on a condition", "likely": "not proven", "withdrawn": "withdrawn"}


def value_of(spec: WeightSpec, found: Recovered, keras_version: str | None) -> Array:
    """The value that legacy Keras gave a weight: its shape and dtype, bit for bit where TensorFlow drew it."""
    drawn = stream(spec.initializer, spec.shape, keras_version)
    if found.kind in ("fixed", "drawn"):
        return np.asarray(spec.value if found.kind == "fixed" else found.value).astype(spec.dtype).reshape(spec.shape)
    if found.kind == "constant":
        return constant_value(drawn, spec.shape).astype(spec.dtype)
    if found.kind == "normal":
        return _orthogonal(spec, found, drawn)
    from layerfix.graph.materialize import materialize

    assert found.op_seed is not None and found.graph_seed is not None  # noqa: PT018
    return materialize(drawn, spec.shape, found.graph_seed, found.op_seed).astype(spec.dtype)


def _orthogonal(spec: WeightSpec, found: Recovered, drawn: Stream) -> Array:
    assert found.numpy_seed is not None and found.cursor is not None  # noqa: PT018
    flat = (int(np.prod(spec.shape[:-1])), spec.shape[-1])
    normals = NumpyStream(found.numpy_seed).normal(found.cursor, flat)
    return orthogonal(normals, spec.shape, drawn.gain).astype(spec.dtype)

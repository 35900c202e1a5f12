"""The value of a weight that evidence has pinned down: a constant, or a stream of random numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.inference.records import Recovered
from layerfix.rng.initializers import Stream, constant_value, stream
from layerfix.rng.numpy_stream import NumpyStream
from layerfix.rng.orthogonal import orthogonal

Array = NDArray[np.generic]


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

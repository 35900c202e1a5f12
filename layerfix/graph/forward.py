"""Run a model on arrays, and make inputs for one that nobody gave samples for."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from layerfix.arrays import Array
from layerfix.errors import GraphError, reason
from layerfix.graph.feeding import fed

OPEN_SIZES = (32, 16, 64, 8, 128)
"""Tried in turn for dimensions that the model leaves open."""
BATCH = 4


def forward(model: keras.Model, inputs: Sequence[Array], batch_size: int = 128) -> list[Array]:
    """The model's outputs in inference mode, one array per output.

    Args:
        model: any Keras 3 model.
        inputs: one array per input, samples first.
        batch_size: samples at a time.

    Raises:
        GraphError: where a layer does not take them, or the machine has no room for what it makes of them.
    """
    parts = []
    for start in range(0, max(1, len(inputs[0])), batch_size):
        try:
            outputs = model(fed(model, [array[start : start + batch_size] for array in inputs]), training=False)
        except Exception as error:  # a layer may raise anything
            raise GraphError(f"the model cannot be run on these inputs: {reason(error)}", where=model.name) from error
        parts.append([np.asarray(output) for output in keras.tree.flatten(outputs)])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def random_inputs(model: keras.Model, seed: int = 0) -> list[Array] | None:
    """Reproducible inputs that the model takes: uniform in [0, 1), so that an Embedding sees valid indices; None where no size fits."""
    for size in OPEN_SIZES:
        generator = np.random.default_rng(seed)
        shapes = [tuple(size if dimension is None else dimension for dimension in tensor.shape[1:]) for tensor in model.inputs]
        inputs = [_random(generator, (BATCH, *shape), str(tensor.dtype)) for shape, tensor in zip(shapes, model.inputs, strict=True)]
        try:
            forward(model, inputs)
        except Exception:  # a layer may raise anything for a size that does not fit
            continue
        return inputs
    return None


def _random(generator: np.random.Generator, shape: tuple[int, ...], dtype: str) -> Array:
    return np.full(shape, "layerfix") if dtype == "string" else generator.random(shape, np.float32).astype(dtype)

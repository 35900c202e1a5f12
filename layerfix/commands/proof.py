"""The proof of a migration: recorded predictions reproduced, or an independent evaluation of the legacy model agreed with."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples, check_samples
from layerfix.errors import GraphError
from layerfix.reference.model import Unsupported, evaluate
from layerfix.results.migrate import Proof

Array = NDArray[Any]
INPUTS, STEPS, SIDE = 8, 12, 32
"""Random inputs to compare on, and the size of open dimensions."""
ROOM = 1 << 28
"""Numbers that one tensor may hold then: a model with large ones is compared on fewer inputs."""


def prove(checkpoint: Checkpoint, model: Any, reloaded: Any, samples: Samples | None) -> Proof:
    """Checks a written model.

    Args:
        checkpoint: the legacy file.
        model: the migrated model in memory.
        reloaded: the same as loaded from the written file.
        samples: what the user gave, or None.

    Raises:
        UsageError: where the samples do not fit the model's inputs.
    """
    if samples is not None:
        check_samples(samples, [tuple(tensor.shape) for tensor in model.inputs], Path("samples"))
        if samples.predictions is not None:
            return Proof("predictions", difference(predict(reloaded, samples.inputs), samples.predictions), len(samples))
    inputs = samples.inputs if samples is not None else random_inputs(model)
    found = _run(reloaded, inputs)
    try:
        expected = evaluate(checkpoint, inputs)
    except (Unsupported, GraphError) as unsupported:
        return Proof("reload", difference(found, predict(model, inputs)), len(inputs[0]), str(unsupported))
    if not all(np.isfinite(array).any() for array in expected):
        return Proof("reload", difference(found, expected), len(inputs[0]), "the model predicts no finite number, in legacy Keras either")
    return Proof("reference", difference(found, expected), len(inputs[0]))


def _run(model: Any, inputs: Sequence[Array]) -> list[Array]:
    try:
        return predict(model, inputs)
    except Exception as error:  # layers raise anything for inputs outside of what they take
        reason = " ".join(str(error).split())[:200]
        hint = "Give recorded inputs and predictions with --samples."
        raise GraphError(f"the migrated model does not run on random inputs: {type(error).__name__}: {reason}", hint=hint) from error


def difference(found: Sequence[Array], expected: Sequence[Array]) -> float:
    """The largest difference, relative to the largest magnitude of each expected output; infinity where shapes differ. What is no finite
    number must be the same: a model whose training diverged predicts NaN, and so must its migrated file."""
    if len(found) != len(expected) or any(a.shape != b.shape for a, b in zip(found, expected, strict=True)):
        return float("inf")
    worst = 0.0
    for a, b in zip(found, expected, strict=True):
        if not a.size:
            continue
        finite = np.isfinite(b)
        if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
            return float("inf")
        gap = np.max(np.abs(np.asarray(a[finite], np.float64) - np.asarray(b[finite], np.float64)), initial=0)
        worst = max(worst, float(gap / max(np.max(np.abs(b[finite]), initial=0), 1e-6)))
        if not np.isfinite(gap):
            return float("inf")
    return worst


def predict(model: Any, inputs: Sequence[Array]) -> list[Array]:
    """Outputs of a live model, one array per output. Called layer by layer: a compiled graph would take longer to make than to use."""
    size = model.inputs[0].shape[0] or 32
    parts = []
    for start in range(0, max(1, len(inputs[0])), size):
        part = [array[start : start + size] for array in inputs]
        outputs = model(part[0] if len(part) == 1 else _fed(model, part), training=False)
        listed = outputs.values() if isinstance(outputs, dict) else outputs if isinstance(outputs, list | tuple) else [outputs]
        parts.append([np.asarray(output) for output in listed])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]


def _fed(model: Any, inputs: Sequence[Array]) -> Any:
    """Inputs in the structure that the model takes: by name where it takes a dict."""
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict):
        return {tensor.name: array for tensor, array in zip(model.inputs, inputs, strict=True)}
    return list(inputs)


def random_inputs(model: Any) -> tuple[Array, ...]:
    """Normal inputs of the model's shapes, always the same; small whole numbers where it looks them up in a table."""
    generator = np.random.default_rng(2018)
    counts = any(type(layer).__name__ == "CategoryEncoding" for layer in model._flatten_layers())
    arrays = []
    rows = max(1, min(INPUTS, ROOM // _largest(model)))
    for tensor in model.inputs:
        first = tensor.shape[0] or rows
        open_size = STEPS if len(tensor.shape) < 4 else SIDE
        shape = (first, *(size or open_size for size in tensor.shape[1:]))
        if counts or "int" in str(tensor.dtype):
            arrays.append(generator.integers(0, _smallest_table(model), shape).astype(str(tensor.dtype)))
        else:
            arrays.append(generator.normal(size=shape).astype(np.float32))
    return tuple(arrays)


def _largest(model: Any) -> int:
    """Numbers in the largest tensor that the model makes of one sample."""
    tensors = (tensor for layer in model._flatten_layers() for node in layer._inbound_nodes for tensor in node.output_tensors)
    return max((prod(size or 1 for size in tensor.shape) for tensor in tensors), default=1)


def _smallest_table(model: Any) -> int:
    sizes = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}
    layers = [layer for layer in model._flatten_layers() if type(layer).__name__ in sizes]
    return int(min((getattr(layer, sizes[type(layer).__name__]) for layer in layers), default=2))

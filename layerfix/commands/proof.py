"""The proof of a migration: recorded predictions reproduced, or an independent evaluation of the legacy model agreed with."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples, check_samples
from layerfix.errors import GraphError, reason
from layerfix.predictions import difference
from layerfix.reference.model import Unsupported, evaluate
from layerfix.results.migrate import Proof

Array = NDArray[Any]


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
    from layerfix.graph.feeding import made_inputs

    inputs = samples.inputs if samples is not None else made_inputs(model)
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
        hint = "Give recorded inputs and predictions with --samples."
        raise GraphError(f"the migrated model does not run on random inputs: {reason(error)}", hint=hint) from error


def predict(model: Any, inputs: Sequence[Array]) -> list[Array]:
    """Outputs of a live model, one array per output. Called layer by layer: a compiled graph would take longer to make than to use."""
    from layerfix.graph.feeding import fed

    size = model.inputs[0].shape[0] or 32
    parts = []
    for start in range(0, max(1, len(inputs[0])), size):
        outputs = model(fed(model, [array[start : start + size] for array in inputs]), training=False)
        listed = outputs.values() if isinstance(outputs, dict) else outputs if isinstance(outputs, list | tuple) else [outputs]
        parts.append([np.asarray(output) for output in listed])
    return [np.concatenate(column) for column in zip(*parts, strict=True)]

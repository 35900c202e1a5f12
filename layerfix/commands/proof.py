"""The proof of a migration: recorded predictions reproduced, or an independent evaluation of the legacy model agreed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.records import Checkpoint
from layerfix.containers.samples import Samples, check_samples
from layerfix.dialects.records import FiredRule
from layerfix.dialects.untold import untold
from layerfix.errors import GraphError, VerifyError, reason
from layerfix.predictions import TOLERANCE, difference
from layerfix.reference.model import Unsupported, legacy_model
from layerfix.results.migrate import Proof

MARGIN = 8.0
"""How many times the reference's own spread between its precisions another order of the same sums may differ by."""
LOOSEST = 2e-2
"""A model on which rounding does more than this is not proven by its predictions."""
HALF = {"float16": 5e-3, "bfloat16": 4e-2}
"""What rounding does where layers compute in half precision and the reference does not tell: about five units in the last place."""


def prove(checkpoint: Checkpoint, model: Any, reloaded: Any, samples: Samples | None, custom: Sequence[str] = ()) -> Proof:
    """Checks a written model.

    Args:
        checkpoint: the legacy file.
        model: the migrated model in memory.
        reloaded: the same as loaded from the written file.
        samples: what the user gave, or None.
        custom: classes in it whose source the user gave: only that says what they compute, whatever their names.

    Raises:
        UsageError: where the samples do not fit the model's inputs.
        VerifyError: where a weight was not written as it is.
    """
    from layerfix.graph.feeding import made_inputs

    if samples is not None:
        check_samples(samples, [tuple(tensor.shape) for tensor in model.inputs])
    inputs = samples.inputs if samples is not None else made_inputs(model)
    found = _run(reloaded, inputs)
    expected, why, spread = _reference(checkpoint, inputs) if not custom else (None, f"the reference does not know {custom[0]}", 0.0)
    tolerance = max(TOLERANCE, MARGIN * spread) if expected is not None else max([TOLERANCE, *_half(reloaded)])
    if samples is not None and samples.predictions is not None:
        return Proof("predictions", difference(found, samples.predictions), len(samples), "", min(tolerance, LOOSEST))
    numberless = _numberless(reloaded)
    if numberless:
        _same_weights(model, reloaded)
        return Proof("reload", 0.0, 0, f"{numberless} NaN or infinite weights, so that no prediction tells anything; each was compared")
    if expected is not None and tolerance <= LOOSEST and all(np.isfinite(array).any() for array in expected):
        return Proof("reference", difference(found, expected), len(inputs[0]), "", tolerance)
    if expected is not None:
        why = "the model predicts no finite number" if tolerance <= LOOSEST else f"rounding alone changes what it predicts by {spread:.0e}"
    tolerance = max([TOLERANCE, *_half(reloaded)])
    apart, drawn = difference(found, predict(model, inputs)), ""
    if not apart <= tolerance and not difference(found, predict(reloaded, inputs)) <= tolerance:
        apart, drawn = _apart_by_more_than_draws(model, reloaded, inputs), "; it draws at random when it predicts: both got the same draws"
    return Proof("reload", apart, len(inputs[0]), why + drawn, tolerance)


def doubts(checkpoint: Checkpoint, proof: Proof, rules: Sequence[FiredRule]) -> tuple[str, ...]:
    """What no file tells of a model and no proof settles; recorded predictions that it reproduces settle all."""
    return () if proof.kind == "predictions" else untold(checkpoint.config or {}, checkpoint.keras_version, rules)


def _apart_by_more_than_draws(model: object, reloaded: object, inputs: Sequence[Array]) -> float:
    from layerfix.graph.draws import same_draws

    with same_draws():
        found = _run(reloaded, inputs)
    with same_draws():
        return difference(found, _run(model, inputs))


def _reference(checkpoint: Checkpoint, inputs: Sequence[Array]) -> tuple[list[Array] | None, str, float]:
    """What the legacy model predicts, or why that is not known; and how far the model's own precision takes it from that."""
    try:
        legacy = legacy_model(checkpoint)
        expected = legacy.evaluate(inputs)
        return expected, "", difference(legacy.evaluate(inputs, exact=False), expected)
    except (Unsupported, GraphError) as unsupported:
        return None, str(unsupported), 0.0
    except (
        AttributeError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:  # a config that says what no class of Keras wrote
        return None, f"the reference cannot evaluate it: {reason(error)}", 0.0


def _half(model: Any) -> list[float]:
    """What rounding may do where layers compute in half precision."""
    return [HALF[dtype] for dtype in {layer.compute_dtype for layer in model._flatten_layers()} & HALF.keys()]


def _numberless(model: Any) -> str:
    """Layers with weights that are no finite numbers, with the verb."""
    names = sorted(
        {
            weight.path.rpartition("/")[0].rpartition("/")[2]
            for weight in model.weights
            if not np.isfinite(np.asarray(weight, np.float64)).all()
        }
    )
    return f"{', '.join(names)} {'holds' if len(names) == 1 else 'hold'}" if names else ""


def _same_weights(model: Any, reloaded: Any) -> None:
    for one, two in zip(model.weights, reloaded.weights, strict=True):
        if np.asarray(one).tobytes() != np.asarray(two).tobytes():
            raise VerifyError(f"weight {one.path} was not written as it is.")


def _run(model: object, inputs: Sequence[Array]) -> list[Array]:
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

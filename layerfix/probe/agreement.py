"""What a repaired model makes of the user's samples: loss and accuracy on their labels, distance from their recorded predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.samples import Samples
from layerfix.predictions import agree, largest_difference
from layerfix.probe.evidence import as_targets, label_losses, telling


def agreement(outputs: Sequence[Array], samples: Samples) -> Mapping[str, Any]:
    """JSON-ready figures for the report.

    Args:
        outputs: the model's predictions for the samples, one array (n, ...) per output.
        samples: with labels or recorded predictions; {} where they hold neither, or labels of another shape than the output's.

    Returns:
        count; loss and accuracy where labels fit a single output; largest_difference where predictions were recorded, and reproduced
        where these could show another model.
    """
    figures: dict[str, Any] = {}
    if samples.labels is not None and len(outputs) == 1:
        figures.update(_on_labels(outputs[0], samples.labels))
    if samples.predictions is not None:
        figures.update(_on_predictions(outputs, samples.predictions))
    return {"count": len(samples), **figures} if figures else {}


def contradiction(figures: Mapping[str, object]) -> str:
    """The sentence that a verdict needs where the model is not the one that made the recorded predictions; "" elsewhere."""
    if figures.get("reproduced") is not False:
        return ""
    largest = figures.get("largest_difference")
    how = "they have other shapes" if largest is None else f"largest difference {largest:.2g}"
    return (
        f"But the model does not reproduce the recorded predictions ({how}): "
        "they are of another model, or an argument or a weight is not what it was."
    )


def _on_labels(output: Array, labels: Array) -> dict[str, Any]:
    targets = as_targets(labels, output.shape[-1])
    if targets.size != output.size:
        return {}
    figures: dict[str, Any] = {"loss": float(np.mean(label_losses(output, labels)))}
    if output.ndim == 2 and output.shape[-1] > 1 and np.isin(targets, (0, 1)).all() and (targets.sum(-1) == 1).all():
        figures["accuracy"] = float(np.mean(output.argmax(-1) == targets.argmax(-1)))
    return figures


def _on_predictions(outputs: Sequence[Array], predictions: Sequence[Array]) -> dict[str, Any]:
    if [output.shape for output in outputs] != [recorded.shape for recorded in predictions]:
        return {"reproduced": False}
    figures: dict[str, Any] = {"largest_difference": largest_difference(outputs, predictions)}
    same = agree(outputs, predictions)
    if telling(predictions) or not same:
        figures["reproduced"] = same
    return figures

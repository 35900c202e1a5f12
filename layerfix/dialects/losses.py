"""Losses that today's Keras computes differently, named for the report."""

from __future__ import annotations

from layerfix.model import Model, tensors


def loss_notes(model: Model, loss: object) -> tuple[str, ...]:
    """What a model's loss computes differently in today's Keras, one clause each."""
    ends = {tensor.layer for tensor in tensors(model.outputs)} or {model.layers[-1].name}
    behind = [
        layer.name
        for layer in model.layers
        if layer.name in ends and (layer.settings.get("activation") == "softmax" or layer.class_name == "Softmax")
    ]
    if not behind or "binary_crossentropy" not in str(loss):
        return ()
    return (
        f"binary_crossentropy behind the softmax of {', '.join(behind)} is another number: Keras 3 takes a sigmoid of the softmax's "
        "inputs instead of its outputs (predictions are the same)",
    )

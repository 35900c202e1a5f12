"""The trainings of `moments.py`: what is changed from the usual one, row by row."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]
USUAL: Row = {"act": "relu", "optimizer": "adam", "batch": 32, "epochs": 8, "samples": 512, "data": "classes"}


def _row(keras: str, layer: str, body: str, channels: int, **changes: Any) -> Row:
    return {"keras": keras, "layer": layer, "body": body, "channels": channels, **USUAL, **changes}


ONE_KERNEL = (
    _row("224", "mean", "preact", 48),
    _row("224", "mean", "preact", 64),
    _row("216", "Mixer", "preact", 96),
    _row("224", "mean", "inception", 64),
    _row("209", "Refine", "inception", 96),
    _row("224", "Spatial", "vgg", 48),
    _row("216", "Spatial", "vgg", 64),
    _row("224", "Pointwise", "vgg", 96),
    _row("209", "Pointwise", "conv", 64),
    _row("224", "DenseMix", "dropout", 64),
    _row("224", "DenseMix", "dropout", 128, optimizer="sgd", epochs=15),
    _row("216", "Blend", "dropout", 96),
    _row("209", "Blend", "conv", 128),
    _row("224", "Blend", "none", 64),
    _row("224", "mean", "strided", 48),
    _row("209", "mean", "strided", 80),
    _row("224", "Mixer", "strided", 64),
    _row("224", "mean", "dilated", 64),
    _row("216", "mean", "dilated", 128, epochs=5),
    _row("224", "mean", "deep", 64),
    _row("224", "Remap", "deep", 96),
    _row("216", "mean", "separable", 64),
    _row("224", "Mixer", "separable", 96),
    _row("224", "mean", "after", 64),
    _row("209", "mean", "after", 96),
    _row("216", "Remap", "after", 128),
    _row("224", "mean", "flatten", 64),
    _row("216", "Refine", "flatten", 48),
    _row("224", "mean", "recurrent", 64, epochs=4),
    _row("224", "mean", "decoder", 96),
    _row("224", "mean", "conv", 48, data="words"),
    _row("216", "mean", "conv", 128, data="words"),
    _row("224", "Mixer", "conv", 48, data="regression"),
    _row("209", "mean", "conv", 64, data="regression"),
    _row("224", "Refine", "conv", 64),
    _row("216", "Refine", "none", 128),
    _row("224", "Remap", "pool", 64, act="tanh"),
    _row("224", "mean", "pool", 256, epochs=5, samples=384),
    _row("224", "Mixer", "none", 192, epochs=5, samples=384),
    _row("216", "mean", "conv", 64, act="prelu", optimizer="nadam"),
)
TWO_KERNELS = (
    _row("224", "Gated", "conv", 96),
    _row("216", "Gated", "none", 64),
    _row("224", "Bottleneck", "conv", 96),
    _row("209", "Bottleneck", "none", 128),
    _row("224", "Squeeze", "conv", 128),
    _row("216", "Squeeze", "none", 96),
)
GATES = (
    _row("224", "Gate", "conv", 64),
    _row("209", "Gate", "conv", 96),
    _row("216", "Gate", "none", 128),
)
SILENT = (_row("224", "mean", "plain", 64), _row("209", "Mixer", "plain", 32))
GROUPS = {"one kernel": ONE_KERNEL, "gates": GATES, "two kernels": TWO_KERNELS, "no statistics": SILENT}

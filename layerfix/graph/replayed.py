"""What the replay of a custom layer gives, and how its draws enter the blueprint."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras

from layerfix.blueprint import Draw
from layerfix.containers.config import LayerNode
from layerfix.containers.records import WeightKey
from layerfix.legacy.draws import StockDraw

Drawn = tuple[StockDraw, Any, str]
"""A draw, the variable that it filled (None for a mask or noise; for "numpy" the `NumpyCall`), and its name for people."""


@dataclass(frozen=True, slots=True)
class Inner:
    """One weight of a custom layer.

    Attributes:
        name: in legacy Keras, "denoising_layer_1/conv1d_2/kernel:0".
        role: where the layer holds it, "conv1d/kernel".
        variable: today's.
        initializer: legacy form or None.
        value: a fixed value, or None.
        trainable: whether a correct layer trains it.
        tracked: whether legacy Keras tracked it, so that the file holds it.
        moved: whether the class updates it while it trains.
        shape, dtype: of the legacy array.
    """

    name: str
    role: str
    variable: keras.Variable
    initializer: Mapping[str, Any] | None
    value: Any
    trainable: bool
    tracked: bool
    moved: bool = False


@dataclass(slots=True)
class Replayed:
    """What a replay gives: weights in storage order, and draws."""

    weights: list[Inner]
    draws: list[Drawn]


def recalled(replayed: Replayed) -> list[Drawn]:
    """What a later call of the same layer draws: masks and noise once more."""
    return [
        (draw, None, source) for draw, variable, source in replayed.draws if draw.phase == "call" and draw.role is None and variable is None
    ]


Filled = Mapping[int, tuple[WeightKey, tuple[int, ...]]]
"""(key, legacy shape) of each variable of the blueprint, by its `id`."""


def as_draw(node: LayerNode, drawn: Drawn, filled: Filled) -> Draw:
    """A draw of the blueprint."""
    draw, variable, source = drawn
    if draw.kind == "numpy":
        return Draw("numpy", node.path, source, None, phase=draw.phase, call=variable)
    key, shape = filled.get(id(variable), (None, ())) if variable is not None else (None, ())
    if draw.kind == "normal" and shape:
        flat = (math.prod(shape[:-1]), shape[-1])
        return Draw("normal", node.path, source, key, math.prod(flat), flat, draw.phase)
    return Draw(draw.kind, node.path, source, key, 1, (), draw.phase)

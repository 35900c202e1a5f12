"""Values into the variables of a live model: the one way, whatever container they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import keras

from layerfix.arrays import Array
from layerfix.dialects.relay import relaid
from layerfix.errors import GraphError
from layerfix.graph.values import set_value
from layerfix.model import Layer


def put(pairs: Iterable[tuple[Any, Array]], where: str) -> None:
    """Gives variables their values, in the variables' own dtype.

    Raises:
        GraphError: for a value of another shape, naming the variable.
    """
    for variable, value in pairs:
        if tuple(variable.shape) != tuple(value.shape):
            raise GraphError(f"{variable.path} needs {tuple(variable.shape)}, its stored values are {tuple(value.shape)}.", where=where)
        set_value(variable, value)


def put_stored(record: Layer, layer: keras.layers.Layer, arrays: Sequence[Array], where: str) -> None:
    """Gives a layer all the arrays that the legacy layer stored, in its order.

    Raises:
        GraphError: where they have not the shapes that the legacy layer stored.
    """
    weights = list(layer.weights)
    put(zip(weights, relaid(record, arrays, [tuple(weight.shape) for weight in weights]), strict=True), where)
    recompute(layer)


def recompute(layer: keras.layers.Layer) -> None:
    """What Normalization computes from its weights once, computed anew (keras 3.15, normalization.py, `finalize_state`)."""
    for inner in layer._flatten_layers():
        if isinstance(inner, keras.layers.Normalization) and inner.built:
            inner.finalize_state()

"""A live model's variables in the groups in which Keras 2.13 to 2.15 keep them: by attribute, and by class in a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import layers

from layerfix.arrays import Array
from layerfix.containers.groups import snake_case
from layerfix.containers.numbered import Group
from layerfix.errors import GraphError

Value = Callable[[keras.Variable], Array]
_HEADS = {"_query_dense", "_key_dense", "_value_dense", "_output_dense"}


def early_groups(model: keras.Model, value: Value, container: str) -> Group:
    """The whole model.

    Args:
        model: built.
        value: what is written for a variable.
        container: the attribute in which that Keras finds a model's layers.

    Raises:
        GraphError: naming the layer whose parts are not known.
    """
    found = tuple((_class_name(layer), id(layer), _group(layer, value, container)) for layer in model.layers)
    return Group(layers=found, container=container)


def _class_name(layer: keras.Layer) -> str:
    return snake_case("Functional" if isinstance(layer, keras.Model) and not isinstance(layer, keras.Sequential) else type(layer).__name__)


def _group(layer: keras.layers.Layer, value: Value, container: str) -> Group:
    if isinstance(layer, keras.Model):
        return early_groups(layer, value, container)
    own = tuple(value(weight) for weight in [*layer._trainable_variables, *layer._non_trainable_variables])
    parts = {name: _group(part, value, container) for name, part in _parts(layer).items()}
    if isinstance(layer, layers.StackedRNNCells):
        cells = tuple((_class_name(cell), id(cell), _group(cell, value, container)) for cell in layer.cells)
        return Group(own, layers=cells, container="cells")
    held = len(own) + sum(len(part.weights) for part in _parts(layer).values())
    if held != len(layer.weights):
        raise GraphError(f"{layer.name}: {type(layer).__name__} keeps its weights in parts that a .keras of that Keras names otherwise")
    return Group(own, parts)


def _parts(layer: keras.layers.Layer) -> Mapping[str, Any]:
    """The layers inside one, by attribute."""
    if isinstance(layer, layers.Bidirectional):
        return {"forward_layer": layer.forward_layer, "backward_layer": layer.backward_layer}
    if isinstance(layer, layers.MultiHeadAttention):
        return {name: getattr(layer, name) for name in sorted(_HEADS)}
    if isinstance(layer, layers.TimeDistributed):
        return {"layer": layer.layer}
    return {"cell": layer.cell} if isinstance(layer, layers.RNN) else {}

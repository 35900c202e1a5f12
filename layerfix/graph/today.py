"""A live model as data: its architecture in today's words, and its weights in the order in which older Keras keeps them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
import numpy as np

from layerfix.arrays import Array
from layerfix.errors import GraphError

Weights = Mapping[str, list[tuple[str, Array]]]


def stated(model: keras.Model) -> dict[str, Any]:
    """The architecture as today's Keras writes it into a file: without tuples."""
    config: dict[str, Any] = json.loads(json.dumps(keras.saving.serialize_keras_object(model)))
    return config


def legacy_weights(model: keras.Model, scaled: Mapping[str, tuple[tuple[int, ...], int]]) -> Weights:
    """By layer, its weights with their names ("dense/kernel:0"): trainable ones first, as legacy files keep them (keras 3.15,
    legacy_h5_format.py, `_legacy_weights`).

    Args:
        model: the live model.
        scaled: by layer path, which of how many blocks of a layer's columns are times 5/6.
    """
    value = written_values(model, scaled)
    found: dict[str, list[tuple[str, Array]]] = {}
    for layer in model.layers:
        taken: set[str] = set()
        weights = [*layer.trainable_weights, *layer.non_trainable_weights]
        found[layer.name] = [(_name(layer, weight, taken), value(weight)) for weight in weights]
    return found


def browser_weights(model: keras.Model, scaled: Mapping[str, tuple[tuple[int, ...], int]]) -> Weights:
    """By layer, however deep, its weights as TensorFlow.js finds them: by the innermost layer's name alone (tfjs-layers, container.ts,
    `loadWeights`). `scaled` is as in `legacy_weights`.

    Raises:
        GraphError: where two layers with weights have one name.
    """
    value = written_values(model, scaled)
    found: dict[str, list[tuple[str, Array]]] = {}
    seen: dict[str, int] = {}
    for path, layer in _leaves(model, ""):
        taken: set[str] = set()
        if seen.setdefault(layer.name, id(layer)) != id(layer) and layer.weights:
            raise GraphError(f"{path}: TensorFlow.js finds weights by a layer's name, and two layers are called {layer.name!r}.")
        named = [(_name(layer, weight, taken), weight) for weight in [*layer.trainable_weights, *layer.non_trainable_weights]]
        found[layer.name] = [(_early_name(layer, name), value(weight)) for name, weight in named]
    return found


def _early_name(layer: keras.Layer, name: str) -> str:
    """DepthwiseConv2D's kernel had another name before Keras 3 (tensorflow 2.15, depthwise_conv2d.py)."""
    return name.replace("/kernel:0", "/depthwise_kernel:0") if isinstance(layer, keras.layers.DepthwiseConv2D) else name


def written_values(model: keras.Model, scaled: Mapping[str, tuple[tuple[int, ...], int]]) -> Callable[[keras.Variable], Array]:
    """What is written for a weight; `scaled` is as in `legacy_weights`."""
    factors = {id(weight): blocks for path, layer in _leaves(model, "") if (blocks := scaled.get(path)) for weight in layer.weights}
    return lambda weight: _value(weight, factors.get(id(weight)))


def legacy_names(model: keras.Model) -> dict[int, str]:
    """By identity, each weight's name in its layer's group, as `legacy_weights` names it; of a shared weight the first."""
    found: dict[int, str] = {}
    for layer in model.layers:
        taken: set[str] = set()
        for weight in [*layer.trainable_weights, *layer.non_trainable_weights]:
            found.setdefault(id(weight), _name(layer, weight, taken))
    return found


def _leaves(model: keras.Model, prefix: str) -> Iterator[tuple[str, keras.Layer]]:
    """Every layer that is no model, by its path."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer, f"{prefix}{layer.name}/")
        else:
            yield f"{prefix}{layer.name}", layer


def _name(layer: keras.Layer, weight: keras.Variable, taken: set[str]) -> str:
    """A weight's name as TensorFlow gave it, once in a layer."""
    _, found, rest = f"/{weight.path}".partition(f"/{layer.name}/")  # a Sequential model stands before its layers
    inner = rest if found else str(weight.path)
    path = inner if isinstance(layer, keras.Model) else f"{layer.name}/{inner}"
    name, number = path, 0
    while name in taken:
        number += 1
        name = f"{path}_{number}"
    taken.add(name)
    return f"{name}:0"


def _value(weight: keras.Variable, blocks: tuple[tuple[int, ...], int] | None) -> Array:
    value = np.asarray(weight).copy()
    if blocks is None:
        return value
    chosen, count = blocks
    size = value.shape[-1] // count
    for block in chosen:
        value[..., block * size : (block + 1) * size] *= value.dtype.type(5 / 6)
    return value

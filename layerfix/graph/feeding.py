"""Inputs for a live model: in the structure that it takes, and made for one that nobody gave samples for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import prod
from typing import Any

import keras
import numpy as np

from layerfix.arrays import Array
from layerfix.graph.transcripts import transcripts

INPUTS = 8
"""Random inputs to compare on."""
LENGTHS, SIDES = (12, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768), (32, 64, 128, 256, 512)
"""Sizes tried in turn for open dimensions of sequences and of images: crops and convolutions without padding may take thousands."""
ROOM = 1 << 25
"""Numbers that all tensors together may hold, since Keras keeps them: a model with large ones is compared on fewer inputs."""
WORDS = 6
"""Words in a made text."""
LACKING = 0.3
"""Share of the steps that are masked in a sample that lacks some."""
UNSEEN = "layerfix"
"""A word that no vocabulary has."""
_TABLES = {"Embedding": "input_dim", "CategoryEncoding": "num_tokens"}


def fed(model: keras.Model, inputs: Sequence[Array]) -> Any:
    """Arrays as the model takes them: text as tensors of TensorFlow, by name where it takes a dict, alone where it takes one."""
    given = [_tensor(array) for array in inputs] if any(array.dtype.kind in "SUO" for array in inputs) else list(inputs)
    structure = getattr(model, "_inputs_struct", None)
    if isinstance(structure, dict):
        names = [tensor.name for tensor in model.inputs]
        keys = sorted(structure) if sorted(structure) != sorted(names) else names
        return dict(zip(keys, given, strict=True))
    return given[0] if len(given) == 1 else given


def _tensor(array: Array) -> Any:
    """Text and what goes with it: Keras takes no arrays beside tensors."""
    import tensorflow as tf

    return tf.constant(array)


def made_inputs(model: keras.Model) -> tuple[Array, ...]:
    """Inputs of the model's shapes, always the same: normal numbers, small whole numbers where it looks them up, words that it knows."""
    generator = np.random.default_rng(2018)  # the same for every run: a report can be made again
    size = _open_size(model)
    rows = max(1, min(INPUTS, ROOM // _together(model, size)))
    arrays, spelt = [], transcripts(model)
    for tensor in model.inputs:
        shape = (tensor.shape[0] or rows, *(length or size for length in tensor.shape[1:]))
        if id(tensor) in spelt:
            drawn = spelt[id(tensor)].drawn(shape, generator)
            arrays.append(drawn.astype(str(tensor.dtype)))
        else:
            arrays.append(_made(model, tensor, shape, generator))
    return tuple(arrays)


def _made(model: keras.Model, tensor: keras.KerasTensor, shape: tuple[int, ...], generator: np.random.Generator) -> Array:
    readers = [layer for layer in model._flatten_layers() if _reads(layer, tensor)]
    words = [word for layer in readers for word in _vocabulary(layer)]
    if str(tensor.dtype) == "string":
        known = np.asarray([*map(str, words[:1000]), UNSEEN])
        if any(type(layer).__name__ == "TextVectorization" for layer in readers):
            texts = [" ".join(generator.choice(known, WORDS)) for _ in range(prod(shape))]
            return np.asarray(texts).reshape(shape)
        return generator.choice(known, shape)
    if words:
        return generator.choice(np.asarray([*words, max(words) + 1]), shape).astype(str(tensor.dtype))
    counts = any(type(layer).__name__ == "CategoryEncoding" for layer in model._flatten_layers())
    if counts or "int" in str(tensor.dtype):
        numbers = generator.integers(0, _smallest_table(model), shape).astype(str(tensor.dtype))
        return _padded(numbers, [0] if any(getattr(layer, "mask_zero", False) for layer in model._flatten_layers()) else [], generator)
    ends = [layer.mask_value for layer in readers if isinstance(layer, keras.layers.Masking)]
    return _padded(generator.normal(size=shape).astype(np.float32), ends, generator)


def _padded(array: Array, values: Sequence[float], generator: np.random.Generator) -> Array:
    """Samples of which every other lacks steps, where a layer makes a mask of them: what follows a mask is seen by that alone."""
    if values and array.ndim >= 2:
        lacking = generator.random(array.shape[:2]) < LACKING
        lacking[::2] = False
        array[lacking] = values[0]
    return array


def _reads(layer: keras.layers.Layer, tensor: keras.KerasTensor) -> bool:
    nodes = () if isinstance(layer, keras.layers.InputLayer) else layer._inbound_nodes
    return any(given is tensor for node in nodes for given in node.input_tensors)


def _vocabulary(layer: keras.layers.Layer) -> list[Any]:
    """The words or numbers that a lookup layer takes; [] for other layers, and for one that looks up the other way round."""
    if type(layer).__name__ not in {"StringLookup", "IntegerLookup", "TextVectorization"} or getattr(layer, "invert", False):
        return []
    return list(layer.get_vocabulary(include_special_tokens=False))


def _open_size(model: keras.Model) -> int:
    """The first size with which every layer has something left, as far as shapes tell."""
    images = any(len(tensor.shape) >= 4 for tensor in model.inputs)
    sizes = SIDES if images else LENGTHS
    if not any(None in tensor.shape[1:] for tensor in model.inputs):
        return sizes[0]
    return next((size for size in sizes if _fits(model, size)), sizes[0])


def _fits(model: keras.Model, size: int) -> bool:
    shapes = [(1, *(length or size for length in tensor.shape[1:])) for tensor in model.inputs]
    symbols = [keras.KerasTensor(shape, tensor.dtype) for shape, tensor in zip(shapes, model.inputs, strict=True)]
    graph = getattr(model, "_functional", None) or model  # which a Sequential keeps inside
    try:
        graph._run_through_graph(symbols, operation_fn=lambda operation: partial(_sized, operation))
    except Exception:  # a layer may raise anything for a size that does not fit
        return False
    return True


def _sized(operation: keras.Operation, *args: Any, **kwargs: Any) -> Any:
    """What an operation makes, as shapes; called as a layer it would remember the call."""
    made = operation.compute_output_spec(*args, **kwargs)
    if any(0 in tensor.shape for tensor in keras.tree.flatten(made)):
        raise ValueError(f"nothing is left behind {operation.name}")
    return made


def _together(model: keras.Model, size: int) -> int:
    """Numbers in the tensors that the model makes of one sample."""
    tensors = (tensor for layer in model._flatten_layers() for node in layer._inbound_nodes for tensor in node.output_tensors)
    return max(1, sum(prod([1, *(length or size for length in tensor.shape[1:])]) for tensor in tensors))


def _smallest_table(model: keras.Model) -> int:
    layers = [layer for layer in model._flatten_layers() if type(layer).__name__ in _TABLES]
    return int(min((getattr(layer, _TABLES[type(layer).__name__]) for layer in layers), default=2))

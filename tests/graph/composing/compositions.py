"""Models of one layer or operation, and what became of them for a Keras that lacks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np

from layerfix.arrays import Array
from layerfix.dialects.down.targets import target_of
from layerfix.graph.composing.replaced import Replaced, composed

KERAS_2_2_LAYERS = frozenset(
    [
        "Activation", "Add", "AveragePooling1D", "Concatenate", "Conv1D", "Conv2D", "Conv2DTranspose", "Cropping1D", "Cropping2D", "Dense",
        "DepthwiseConv2D", "Dot", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalMaxPooling1D", "GlobalMaxPooling2D",
        "InputLayer", "LeakyReLU", "Maximum", "Minimum", "Multiply", "Permute", "ReLU", "Reshape", "Subtract",
    ]
)  # fmt: skip
"""Those that compositions are made of; all are in the manual of Keras 2.2.4."""


def one(function: Callable[..., Any], *shapes: tuple[int | None, ...]) -> keras.Model:
    """A model of a function of tensors (a layer is one)."""
    starts = [keras.Input(shape) for shape in shapes]
    return keras.Model(starts, function(*starts))


def numbers(*shapes: tuple[int, ...], rows: int = 3) -> list[Array]:
    """Normal numbers, always the same."""
    generator = np.random.default_rng(7)
    return [generator.normal(0, 2, (rows, *shape)).astype("float32") for shape in shapes]


def filled(model: keras.Model) -> keras.Model:
    """The model with weights that nothing hides behind: no zeros, no ones."""
    generator = np.random.default_rng(3)
    for weight in model.weights:
        if "float" in str(weight.dtype):
            weight.assign(generator.uniform(0.2, 1.0, weight.shape))
    return model


def brought(model: keras.Model, target: str = "keras2.2.4") -> Replaced:
    """The model for an older Keras."""
    return composed(model, target_of(target))


def outputs(model: keras.Model, arrays: Sequence[Array]) -> Array:
    """Its one output."""
    return np.asarray(model(list(arrays)))


def kinds(model: keras.Model) -> set[str]:
    """The classes of its layers and operations."""
    return {type(operation).__name__ for operation in model.operations}

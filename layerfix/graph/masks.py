"""Masks of merged branches: legacy Keras takes a step where every branch has it, Keras 3 where any has."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

ELEMENTWISE = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})


def keep_legacy_mask(class_name: str, layer: keras.layers.Layer, inputs: object, outputs: Sequence[object]) -> None:
    """Gives a merge layer's output the mask that legacy Keras computed; the layers behind it then state it as their argument.

    Args:
        class_name: of the layer, one of Keras' own.
        layer: which was just called.
        inputs: symbolic tensors it was called with.
        outputs: symbolic tensors it gave.

    Source: keras 2.2.4, layers/merge.py, `_Merge.compute_mask` and `Concatenate.compute_mask` (2.0.9 and tf.keras alike), against
    keras 3.15, where masks are joined by "or" and one unmasked branch unmasks a sum.
    """
    if class_name not in ELEMENTWISE | {"Concatenate"} or not isinstance(inputs, (list, tuple)):
        return
    masks = [getattr(tensor, "_keras_mask", None) for tensor in inputs]
    handed_on = getattr(outputs[0], "_keras_mask", None) is not None  # not by what was called without its masks
    if (handed_on and all(mask is masks[0] for mask in masks)) or all(mask is None for mask in masks):
        return
    joined = _everywhere(masks) if class_name in ELEMENTWISE else _concatenated(layer, inputs, masks)
    keras.src.backend.set_keras_mask(outputs[0], joined)


def _everywhere(masks: Sequence[keras.KerasTensor | None]) -> keras.KerasTensor:
    return functools.reduce(ops.logical_and, {id(mask): mask for mask in masks if mask is not None}.values())


def without_masks(inputs: Any) -> Any:
    """The same tensors without masks: an operation passes none on."""
    return keras.tree.map_structure(lambda one: ops.copy(one) if getattr(one, "_keras_mask", None) is not None else one, inputs)


def _concatenated(
    layer: keras.layers.Layer, inputs: Sequence[keras.KerasTensor], masks: Sequence[keras.KerasTensor | None]
) -> keras.KerasTensor:
    """All features of a step must be there; along the last axis that is every branch's mask."""
    if layer.axis in (-1, len(inputs[0].shape) - 1):
        return _everywhere(masks)
    full = [_widened(tensor, mask) for tensor, mask in zip(inputs, masks, strict=True)]
    join = keras.src.ops.numpy.Concatenate(axis=layer.axis, name=f"{layer.name}_mask")  # named, or it takes a layer's name
    return ops.all(join(full), axis=-1)


def _widened(tensor: keras.KerasTensor, mask: keras.KerasTensor | None) -> keras.KerasTensor:
    """A mask of the tensor's own shape."""
    ones = ops.ones_like(tensor, dtype="bool")
    if mask is None:
        return ones
    return ops.logical_and(ops.expand_dims(mask, -1) if len(mask.shape) < len(tensor.shape) else mask, ones)

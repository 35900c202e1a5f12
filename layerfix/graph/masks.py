"""Masks as tensors of a graph: of merged branches, where legacy Keras takes a step that every branch has and Keras 3 one that any has, and
of layers that were composed for one."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from layerfix.errors import GraphError
from layerfix.model import Layer, Model

ELEMENTWISE = frozenset({"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"})


def mask_of(layer: Layer, tensor: object) -> keras.KerasTensor | None:
    """The mask of a layer's input, where the layer was composed for one.

    Raises:
        GraphError: where one may come out of a nested model or of a wrapper, which Keras 3 hands on only when the model runs.
    """
    if layer.masked is None:
        return None
    inside = _hidden_mask(tensor, passed=True)
    if inside is not None:
        message = f"whether a mask reaches it out of {inside!r} is not known here."
        raise GraphError(message, where=layer.name, hint="Give its source with --layers FILE.py.")
    return getattr(tensor, "_keras_mask", None)


def _hidden_mask(tensor: object, *, passed: bool = False) -> str | None:
    """The name of a nested model or wrapper whose own mask may reach a tensor; Keras 3 sets it on no symbolic tensor outside.

    Args:
        tensor: symbolic.
        passed: whether a mask counts too that such a model takes and may hand on.
    """
    waiting, seen = [tensor], set()
    while waiting:
        operation, node, _ = getattr(waiting.pop(), "_keras_history")  # noqa: B009 - no attribute that types know
        ends = not isinstance(operation, keras.Layer) or getattr(operation, "return_sequences", True) is False
        if ends or (id(operation), node) in seen:
            continue
        seen.add((id(operation), node))
        inner = getattr(operation, "layer", operation) if isinstance(operation, keras.layers.TimeDistributed) else operation
        if isinstance(inner, keras.Model) and any(getattr(output, "_keras_mask", None) is not None for output in inner.outputs):
            return str(operation.name)
        taken = operation._inbound_nodes[node].input_tensors
        if passed and isinstance(inner, keras.Model) and any(getattr(one, "_keras_mask", None) is not None for one in taken):
            return str(operation.name)
        waiting += taken
    return None


def pass_mask(mask: keras.KerasTensor, output: keras.KerasTensor) -> None:
    """Gives an output a mask; the layers behind it state it as their argument."""
    keras.src.backend.set_keras_mask(output, mask)


def refuse_mask_inside(layer: Layer, inputs: object) -> None:
    """A model within the graph has its inputs' masks only when it runs, too late for a layer that takes one as a tensor.

    Raises:
        GraphError: where a mask reaches a model or wrapper in which there is such a layer.
    """
    given = inputs if isinstance(inputs, list | tuple) else [inputs]
    found = next(iter(_within(layer)), None) if layer.masked is None else None
    if found is not None and any(getattr(tensor, "_keras_mask", None) is not None for tensor in given):
        raise GraphError(f"a mask from outside of {layer.name!r} reaches its layer {found!r}, which is not known here.", where=layer.name)


def composed_for_masks(model: Model) -> list[str]:
    """Names of the layers, at any depth, that were composed for a mask."""
    return [name for layer in model.layers for name in _within(layer)]


def _within(layer: Layer) -> list[str]:
    found: list[str] = []
    for inner in (layer, *layer.wrapped.values()):
        if inner.masked is not None:
            found.append(inner.name)
        elif inner.model is not None:
            found += composed_for_masks(inner.model)
    return found


def keep_legacy_mask(class_name: str, layer: keras.layers.Layer, inputs: object, outputs: Sequence[object]) -> None:
    """Gives a merge layer's output the mask that legacy Keras computed; the layers behind it then state it as their argument.

    Args:
        class_name: of the layer, one of Keras' own.
        layer: which was just called.
        inputs: symbolic tensors it was called with.
        outputs: symbolic tensors it gave.

    Raises:
        GraphError: where one of the masks is that of a nested model, which only a run tells.

    Source: keras 2.2.4, layers/merge.py, `_Merge.compute_mask` and `Concatenate.compute_mask` (2.0.9 and tf.keras alike), against
    keras 3.15, where masks are joined by "or" and one unmasked branch unmasks a sum.
    """
    if class_name not in ELEMENTWISE | {"Concatenate"} or not isinstance(inputs, (list, tuple)):
        return
    hidden = next((name for name in map(_hidden_mask, inputs) if name is not None), None)
    if hidden is not None:
        raise GraphError(f"a mask that {hidden!r} makes inside is merged here, which today's Keras does otherwise.", where=layer.name)
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

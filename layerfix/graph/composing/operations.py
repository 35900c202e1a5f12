"""Operations of `keras.ops` of layers that every Keras has: a Keras without TFOpLambda has layers alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import layers

from layerfix.graph.composing.activations import ACTIVATIONS
from layerfix.graph.composing.pieces import Pieces

Composed = Callable[[Pieces, keras.Operation, Sequence[Any]], Tensor | None]


def _is_tensor(value: object) -> bool:
    return isinstance(value, Tensor)


def _scalar(one: object, two: object) -> tuple[Tensor, float, bool] | None:
    """(tensor, number, whether the number comes first) of an operation of the two, or None."""
    if _is_tensor(one) and isinstance(two, (int, float)):
        return one, float(two), False
    return (two, float(one), True) if _is_tensor(two) and isinstance(one, (int, float)) else None


def _merged(layer: type) -> Composed:
    """A merging layer of two tensors of as many dimensions."""

    def merge(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
        one, two = args
        fits = _is_tensor(one) and _is_tensor(two) and len(one.shape) == len(two.shape)
        return layer(name=pieces.named("merge"))([one, two]) if fits else None

    return merge


def _add(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor | None:
    found = _scalar(*args)
    return pieces.scaled(found[0], 1.0, found[1]) if found else _merged(layers.Add)(pieces, operation, args)


def _subtract(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor | None:
    found = _scalar(*args)
    if found is None:
        return _merged(layers.Subtract)(pieces, operation, args)
    x, number, first = found
    return pieces.scaled(x, -1.0, number) if first else pieces.scaled(x, 1.0, -number)


def _multiply(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor | None:
    found = _scalar(*args)
    return pieces.scaled(found[0], found[1]) if found else _merged(layers.Multiply)(pieces, operation, args)


def _divide(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor | None:
    found = _scalar(*args)
    return pieces.scaled(found[0], 1 / found[1]) if found and not found[2] and found[1] else None


def _bounded(layer: type) -> Composed:
    """The larger or the smaller of two tensors, or of a tensor and a number."""

    def bound(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor | None:
        found = _scalar(*args)
        return _limited(layer, pieces, found[0], found[1]) if found else _merged(layer)(pieces, operation, args)

    return bound


def _limited(layer: type, pieces: Pieces, x: Tensor, number: float) -> Tensor:
    return layer(name=pieces.named("bound"))([x, pieces.constant(x, number)])


def _clip(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    low, high = operation.x_min, operation.x_max
    if not (isinstance(low, (int, float)) and isinstance(high, (int, float))):
        return None
    return _limited(layers.Minimum, pieces, _limited(layers.Maximum, pieces, args[0], low), high)


def _power(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor | None:
    x, exponent = args
    if not _is_tensor(x) or exponent not in (2, 3, 4):
        return None
    y = pieces.times(x, x)
    return y if exponent == 2 else pieces.times(y, x if exponent == 3 else y)


def _absolute(pieces: Pieces, operation: object, args: Sequence[object]) -> Tensor:
    x = args[0]
    return pieces.plus(pieces.activated(x, "relu"), pieces.activated(pieces.scaled(x, -1.0), "relu"))


def _softmax(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    return pieces.activated(args[0], "softmax") if operation.axis in (-1, len(args[0].shape) - 1) else None


def _transpose(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    rank = len(args[0].shape)
    axes = [axis % rank for axis in operation.axes or ()]  # Permute counts from 1 and takes none from the end
    return pieces.permuted(args[0], axes[1:]) if axes and axes[0] == 0 else None


def _shaped(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    """Reshape, ExpandDims and Squeeze, where the batch stays what it is."""
    x = args[0]
    made = operation.compute_output_spec(x).shape
    known = [size for size in x.shape[1:] if size is not None], [size for size in made[1:] if size is not None]
    same = x.shape[0] == made[0] and math.prod(known[0]) == math.prod(known[1])
    return pieces.shaped(x, made[1:]) if same and x.shape[1:].count(None) == made[1:].count(None) <= 1 else None


def _stack(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    parts = args[0]
    axis = operation.axis % (len(parts[0].shape) + 1)
    if axis == 0 or any(None in part.shape[1:] for part in parts):
        return None
    shape = (*parts[0].shape[1:axis], 1, *parts[0].shape[axis:])
    return pieces.joined([pieces.shaped(part, shape) for part in parts], axis)


def _pooled(word: str) -> Composed:
    """A mean or a maximum over all places, or a mean or a sum over the last axis."""

    def pool(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
        x = args[0]
        rank = len(x.shape)
        axis = operation.axis
        axes = sorted(one % rank for one in (axis if isinstance(axis, (list, tuple)) else [axis])) if axis is not None else []
        made = operation.compute_output_spec(x).shape
        if axes == [rank - 1] and word in ("Mean", "Sum") and made[1:].count(None) <= 1:
            y = pieces.mapped(x, np.full((x.shape[-1], 1), 1.0 if word == "Sum" else 1 / x.shape[-1]))
            return pieces.shaped(y, made[1:] or (1,)) if rank > 2 or operation.keepdims else None
        if axes != list(range(1, rank - 1)) or rank not in (3, 4, 5) or None in made[1:]:
            return None
        size = x.shape[1:-1]
        if word == "Sum" and None in size:
            return None
        kind = "Average" if word in ("Mean", "Sum") else "Max"
        x = pieces.scaled(x, -1.0) if word == "Min" else x
        y = getattr(layers, f"Global{kind}Pooling{rank - 2}D")(name=pieces.named("pool"))(x)
        scale = -1.0 if word == "Min" else float(math.prod(size)) if word == "Sum" else 1.0
        return pieces.shaped(pieces.scaled(y, scale) if scale != 1.0 else y, made[1:])

    return pool


def _matmul(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    return pieces.dotted(args[0], args[1], (2, 1)) if [len(one.shape) for one in args] == [3, 3] else None


def _einsum(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    axes = {"bij,bjk->bik": (2, 1), "bij,bkj->bik": (2, 2), "bji,bjk->bik": (1, 1)}.get(_letters(operation.subscripts))
    return pieces.dotted(args[0], args[1], axes) if axes and len(args) == 2 else None


def _letters(subscripts: str) -> str:
    """Subscripts with the letters b, i, j, k, as the batch, the two ends and what is added up over."""
    left, _, out = subscripts.replace(" ", "").partition("->")
    one, _, two = left.partition(",")
    if [len(part) for part in (one, two, out)] != [3, 3, 3]:
        return ""
    shared = [letter for letter in one[1:] if letter in two[1:]]
    named = {out[0]: "b", out[1]: "i", out[2]: "k", **({shared[0]: "j"} if len(shared) == 1 else {})}
    return "".join(named.get(letter, letter) for letter in subscripts.replace(" ", ""))


def _item(pieces: Pieces, operation: keras.Operation, args: Sequence[Any]) -> Tensor | None:
    """Slices without steps: of the last axis by choosing columns, of others by cropping."""
    x, key = args[0], args[1] if isinstance(args[1], (tuple, list)) else (args[1],)
    rank = len(x.shape)
    if rank not in (2, 3, 4) or not all(isinstance(item, (slice, int)) for item in key) or key[0] != slice(None) or len(key) > rank:
        return None
    bounds = []
    for axis, item in enumerate([*key, *[slice(None)] * (rank - len(key))]):
        if axis and x.shape[axis] is None:
            return None
        if axis:
            start, stop, step = (item if isinstance(item, slice) else slice(item, item + 1 or None)).indices(x.shape[axis])
            if step != 1 or stop <= start:
                return None
            bounds.append((start, stop))
    made = operation.compute_output_spec(x, args[1]).shape
    *places, (start, stop) = bounds
    if any(pair != (0, size) for pair, size in zip(places, x.shape[1:], strict=False)):
        crops = [(first, size - last) for (first, last), size in zip(places, x.shape[1:], strict=False)]
        croppers: dict[int, Any] = {3: layers.Cropping1D, 4: layers.Cropping2D}
        x = croppers[rank](crops[0] if rank == 3 else crops, name=pieces.named("crop"))(x)
    if (start, stop) != (0, x.shape[-1]):
        x = pieces.mapped(x, np.eye(x.shape[-1])[:, start:stop])
    return pieces.shaped(x, made[1:]) if len(made) > 1 else None


def _activation(name: str) -> Composed:
    return lambda pieces, operation, args: ACTIVATIONS[name](pieces, args[0])


OPERATIONS: Mapping[str, Composed] = {
    "Add": _add,
    "Subtract": _subtract,
    "Multiply": _multiply,
    "TrueDivide": _divide,
    "Divide": _divide,
    "Maximum": _bounded(layers.Maximum),
    "Minimum": _bounded(layers.Minimum),
    "Clip": _clip,
    "Power": _power,
    "Square": lambda pieces, operation, args: pieces.times(args[0], args[0]),
    "Negative": lambda pieces, operation, args: pieces.scaled(args[0], -1.0),
    "Absolute": _absolute,
    "Abs": _absolute,
    "Softmax": _softmax,
    "Silu": _activation("silu"),
    "Relu6": _activation("relu6"),
    "HardSigmoid": _activation("hard_sigmoid"),
    "Transpose": _transpose,
    "Reshape": _shaped,
    "ExpandDims": _shaped,
    "Squeeze": _shaped,
    "Stack": _stack,
    "Mean": _pooled("Mean"),
    "Sum": _pooled("Sum"),
    "Max": _pooled("Max"),
    "Min": _pooled("Min"),
    "Matmul": _matmul,
    "Einsum": _einsum,
    "GetItem": _item,
}
"""By class. None of them is composed where it takes anything but float32."""

"""Operations that stand in for TensorFlow functions in an architecture: `keras.ops` by names that our rules wrote, and a few more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from operator import attrgetter
from typing import Any

import keras

from layerfix.graph.known.images import tf_depth_to_space, tf_space_to_depth
from layerfix.graph.tensors import Tensor
from layerfix.model import Operation


@dataclass(frozen=True, slots=True)
class Sizes:
    """A shape as a value of the graph, as `tf.shape` gives it; None for what is known only when it runs."""

    values: tuple[int | None, ...]


def operation(stated: Operation) -> Callable[..., Any]:
    """What an operation of an architecture calls."""
    if stated.function in _COMPOSED:
        return _COMPOSED[stated.function]
    if "axes_except" in stated.arguments:
        return partial(_over_others, stated.function, stated.arguments["axes_except"])
    function = partial(attrgetter(stated.function)(keras.ops), **stated.arguments)
    return (lambda tensor, x1: function(x1, tensor)) if stated.reversed else function


def _over_others(function: str, kept: int | Sequence[int], tensor: Tensor) -> Tensor:
    """A reduction over every axis but some, which keeps the rank."""
    rank = len(tensor.shape)
    left = {axis % rank for axis in ([kept] if isinstance(kept, int) else kept)}
    return getattr(keras.ops, function)(tensor, axis=[axis for axis in range(rank) if axis not in left], keepdims=True)


def _item(tensor: Tensor | Sizes, slice_spec: Any) -> Any:
    """tensor[...] with the indices that SlicingOpLambda wrote: slices and the ellipsis as dicts, numbers and None as they are."""
    listed = slice_spec if isinstance(slice_spec, list) else [slice_spec]
    indices = tuple(map(_index, listed))
    if not isinstance(tensor, Sizes):
        return tensor[indices]
    found = tensor.values[indices[0]]
    return Sizes(found) if isinstance(found, tuple) else found


def _index(item: object) -> Any:
    if not isinstance(item, Mapping):
        return item
    return ... if item.get("class_name") == "__ellipsis__" else slice(item["start"], item["stop"], item["step"])


def _shape(tensor: Tensor) -> Sizes:
    return Sizes(tuple(tensor.shape))


def _reshaped(tensor: Tensor, newshape: Any) -> Tensor:
    """A reshape to sizes of which one may be known only when it runs: all others being known, it follows from them."""
    wanted = list(newshape.values if isinstance(newshape, Sizes) else newshape)
    inner = list(tensor.shape[1:])
    if None in wanted and -1 in wanted and None not in inner and wanted[0] is None and tensor.shape[0] is None:
        wanted[wanted.index(-1)] = prod(inner) // prod(size for size in wanted if size not in (None, -1))
    if wanted.count(None) + wanted.count(-1) > 1:
        raise ValueError(f"a reshape to {wanted} has more than one open size")
    return keras.ops.reshape(tensor, [-1 if size is None else size for size in wanted])


def _stacked(_: Any, values: Sequence[Any], axis: int = 0) -> Tensor:
    """Tensors stacked; or sizes put together to a shape."""
    if all(value is None or isinstance(value, int) for value in values):
        return Sizes(tuple(values))
    return keras.ops.stack(values, axis=axis)


def _concatenated(_: object, values: Sequence[object], axis: int = -1) -> Tensor:
    return keras.ops.concatenate(values, axis=axis)


def _product(tensor: Tensor, x2: object, transpose_a: bool = False, transpose_b: bool = False) -> Tensor:
    """A matrix product whose factors may be transposed first, as TensorFlow's."""
    first, second = (
        keras.ops.swapaxes(factor, -1, -2) if turned else factor for factor, turned in ((tensor, transpose_a), (x2, transpose_b))
    )
    return keras.ops.matmul(first, second)


def _same(tensor: Tensor, **_: Any) -> Tensor:
    return tensor


def _squared_difference(tensor: Tensor, values: object) -> Tensor:
    return keras.ops.square(keras.ops.subtract(tensor, values))


_COMPOSED: Mapping[str, Callable[..., Any]] = {
    "getitem": _item, "matmul": _product, "shape": _shape, "reshape": _reshaped, "stack_values": _stacked,
    "concatenate_values": _concatenated, "squared_difference": _squared_difference, "identity": _same,
    "depth_to_space": tf_depth_to_space, "space_to_depth": tf_space_to_depth,
}  # fmt: skip
"""Operations that are none of `keras.ops`, or more than one."""

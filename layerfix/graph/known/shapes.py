"""Functions that move, join and cut, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from layerfix.graph.tensors import Axis, Pairs, Shape, Size, Tensor


def known_sizes(x: Tensor, shape: Shape) -> list[int | Tensor]:
    """A shape to reshape to; one size may be open, and -1 is worked out where the batch is open too."""
    wanted = [-1 if size is None else int(size) for size in shape]
    inner = list(x.shape[1:])
    if wanted.count(-1) == 2 and wanted[0] == -1 and x.shape[0] is None and None not in inner:
        place = wanted.index(-1, 1)
        wanted[place] = math.prod(inner) // math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) > 1:
        raise ValueError(f"a reshape to {wanted} has more than one open size")
    return wanted


def K_reshape(x: Tensor, shape: Shape) -> Tensor:
    return ops.reshape(x, known_sizes(x, shape))


def tf_reshape(tensor: Tensor, shape: Shape) -> Tensor:
    return ops.reshape(tensor, known_sizes(tensor, shape))


def K_expand_dims(x: Tensor, axis: int = -1) -> Tensor:
    return ops.expand_dims(x, axis)


def K_squeeze(x: Tensor, axis: int) -> Tensor:
    return ops.squeeze(x, axis=axis)


def K_permute_dimensions(x: Tensor, pattern: Sequence[int]) -> Tensor:
    return ops.transpose(x, axes=pattern)


def K_transpose(x: Tensor) -> Tensor:
    return ops.transpose(x)


def K_concatenate(tensors: Sequence[Tensor], axis: int = -1) -> Tensor:
    return ops.concatenate(tensors, axis=axis)


def K_stack(x: Sequence[Tensor], axis: int = 0) -> Tensor:
    return ops.stack(x, axis=axis)


def K_tile(x: Tensor, n: Sequence[int]) -> Tensor:
    return ops.tile(x, n)


def K_repeat(x: Tensor, n: int) -> Tensor:
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def K_repeat_elements(x: Tensor, rep: int, axis: int) -> Tensor:
    return ops.repeat(x, rep, axis=axis)


def K_reverse(x: Tensor, axes: Size) -> Tensor:
    # One after the other: Keras up to 3.12 takes a single axis.
    for axis in (axes,) if isinstance(axes, int) else axes:
        x = ops.flip(x, axis=axis)
    return x


def K_flatten(x: Tensor) -> Tensor:
    return ops.reshape(x, [-1])


def K_batch_flatten(x: Tensor) -> Tensor:
    return ops.reshape(x, [-1, math.prod(x.shape[1:])])


def K_gather(reference: Tensor, indices: Tensor) -> Tensor:
    return ops.take(reference, indices, axis=0)


def K_one_hot(indices: Tensor, num_classes: int) -> Tensor:
    return ops.one_hot(ops.cast(indices, "int32"), num_classes)


def K_spatial_2d_padding(x: Tensor, padding: Pairs = ((1, 1), (1, 1)), data_format: str | None = None) -> Tensor:
    pairs = [list(pair) for pair in padding]
    return ops.pad(x, [[0, 0], [0, 0], *pairs] if data_format == "channels_first" else [[0, 0], *pairs, [0, 0]])


def K_temporal_padding(x: Tensor, padding: tuple[int, int] = (1, 1)) -> Tensor:
    return ops.pad(x, [[0, 0], list(padding), [0, 0]])


def tf_expand_dims(input: Tensor, axis: int) -> Tensor:  # noqa: A002
    return ops.expand_dims(input, axis)


def tf_squeeze(input: Tensor, axis: Axis = None) -> Tensor:  # noqa: A002
    return ops.squeeze(input, axis=tuple(axis) if isinstance(axis, list) else axis)


def tf_transpose(a: Tensor, perm: Sequence[int] | None = None) -> Tensor:
    return ops.transpose(a, axes=perm)


def tf_concat(values: Sequence[Tensor], axis: int) -> Tensor:
    return ops.concatenate(values, axis=axis)


def tf_stack(values: Sequence[Tensor], axis: int = 0) -> Tensor:
    return ops.stack(values, axis=axis)


def tf_unstack(value: Tensor, num: int | None = None, axis: int = 0) -> Any:
    return ops.unstack(value, num=num, axis=axis)


def tf_split(value: Tensor, num_or_size_splits: int | Sequence[int], axis: int = 0) -> Any:
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis=axis)
    ends = [sum(num_or_size_splits[: place + 1]) for place in range(len(num_or_size_splits) - 1)]
    if -1 in num_or_size_splits:
        raise ValueError("a split into parts of which one is open is not known here")
    return ops.split(value, ends, axis=axis)


def tf_tile(input: Tensor, multiples: Sequence[int]) -> Tensor:  # noqa: A002
    return ops.tile(input, multiples)


def tf_repeat(input: Tensor, repeats: int, axis: Axis = None) -> Tensor:  # noqa: A002
    return ops.repeat(input, repeats, axis=axis)


def tf_reverse(tensor: Tensor, axis: Size) -> Tensor:
    return K_reverse(tensor, axis)


def tf_pad(tensor: Tensor, paddings: Pairs, mode: str = "CONSTANT", constant_values: float = 0) -> Tensor:
    if mode.upper() == "CONSTANT":
        return ops.pad(tensor, paddings, mode="constant", constant_values=constant_values)
    return ops.pad(tensor, paddings, mode=mode.lower())


def tf_gather(params: Tensor, indices: Tensor, validate_indices: object = None, axis: Axis = None) -> Tensor:
    return ops.take(params, np.asarray(indices) if isinstance(indices, list) else indices, axis=0 if axis is None else axis)


def tf_slice(input_: Tensor, begin: Sequence[int], size: Sequence[int]) -> Tensor:
    stops = [None if s == -1 else b + s for b, s in zip(begin, size, strict=True)]
    return input_[tuple(slice(b, stop) for b, stop in zip(begin, stops, strict=True))]


def tf_one_hot(indices: Tensor, depth: int) -> Tensor:
    return ops.one_hot(indices, depth)


def tf_strided_slice(input_: Tensor, begin: Sequence[int], end: Sequence[int], strides: Sequence[int] | None = None) -> Tensor:
    steps = strides or [1] * len(begin)
    return input_[tuple(slice(first, last, step) for first, last, step in zip(begin, end, steps, strict=True))]

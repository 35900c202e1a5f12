"""Functions that move, join and cut, as legacy Keras and TensorFlow have them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from keras import ops


def known_sizes(x: Any, shape: Any) -> Any:
    """A shape to reshape to; one size may be open, and -1 is worked out where the batch is open too."""
    wanted = [-1 if size is None else int(size) for size in shape]
    inner = list(x.shape[1:])
    if wanted.count(-1) == 2 and wanted[0] == -1 and x.shape[0] is None and None not in inner:
        place = wanted.index(-1, 1)
        wanted[place] = math.prod(inner) // math.prod(size for size in wanted if size != -1)
    if wanted.count(-1) > 1:
        raise ValueError(f"a reshape to {wanted} has more than one open size")
    return wanted


def K_reshape(x: Any, shape: Any) -> Any:
    return ops.reshape(x, known_sizes(x, shape))


def tf_reshape(tensor: Any, shape: Any) -> Any:
    return ops.reshape(tensor, known_sizes(tensor, shape))


def K_expand_dims(x: Any, axis: int = -1) -> Any:
    return ops.expand_dims(x, axis)


def K_squeeze(x: Any, axis: int) -> Any:
    return ops.squeeze(x, axis=axis)


def K_permute_dimensions(x: Any, pattern: Any) -> Any:
    return ops.transpose(x, axes=pattern)


def K_transpose(x: Any) -> Any:
    return ops.transpose(x)


def K_concatenate(tensors: Any, axis: int = -1) -> Any:
    return ops.concatenate(tensors, axis=axis)


def K_stack(x: Any, axis: int = 0) -> Any:
    return ops.stack(x, axis=axis)


def K_tile(x: Any, n: Any) -> Any:
    return ops.tile(x, n)


def K_repeat(x: Any, n: int) -> Any:
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def K_repeat_elements(x: Any, rep: int, axis: int) -> Any:
    return ops.repeat(x, rep, axis=axis)


def K_reverse(x: Any, axes: Any) -> Any:
    # One after the other: Keras up to 3.12 takes a single axis.
    for axis in (axes,) if isinstance(axes, int) else axes:
        x = ops.flip(x, axis=axis)
    return x


def K_flatten(x: Any) -> Any:
    return ops.reshape(x, [-1])


def K_batch_flatten(x: Any) -> Any:
    return ops.reshape(x, [-1, math.prod(x.shape[1:])])


def K_gather(reference: Any, indices: Any) -> Any:
    return ops.take(reference, indices, axis=0)


def K_one_hot(indices: Any, num_classes: int) -> Any:
    return ops.one_hot(ops.cast(indices, "int32"), num_classes)


def K_spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    pairs = [list(pair) for pair in padding]
    return ops.pad(x, [[0, 0], [0, 0], *pairs] if data_format == "channels_first" else [[0, 0], *pairs, [0, 0]])


def K_temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    return ops.pad(x, [[0, 0], list(padding), [0, 0]])


def tf_expand_dims(input: Any, axis: int) -> Any:  # noqa: A002
    return ops.expand_dims(input, axis)


def tf_squeeze(input: Any, axis: Any = None) -> Any:  # noqa: A002
    return ops.squeeze(input, axis=tuple(axis) if isinstance(axis, list) else axis)


def tf_transpose(a: Any, perm: Any = None) -> Any:
    return ops.transpose(a, axes=perm)


def tf_concat(values: Any, axis: int) -> Any:
    return ops.concatenate(values, axis=axis)


def tf_stack(values: Any, axis: int = 0) -> Any:
    return ops.stack(values, axis=axis)


def tf_unstack(value: Any, num: Any = None, axis: int = 0) -> Any:
    return ops.unstack(value, num=num, axis=axis)


def tf_split(value: Any, num_or_size_splits: Any, axis: int = 0) -> Any:
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis=axis)
    ends = [sum(num_or_size_splits[: place + 1]) for place in range(len(num_or_size_splits) - 1)]
    if -1 in num_or_size_splits:
        raise ValueError("a split into parts of which one is open is not known here")
    return ops.split(value, ends, axis=axis)


def tf_tile(input: Any, multiples: Any) -> Any:  # noqa: A002
    return ops.tile(input, multiples)


def tf_repeat(input: Any, repeats: int, axis: Any = None) -> Any:  # noqa: A002
    return ops.repeat(input, repeats, axis=axis)


def tf_reverse(tensor: Any, axis: Any) -> Any:
    return K_reverse(tensor, axis)


def tf_pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: float = 0) -> Any:
    if mode.upper() == "CONSTANT":
        return ops.pad(tensor, paddings, mode="constant", constant_values=constant_values)
    return ops.pad(tensor, paddings, mode=mode.lower())


def tf_gather(params: Any, indices: Any, validate_indices: Any = None, axis: Any = None) -> Any:
    return ops.take(params, np.asarray(indices) if isinstance(indices, list) else indices, axis=0 if axis is None else axis)


def tf_slice(input_: Any, begin: Any, size: Any) -> Any:
    stops = [None if s == -1 else b + s for b, s in zip(begin, size, strict=True)]
    return input_[tuple(slice(b, stop) for b, stop in zip(begin, stops, strict=True))]


def tf_one_hot(indices: Any, depth: int) -> Any:
    return ops.one_hot(indices, depth)


def tf_strided_slice(input_: Any, begin: Any, end: Any, strides: Any = None) -> Any:
    steps = strides or [1] * len(begin)
    return input_[tuple(slice(first, last, step) for first, last, step in zip(begin, end, steps, strict=True))]

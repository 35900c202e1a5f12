"""Functions that take more than one line of numpy: what Lambda layers call, as legacy Keras and TensorFlow have it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported, windows

Function = Callable[..., Any]


def tuple_of(axis: object) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def reduction(function: Function) -> Function:
    def reduce(x: Array, axis: object = None, keepdims: bool = False) -> Array:
        return np.asarray(function(x, axis=tuple_of(axis), keepdims=bool(keepdims)))

    return reduce


def logsumexp(x: Array, axis: Any, keepdims: bool) -> Array:
    top = x.max(axis, keepdims=True)
    found = np.log(np.exp(x - top).sum(axis, keepdims=True)) + top
    return np.asarray(found if keepdims else found.squeeze(axis))


def relu(x: Array, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Array:
    """f(x) = max for x >= max, x above the threshold, alpha * (x - threshold) below it (keras 2.2.4, backend.relu)."""
    # A maximum cuts at zero too, and so takes away what a negative threshold let through.
    above = x if max_value is None else np.clip(x, 0, max_value)
    return np.where(x > threshold if threshold else x >= 0, above, alpha * (x - threshold))


def l2_normalize(x: Array, axis: object = None, epsilon: float = 1e-12) -> Array:
    return np.asarray(x / np.sqrt(np.maximum((x * x).sum(tuple_of(axis), keepdims=True), epsilon)))


def normalize(x: Array, axis: object = -1, order: int = 2, epsilon: float | None = None) -> Array:
    if order != 2:
        raise Unsupported(f"the reference does not know how to normalize by order {order}")
    return l2_normalize(x, axis, (epsilon or 1e-7) ** 2)


def clip(x: Array, low: float | None, high: float | None) -> Array:
    low, high = (-np.inf if low is None else low), (np.inf if high is None else high)
    return np.minimum(np.maximum(x, low), max(low, high))


def reshape(x: Array, shape: Sequence[int | None]) -> Array:
    return x.reshape([-1 if size is None else int(size) for size in shape])


def batch_dot(x: Array, y: Array, axes: Any = None) -> Array:
    if axes is None:
        axes = (x.ndim - 1, max(y.ndim - 2, 1))
    one, two = (axes, axes) if isinstance(axes, int) else axes
    if x.ndim > 3 or y.ndim > 3:
        raise Unsupported("the reference does not know batch_dot of more than three dimensions")
    rows = [np.tensordot(a, b, ((one % x.ndim - 1,), (two % y.ndim - 1,))) for a, b in zip(x, y, strict=True)]
    found = np.stack(rows)
    return found[:, None] if found.ndim == 1 else found


def dot(x: Array, y: Array) -> Array:
    return np.tensordot(x, y, ((x.ndim - 1,), (max(y.ndim - 2, 0),)))


def arange(start: float, stop: float | None = None, step: float = 1, dtype: str = "int32") -> Array:
    """Keras casts to any other type than int32, and leaves that to the numbers (keras 2.2.4, backend.arange)."""
    made = np.arange(0, start, step) if stop is None else np.arange(start, stop, step)
    return made if dtype == "int32" else as_type(made, dtype)


def switch(condition: Array, then: Array, other: Array) -> Array:
    wide = np.asarray(condition).reshape(np.shape(condition) + (1,) * (np.ndim(then) - np.ndim(condition)))
    return np.where(wide, then, other)


def select(condition: Array, x: Array, y: Array) -> Array:
    """`tf.where` of TensorFlow 1: a condition of one axis chooses samples (1.15, ops/array_ops.py)."""
    if np.ndim(condition) not in (1, np.ndim(x)):
        raise Unsupported("a condition of another rank than what it chooses from was an error in TensorFlow 1")
    return switch(condition, x, y)


def split(value: Array, num_or_size_splits: Any, axis: int = 0) -> list[Array]:
    parts = num_or_size_splits
    return np.split(value, parts if isinstance(parts, int) else np.cumsum(parts)[:-1], axis)


def unstack(value: Array, num: object = None, axis: int = 0) -> list[Array]:
    return list(np.moveaxis(value, axis, 0))


def norm(x: Array, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False) -> Array:  # noqa: A002
    """An order over two axes is one of matrices, over all axes one of a single long vector (TensorFlow, ops/linalg_ops.py)."""
    if ord == "euclidean":
        return np.asarray(np.sqrt(reduction(np.sum)(x * x, axis, keepdims)))
    if isinstance(ord, str):
        raise Unsupported(f"the reference does not know norms of order {ord}")
    if axis is None:
        return np.linalg.norm(x.ravel(), ord).reshape([1] * x.ndim if keepdims else ())
    return np.asarray(np.linalg.norm(x, ord, tuple_of(axis), keepdims))


def matmul(a: Array, b: Array, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    return (np.swapaxes(a, -1, -2) if transpose_a else a) @ (np.swapaxes(b, -1, -2) if transpose_b else b)


def one_hot(indices: Array, depth: int) -> Array:
    return np.asarray(np.asarray(indices).astype(int)[..., None] == np.arange(depth), np.float64)


def depth_to_space(x: Array, block_size: int, data_format: str = "NHWC") -> Array:
    size = block_size
    found = np.zeros((len(x), x.shape[1] * size, x.shape[2] * size, x.shape[3] // size**2))
    for row in range(size):
        for column in range(size):
            first = (row * size + column) * found.shape[3]
            found[:, row::size, column::size] = x[..., first : first + found.shape[3]]
    return found


def space_to_depth(x: Array, block_size: int, data_format: str = "NHWC") -> Array:
    size = block_size
    return np.concatenate([x[:, row::size, column::size] for row in range(size) for column in range(size)], -1)


def repeated(x: Array, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest") -> Array:
    if interpolation != "nearest":
        raise Unsupported("the reference resizes by the nearest pixel alone")
    first = 2 if data_format == "channels_first" else 1
    return x.repeat(height_factor, first).repeat(width_factor, first + 1)


def line(held: int, wanted: int, method: str, half: bool, align: bool) -> Array:
    """(wanted, held): how much of each held pixel makes each wanted one."""
    scale = (held - 1) / (wanted - 1) if align and wanted > 1 else held / wanted
    matrix = np.zeros((wanted, held))
    for place in range(wanted):
        at = (place + 0.5) * scale - 0.5 if half else place * scale
        if method == "nearest":
            chosen = math.floor((place + 0.5) * scale) if half else math.floor(at + 0.5) if align else math.floor(at)
            matrix[place, min(chosen, held - 1)] = 1
            continue
        low = math.floor(at)
        for pixel, part in ((low, 1 - (at - low)), (low + 1, at - low)):
            matrix[place, min(max(pixel, 0), held - 1)] += part
    return matrix


def resized(x: Array, size: Sequence[int], method: Any, half: bool, align: bool = False) -> Array:
    name = {0: "bilinear", 1: "nearest"}.get(method, method)
    if name not in {"bilinear", "nearest"}:
        raise Unsupported(f"the reference does not know a resize by {name}")
    rows, columns = (line(held, int(wanted), name, half, align) for held, wanted in zip(x.shape[1:3], size, strict=True))
    return np.asarray(np.einsum("oi,bijc,pj->bopc", rows, x, columns))


def resize_2(
    x: Array, size: Sequence[int], method: object = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False
) -> Array:
    if preserve_aspect_ratio or antialias:
        raise Unsupported("the reference does not know this resize")
    return resized(x, size, method, True)


def resize_1(x: Array, size: Sequence[int], method: object = 0, align_corners: bool = False) -> Array:
    return resized(x, size, method, False, align_corners)


def pad(x: Array, paddings: Any, mode: str = "CONSTANT", constant_values: float = 0) -> Array:
    if mode.upper() == "CONSTANT":
        return np.pad(x, paddings, constant_values=constant_values)
    return np.pad(x, paddings, mode="reflect" if mode.upper() == "REFLECT" else "symmetric")


def scaled(x: Array) -> Array:
    return x / 127.5 - 1


def centered(x: Array) -> Array:
    return np.asarray(x[..., ::-1] - np.array([103.939, 116.779, 123.68]))


def as_type(x: object, dtype: str) -> Array:
    """A cast: whole numbers are cut, as TensorFlow does."""
    return np.asarray(x).astype(np.float64 if "float" in dtype else dtype)


def gelu(x: Array, approximate: bool) -> Array:
    if approximate:
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))))


def _of_space(size: Any) -> list[int]:
    """Rows and columns of the size of a window; TensorFlow takes one number, two, or four with those of samples and channels."""
    every = [size] if isinstance(size, int) else list(size)
    if len(every) == 4:
        if every[0] != 1 or every[3] != 1:
            raise Unsupported("the reference does not pool over samples or channels")
        every = every[1:3]
    return every * 2 if len(every) == 1 else every


def gray(images: Array) -> Array:
    if images.dtype.kind != "f":
        raise Unsupported("the reference does not know how TensorFlow rounds the gray of whole numbers")
    return np.asarray((images * [0.2989, 0.587, 0.114]).sum(-1, keepdims=True))


def pooled(x: Array, ksize: object, strides: object, padding: str, best: bool) -> Array:
    """Max or average pooling of pictures; averages leave out what lies outside (tf.nn.avg_pool)."""
    size, steps = (_of_space(part) for part in (ksize, strides))
    if best:
        return np.asarray(windows(x, size, steps, [1, 1], padding.lower(), -np.inf).max((3, 4)))
    total = windows(x, size, steps, [1, 1], padding.lower()).sum((3, 4))
    return np.asarray(total / windows(np.ones_like(x), size, steps, [1, 1], padding.lower()).sum((3, 4)))

"""Functions that Lambda layers call, in numpy, by canonical name (keras 2.2.4, tensorflow_backend.py; TensorFlow's own documentation)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.reference.functions import ACTIVATIONS, Array, Unsupported, softmax

Function = Callable[..., Any]


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _reduction(function: Function) -> Function:
    def reduce(x: Array, axis: Any = None, keepdims: bool = False) -> Array:
        return np.asarray(function(x, axis=_axes(axis), keepdims=bool(keepdims)))

    return reduce


def _logsumexp(x: Array, axis: Any, keepdims: bool) -> Array:
    top = x.max(axis, keepdims=True)
    found = np.log(np.exp(x - top).sum(axis, keepdims=True)) + top
    return np.asarray(found if keepdims else found.squeeze(axis))


def _relu(x: Array, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0) -> Array:
    """f(x) = max for x >= max, x above the threshold, alpha * (x - threshold) below it (keras 2.2.4, backend.relu)."""
    above = x if max_value is None else np.minimum(x, max_value)
    return np.where(x > threshold if threshold else x >= 0, above, alpha * (x - threshold))


def _l2(x: Array, axis: Any = None, epsilon: float = 1e-12) -> Array:
    return np.asarray(x / np.sqrt(np.maximum((x * x).sum(_axes(axis), keepdims=True), epsilon)))


def _clip(x: Array, low: float | None, high: float | None) -> Array:
    low, high = (-np.inf if low is None else low), (np.inf if high is None else high)
    return np.minimum(np.maximum(x, low), max(low, high))


def _reshape(x: Array, shape: Sequence[int | None]) -> Array:
    return x.reshape([-1 if size is None else int(size) for size in shape])


def _batch_dot(x: Array, y: Array, axes: Any = None) -> Array:
    if axes is None:
        axes = (x.ndim - 1, max(y.ndim - 2, 1))
    one, two = (axes, axes) if isinstance(axes, int) else axes
    if x.ndim > 3 or y.ndim > 3:
        raise Unsupported("the reference does not know batch_dot of more than three dimensions")
    rows = [np.tensordot(a, b, ((one % x.ndim - 1,), (two % y.ndim - 1,))) for a, b in zip(x, y, strict=True)]
    found = np.stack(rows)
    return found[:, None] if found.ndim == 1 else found


def _dot(x: Array, y: Array) -> Array:
    return np.tensordot(x, y, ((x.ndim - 1,), (max(y.ndim - 2, 0),)))


def _switch(condition: Array, then: Array, other: Array) -> Array:
    wide = np.asarray(condition).reshape(np.shape(condition) + (1,) * (np.ndim(then) - np.ndim(condition)))
    return np.where(wide, then, other)


def _split(value: Array, num_or_size_splits: Any, axis: int = 0) -> list[Array]:
    parts = num_or_size_splits
    return np.split(value, parts if isinstance(parts, int) else np.cumsum(parts)[:-1], axis)


def _unstack(value: Array, num: Any = None, axis: int = 0) -> list[Array]:
    return list(np.moveaxis(value, axis, 0))


def _norm(x: Array, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False) -> Array:  # noqa: A002
    if ord not in ("euclidean", 1, 2, np.inf):
        raise Unsupported(f"the reference does not know norms of order {ord}")
    return np.asarray(_NORMS[1 if ord == 1 else np.inf if ord == np.inf else 2](x, _axes(axis), keepdims))


_NORMS: Mapping[float, Function] = {
    1: lambda x, axis, keep: np.abs(x).sum(axis, keepdims=keep),
    2: lambda x, axis, keep: np.sqrt((x * x).sum(axis, keepdims=keep)),
    np.inf: lambda x, axis, keep: np.abs(x).max(axis, keepdims=keep),
}


def _matmul(a: Array, b: Array, transpose_a: bool = False, transpose_b: bool = False) -> Array:
    return (np.swapaxes(a, -1, -2) if transpose_a else a) @ (np.swapaxes(b, -1, -2) if transpose_b else b)


def _one_hot(indices: Array, depth: int) -> Array:
    return np.asarray(np.asarray(indices).astype(int)[..., None] == np.arange(depth), np.float64)


def _depth_to_space(x: Array, block_size: int, data_format: str = "NHWC") -> Array:
    size = block_size
    found = np.zeros((len(x), x.shape[1] * size, x.shape[2] * size, x.shape[3] // size**2))
    for row in range(size):
        for column in range(size):
            first = (row * size + column) * found.shape[3]
            found[:, row::size, column::size] = x[..., first : first + found.shape[3]]
    return found


def _space_to_depth(x: Array, block_size: int, data_format: str = "NHWC") -> Array:
    size = block_size
    return np.concatenate([x[:, row::size, column::size] for row in range(size) for column in range(size)], -1)


def _repeated(x: Array, height_factor: int, width_factor: int, data_format: str, interpolation: str = "nearest") -> Array:
    if interpolation != "nearest":
        raise Unsupported("the reference resizes by the nearest pixel alone")
    first = 2 if data_format == "channels_first" else 1
    return x.repeat(height_factor, first).repeat(width_factor, first + 1)


def _line(held: int, wanted: int, method: str, half: bool, align: bool) -> Array:
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


def _resized(x: Array, size: Sequence[int], method: Any, half: bool, align: bool = False) -> Array:
    name = {0: "bilinear", 1: "nearest"}.get(method, method)
    if name not in {"bilinear", "nearest"}:
        raise Unsupported(f"the reference does not know a resize by {name}")
    rows, columns = (_line(held, int(wanted), name, half, align) for held, wanted in zip(x.shape[1:3], size, strict=True))
    return np.einsum("oi,bijc,pj->bopc", rows, x, columns)


def _resize_2(
    x: Array, size: Sequence[int], method: Any = "bilinear", preserve_aspect_ratio: bool = False, antialias: bool = False
) -> Array:
    if preserve_aspect_ratio or antialias:
        raise Unsupported("the reference does not know this resize")
    return _resized(x, size, method, True)


def _resize_1(x: Array, size: Sequence[int], method: Any = 0, align_corners: bool = False) -> Array:
    return _resized(x, size, method, False, align_corners)


def _pad(x: Array, paddings: Any, mode: str = "CONSTANT", constant_values: float = 0) -> Array:
    if mode.upper() == "CONSTANT":
        return np.pad(x, paddings, constant_values=constant_values)
    return np.pad(x, paddings, mode="reflect" if mode.upper() == "REFLECT" else "symmetric")


def _scaled(x: Array) -> Array:
    return x / 127.5 - 1


def _centered(x: Array) -> Array:
    return x[..., ::-1] - np.array([103.939, 116.779, 123.68])


_REDUCTIONS: Mapping[str, Function] = {
    "mean": _reduction(np.mean), "sum": _reduction(np.sum), "max": _reduction(np.max), "min": _reduction(np.min),
    "prod": _reduction(np.prod), "std": _reduction(np.std), "var": _reduction(np.var), "any": _reduction(np.any),
    "all": _reduction(np.all), "logsumexp": _reduction(_logsumexp),
}  # fmt: skip
_ELEMENTWISE: Mapping[str, Function] = {
    "abs": np.abs, "square": np.square, "exp": np.exp, "log": np.log, "sign": np.sign, "round": np.round, "sin": np.sin,
    "cos": np.cos, "tanh": np.tanh, "pow": np.power, "maximum": np.maximum, "minimum": np.minimum, "equal": np.equal,
    "not_equal": np.not_equal, "greater": np.greater, "greater_equal": np.greater_equal, "less": np.less,
    "less_equal": np.less_equal, "zeros_like": np.zeros_like, "ones_like": np.ones_like, "sigmoid": ACTIVATIONS["sigmoid"],
    "softplus": ACTIVATIONS["softplus"], "softsign": ACTIVATIONS["softsign"], "identity": np.array, "stop_gradient": np.array,
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
}  # fmt: skip
_OF_KERAS: Mapping[str, Function] = {
    "argmax": lambda x, axis=-1: x.argmax(axis), "argmin": lambda x, axis=-1: x.argmin(axis),
    "cumsum": lambda x, axis=0: x.cumsum(axis), "cumprod": lambda x, axis=0: x.cumprod(axis),
    "sqrt": lambda x: np.sqrt(np.maximum(x, 0)), "clip": _clip, "relu": _relu, "softmax": softmax, "l2_normalize": _l2,
    "hard_sigmoid": ACTIVATIONS["hard_sigmoid"], "cast": lambda x, dtype: _as(x, dtype), "floatx": lambda: "float32", "epsilon": lambda: 1e-7,
    "expand_dims": lambda x, axis=-1: np.expand_dims(x, axis), "squeeze": lambda x, axis: x.squeeze(axis),
    "permute_dimensions": lambda x, pattern: x.transpose(pattern), "transpose": np.transpose,
    "concatenate": lambda tensors, axis=-1: np.concatenate(tensors, axis), "stack": lambda x, axis=0: np.stack(x, axis),
    "tile": lambda x, n: np.tile(x, n), "repeat": lambda x, n: x[:, None].repeat(n, 1),
    "repeat_elements": lambda x, rep, axis: x.repeat(rep, axis), "reverse": lambda x, axes: np.flip(x, _axes(axes)),
    "flatten": lambda x: x.reshape(-1), "batch_flatten": lambda x: x.reshape(len(x), -1), "reshape": _reshape,
    "gather": lambda reference, indices: reference[np.asarray(indices).astype(int)], "one_hot": _one_hot, "shape": np.shape,
    "int_shape": np.shape, "ndim": np.ndim, "constant": lambda value, dtype=None, shape=None: np.asarray(value, float), "dot": _dot,
    "batch_dot": _batch_dot, "switch": _switch, "resize_images/1": _repeated, "resize_images/2": _repeated,
    "spatial_2d_padding": lambda x, padding=((1, 1), (1, 1)), data_format=None: np.pad(
        x, [[0, 0], [0, 0], *padding] if data_format == "channels_first" else [[0, 0], *padding, [0, 0]]),
    "temporal_padding": lambda x, padding=(1, 1): np.pad(x, [[0, 0], padding, [0, 0]]),
}  # fmt: skip
_OF_TENSORFLOW: Mapping[str, Function] = {
    **{f"reduce_{name}": function for name, function in _REDUCTIONS.items() if name not in {"std", "var"}},
    "reduce_std": _REDUCTIONS["std"], "reduce_variance": _REDUCTIONS["var"],
    "moments": lambda x, axes, shift=None, keepdims=False: (_REDUCTIONS["mean"](x, axes, keepdims), _REDUCTIONS["var"](x, axes, keepdims)),
    "add": np.add, "subtract": np.subtract, "multiply": np.multiply, "divide": np.divide, "truediv": np.divide, "floormod": np.mod,
    "floordiv": np.floor_divide, "divide_no_nan": lambda x, y: np.where(y == 0, 0, x / np.where(y == 0, 1, y)),
    "squared_difference": lambda x, y: (x - y) ** 2, "add_n": sum, "sqrt": np.sqrt, "rsqrt": lambda x: 1 / np.sqrt(x), "expm1": np.expm1,
    "log1p": np.log1p, "negative": np.negative, "reciprocal": np.reciprocal, "floor": np.floor, "ceil": np.ceil, "tan": np.tan,
    "atan2": np.arctan2, "erf": np.vectorize(math.erf), "relu": lambda x: np.maximum(x, 0), "relu6": lambda x: np.clip(x, 0, 6),
    "selu": ACTIVATIONS["selu"], "leaky_relu": lambda x, alpha=0.2: np.where(x > 0, x, alpha * x), "swish": ACTIVATIONS["swish"],
    "silu": ACTIVATIONS["swish"], "softmax": softmax, "log_softmax": lambda x, axis=-1: np.log(softmax(x, axis)), "l2_normalize": _l2,
    "crelu": lambda x, axis=-1: np.maximum(np.concatenate([x, -x], axis), 0), "norm": _norm, "clip_by_value": lambda t, clip_value_min, clip_value_max: np.clip(t, clip_value_min, clip_value_max),
    "gelu": lambda x, approximate=False: _gelu(x, approximate), "cast": lambda x, dtype: _as(x, dtype),
    "to_float": lambda x: _as(x, "float32"), "expand_dims": lambda x, axis: np.expand_dims(x, axis), "squeeze": lambda x, axis=None: x.squeeze(_axes(axis)),
    "transpose": lambda a, perm=None: a.transpose(perm), "concat": lambda values, axis: np.concatenate(values, axis), "stack": lambda values, axis=0: np.stack(values, axis),
    "unstack": _unstack, "split": _split, "tile": lambda x, multiples: np.tile(x, multiples), "repeat": lambda x, repeats, axis=None: np.repeat(x, repeats, axis),
    "reverse": lambda tensor, axis: np.flip(tensor, _axes(axis)), "pad": _pad,
    "gather": lambda params, indices, axis=0: np.take(params, np.asarray(indices).astype(int), axis), "reshape": _reshape,
    "where": np.where, "one_hot": _one_hot, "argmax": lambda x, axis=0: x.argmax(axis), "argmin": lambda x, axis=0: x.argmin(axis),
    "cumsum": lambda x, axis=0: x.cumsum(axis), "einsum": np.einsum, "matmul": _matmul, "shape": np.shape, "rank": np.ndim,
    "slice": lambda x, begin, size: x[tuple(slice(b, None if s == -1 else b + s) for b, s in zip(begin, size, strict=True))],
    "constant": lambda value, dtype=None, shape=None: np.asarray(value), "convert_to_tensor": lambda value, dtype=None: np.asarray(value), "logical_and": np.logical_and,
    "logical_or": np.logical_or, "logical_not": np.logical_not, "depth_to_space": _depth_to_space, "space_to_depth": _space_to_depth,
    "image.resize/2": _resize_2, "image.resize/1": _resize_1, "image.resize_images": _resize_1,
    "image.resize_bilinear": lambda x, size, align_corners=False: _resize_1(x, size, 0, align_corners),
    "image.resize_nearest_neighbor": lambda x, size, align_corners=False: _resize_1(x, size, 1, align_corners),
    "image.rgb_to_grayscale": lambda x: (x * [0.2989, 0.587, 0.114]).sum(-1, keepdims=True),
    "image.flip_left_right": lambda x: x[..., ::-1, :], "image.flip_up_down": lambda x: x[..., ::-1, :, :],
}  # fmt: skip
_OF_OPS: Mapping[str, Function] = {
    **{name: _OF_TENSORFLOW[name] for name in ("relu", "relu6", "silu", "softmax", "sqrt", "rsqrt", "einsum", "floor", "add", "subtract", "multiply")},
    **{name: _OF_KERAS[name] for name in ("expand_dims", "concatenate", "reshape", "clip", "argmax", "cumsum")},
    "stack": _OF_KERAS["stack"], "where": np.where, "transpose": lambda x, axes=None: np.transpose(x, axes), "matmul": np.matmul,
    "power": np.power, "squeeze": lambda x, axis=None: np.squeeze(x, _axes(axis)), "flip": lambda x, axis=None: np.flip(x, axis),
    "absolute": np.abs, "divide": np.divide, "swapaxes": np.swapaxes, "tile": np.tile, "shape": np.shape, "cast": lambda x, dtype: _as(x, dtype),
}  # fmt: skip
_FAMILIES = {
    "mobilenet": _scaled, "mobilenet_v2": _scaled, "xception": _scaled, "inception_v3": _scaled, "inception_resnet_v2": _scaled,
    "resnet_v2": _scaled, "vgg16": _centered, "vgg19": _centered, "resnet50": _centered, "resnet": _centered,
}  # fmt: skip
_OF_PYTHON: Mapping[str, Function] = {
    "python.len": len, "python.int": int, "python.float": float, "python.abs": np.abs, "python.list": list, "python.tuple": tuple,
    "np.array": lambda object, dtype=None: np.asarray(object, float), "np.sqrt": math.sqrt, "np.log": math.log, "np.exp": math.exp,
    "np.prod": math.prod, "math.sqrt": math.sqrt, "math.log": math.log, "math.exp": math.exp, "math.floor": math.floor,
    "math.ceil": math.ceil,
}  # fmt: skip


def _as(x: Any, dtype: str) -> Array:
    """A cast: whole numbers are cut, as TensorFlow does."""
    return np.asarray(x).astype(np.float64 if "float" in dtype else dtype)


def _gelu(x: Array, approximate: bool) -> Array:
    if approximate:
        return np.asarray(0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))))
    return np.asarray(0.5 * x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))))


CALLS: Mapping[str, Function] = {
    **{f"K.{name}": function for name, function in {**_ELEMENTWISE, **_REDUCTIONS, **_OF_KERAS}.items()},
    **{f"tf.{name}": function for name, function in {**_ELEMENTWISE, **_OF_TENSORFLOW}.items()},
    **{f"keras.activations.{name}": ACTIVATIONS[name] for name in ("sigmoid", "tanh", "softplus", "swish", "linear")},
    **{f"ops.{name}": function for name, function in {**_ELEMENTWISE, **_REDUCTIONS, **_OF_OPS}.items()},
    "keras.activations.relu": _relu,
    "keras.activations.softmax": softmax,
    "keras.activations.elu": _ELEMENTWISE["elu"],
    **{f"keras.applications.{family}.preprocess_input": function for family, function in _FAMILIES.items()},
    **_OF_PYTHON,
}
"""By canonical name; "/1" and "/2" where the generations of TensorFlow differ."""

"""Activations and windows in numpy, as legacy Keras on TensorFlow computed them (keras 2.2.4, tensorflow_backend.py)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from layerfix.arrays import Array


class Unsupported(Exception):  # noqa: N818 - it is an answer, not a fault
    """A layer or setting that the reference does not know; the sentence says which."""


def softmax(x: Array, axis: int = -1) -> Array:
    e = np.exp(x - x.max(axis, keepdims=True))
    return np.asarray(e / e.sum(axis, keepdims=True))


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))  # 1 / (1 + exp(-x)) overflows for large -x


_erf = np.vectorize(math.erf, otypes=[float])

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
    "hard_sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1),
    "softmax": softmax,
    "softplus": lambda x: np.logaddexp(x, 0),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "selu": lambda x: 1.0507009873554805 * np.where(x > 0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0))),
    "exponential": np.exp,
    "swish": lambda x: x * _sigmoid(x),
    "silu": lambda x: x * _sigmoid(x),
    "relu6": lambda x: np.clip(x, 0, 6),
    "gelu": lambda x: 0.5 * x * (1 + _erf(x / math.sqrt(2))),
    "mish": lambda x: x * np.tanh(np.logaddexp(x, 0)),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "log_softmax": lambda x: x - x.max(-1, keepdims=True) - np.log(np.exp(x - x.max(-1, keepdims=True)).sum(-1, keepdims=True)),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "log_sigmoid": lambda x: -np.logaddexp(-x, 0),
    "celu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
}
HARD_SIGMOID3 = "keras3.hard_sigmoid"
"""Today's hard sigmoid, which bends at 3 (keras 3, activations.py): Keras 2's bends at 2.5."""
ACTIVATIONS[HARD_SIGMOID3] = lambda x: np.clip(x / 6 + 0.5, 0, 1)


def activate(name: object, x: Array) -> Array:
    """Raises Unsupported for a function that is not one of legacy Keras' own."""
    if name is None:
        return x
    if isinstance(name, Mapping):  # a layer as activation, or Keras 3's form of a function
        inner = name.get("config")
        name = inner if isinstance(inner, str) else name.get("class_name")
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise Unsupported(f"the reference does not know the activation {name!r}")
    return np.asarray(ACTIVATIONS[name](x))


def pads(length: int, size: int, stride: int, dilation: int, padding: str) -> tuple[int, int]:
    """Places added before and after, as TensorFlow does: "same" puts the odd one behind, "causal" all before."""
    span = (size - 1) * dilation + 1
    if padding == "causal":
        return span - 1, 0
    if padding != "same":
        return 0, 0
    total = max((math.ceil(length / stride) - 1) * stride + span - length, 0)
    return total // 2, total - total // 2


def windows(x: Array, size: Sequence[int], strides: Sequence[int], dilation: Sequence[int], padding: str, fill: float = 0.0) -> Array:
    """Windows over the space of (batch, space..., channels): (batch, places..., window..., channels)."""
    rank = len(size)
    spaces = x.shape[1 : 1 + rank]
    around = [pads(*item, padding) for item in zip(spaces, size, strides, dilation, strict=True)]
    x = np.pad(x, [(0, 0), *around, (0, 0)], constant_values=fill)
    spans = [(s - 1) * d + 1 for s, d in zip(size, dilation, strict=True)]
    view = np.lib.stride_tricks.sliding_window_view(x, spans, axis=tuple(range(1, 1 + rank)))  # batch, places, channels, window
    steps = tuple(slice(None, None, step) for step in strides)
    inside = tuple(slice(None, None, step) for step in dilation)
    view = view[(slice(None), *steps, slice(None), *inside)]
    return np.moveaxis(view, 1 + rank, -1)

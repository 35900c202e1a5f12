"""Merging layers and functions: Keras 2's classes, their functional forms, and Keras 1's `merge` with its modes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras
import tensorflow as tf
from keras.src import backend

from layerfix.errors import LayersError
from layerfix.graph.shim import backend_math
from layerfix.graph.shim.base import Recording
from layerfix.graph.shim.stock import Stock, stock_class
from layerfix.graph.tensors import Held, Size, Tensor
from layerfix.graph.trace import muted, recorder, scope

Inputs: TypeAlias = Sequence[Held]
_NAMES = {
    "add": "Add",
    "subtract": "Subtract",
    "multiply": "Multiply",
    "average": "Average",
    "maximum": "Maximum",
    "minimum": "Minimum",
    "concatenate": "Concatenate",
}
_MODES = {"sum": "add", "mul": "multiply", "ave": "average", "max": "maximum", "concat": "concatenate"}


class Dot(Stock, keras.layers.Layer, metaclass=Recording):
    """Legacy `Dot`: keras 2.2.4's `K.batch_dot`, which for more than three dimensions is not today's contraction."""

    legacy_class = "Dot"

    def __init__(self, axes: Size, normalize: bool = False, **kwargs: Any) -> None:
        self._legacy = {"axes": axes, "normalize": normalize}
        with muted():
            keras.layers.Layer.__init__(self, **kwargs)
        self.axes, self.normalize = axes, normalize
        recorder.emit("made", self, kwargs.get("name"))

    def build(self, input_shape: object) -> None:
        self.built = True

    def call(self, inputs: Inputs) -> Tensor:
        one, other = inputs
        axes = (self.axes, self.axes) if isinstance(self.axes, int) else tuple(self.axes)
        axes = tuple(axis % len(x.shape) for axis, x in zip(axes, (one, other), strict=True))
        if self.normalize:
            one, other = tf.nn.l2_normalize(one, axes[0]), tf.nn.l2_normalize(other, axes[1])
        return backend_math.batch_dot(one, other, axes)

    def compute_output_spec(self, inputs: Inputs) -> Tensor:
        return backend.compute_output_spec(self.call, inputs)


def _function(name: str) -> Callable[..., Any]:
    def function(inputs: Inputs, **kwargs: Any) -> Tensor:
        return stock_class(name)(**kwargs)(inputs)

    return function


def dot(inputs: Inputs, axes: Size, normalize: bool = False, **kwargs: Any) -> Tensor:
    return Dot(axes=axes, normalize=normalize, **kwargs)(inputs)


def concatenate(inputs: Inputs, axis: int = -1, **kwargs: Any) -> Tensor:
    return stock_class("Concatenate")(axis=axis, **kwargs)(inputs)


FUNCTIONS: dict[str, Callable[..., Any]] = {name: _function(class_name) for name, class_name in _NAMES.items()} | {
    "dot": dot,
    "concatenate": concatenate,
}
CLASSES: dict[str, type] = {"Dot": Dot}


def merge(inputs: Inputs, mode: str = "sum", concat_axis: int = -1, dot_axes: Size = -1, name: str | None = None, **ignored: Any) -> Tensor:
    """Keras 1's functional merge.

    Raises:
        LayersError: for a mode that is a function.
    """
    if mode == "concat":
        return concatenate(inputs, axis=concat_axis, name=name)
    if mode in {"dot", "cos"}:
        return dot(inputs, axes=dot_axes, normalize=mode == "cos", name=name)
    if mode not in _MODES:
        raise LayersError(f"Keras 1's merge(mode={mode!r}) is not known here.", hint="Write it with backend functions.")
    return FUNCTIONS[_MODES[mode]](inputs, name=name)


class Merge:
    """Keras 1's `Merge(mode=...)`, called with a list of tensors."""

    def __init__(self, layers: Any = None, mode: str = "sum", **kwargs: Any) -> None:
        self.mode, self.settings = mode, kwargs

    def __call__(self, inputs: Inputs) -> Tensor:
        return merge(inputs, self.mode, **self.settings)


__all__ = ["CLASSES", "FUNCTIONS", "Dot", "Merge", "concatenate", "dot", "merge", "scope"]

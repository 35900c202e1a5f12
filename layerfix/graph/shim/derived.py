"""Base of user classes that derive from a stock layer: its own weights are one unit, and what the class adds is traced beside it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras

from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.held_layer import with_wrapped, wrapped_config
from layerfix.graph.shim.saving import SavedWhole
from layerfix.graph.trace import muted, recorder

_RECURRENT = ("mask", "training", "initial_state")
"""The order of a recurrent layer's call arguments behind its inputs (keras 2.2.4, layers/recurrent.py), which today's is not."""

_OF_CELLS = frozenset({"RNN", "SimpleRNN", "LSTM", "GRU", "CuDNNLSTM", "CuDNNGRU", "ConvLSTM2D", "Bidirectional", "TimeDistributed"})


class Derived(LegacyLayer):
    """Stands before a stock class: what the stock class does by itself is Keras' own affair and no event.

    Attributes:
        stock_variables: the weights that the stock class has made, in today's order.
    """

    stock_variables: list[Any]
    _stock_class: Callable[[str], type]
    _trainable_weights: Any = None  # stands before the property of stock classes; each layer has lists of its own
    _non_trainable_weights: Any = None

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        layer = super().__new__(cls, *args, **kwargs)
        object.__setattr__(layer, "stock_variables", [])
        return layer

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super(SavedWhole, self).__init__(*args, **kwargs)

    def __setattr__(self, name: str, value: object) -> None:
        if recorder.muted:
            super(LegacyLayer, self).__setattr__(name, value)
        else:
            super().__setattr__(name, value)

    def build(self, input_shape: object = None) -> None:
        shape = tuple(input_shape) if isinstance(input_shape, list) and not isinstance(input_shape[0], list | tuple) else input_shape
        with muted():
            super(SavedWhole, self).build(shape)
        # By identity: variables compare element by element.
        new = [weight for weight in self.weights if not any(weight is other for other in self.stock_variables)]
        self.stock_variables += new
        self._trainable_weights += [weight for weight in new if weight.trainable]
        self._non_trainable_weights += [weight for weight in new if not weight.trainable]
        if new:
            recorder.emit("weights", self)

    def add_weight(self, *args: Any, **kwargs: Any) -> Any:
        own = super(SavedWhole, self).add_weight if recorder.muted else super().add_weight
        return own(*args, **kwargs)

    def compute_mask(self, inputs: object, mask: object = None) -> Any:
        return super(SavedWhole, self).compute_mask(inputs, mask)

    def get_config(self) -> dict[str, Any]:
        return {**super(SavedWhole, self).get_config(), **super().get_config(), **wrapped_config(self)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**with_wrapped(config, cls._stock_class))

    def _legacy_weights(self, *, trainable: bool) -> list[Any]:
        weights = super()._legacy_weights(trainable=trainable)
        if keeps_to_itself(self):
            weights = [weight for weight in weights if any(weight is own for own in self.stock_variables)]
        return weights

    def own_variables(self) -> list[Any]:
        return self.stock_variables


def keeps_to_itself(layer: keras.layers.Layer) -> bool:
    """Whether legacy Keras knew the weights of a layer's cell or inner layer alone (keras 2.2.4, layers/recurrent.py, wrappers.py)."""
    return getattr(layer, "legacy_class", "") in _OF_CELLS


def derived_class(stock: type, stock_class: Callable[[str], type]) -> type:
    """What a class of the user's gets for its base where its source names a stock layer; `stock_class` finds others by name."""
    parent: Any = stock.__mro__[2]

    @functools.wraps(parent.call)
    def call(self: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if "initial_state" in _arguments(parent.call):
            kwargs |= dict(zip(_RECURRENT, args, strict=False))
            args = ()
        first = not self.stock_called
        object.__setattr__(self, "stock_called", True)
        with muted():
            outputs = parent.call(self, inputs, *args, **kwargs)
        recorder.emit("called", self, first)
        return outputs

    names = {
        "call": call,
        "compute_output_shape": parent.compute_output_shape,
        "stock_called": False,
        "_stock_class": staticmethod(stock_class),
        "__module__": __name__,
    }
    return type(stock)(f"{stock.__name__}", (Derived, stock), names)


def _arguments(function: Callable[..., Any]) -> tuple[str, ...]:
    return function.__code__.co_varnames[: function.__code__.co_argcount]

"""Legacy `Wrapper`: the base of user classes around one layer, which Keras tracked."""

from __future__ import annotations

from typing import Any

import keras

from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.held_layer import with_wrapped, wrapped_config
from layerfix.graph.shim.stock import stock_class


class Wrapper(LegacyLayer):
    """Legacy `Wrapper`: Keras tracked the one layer that it holds (keras 2.2.4, layers/wrappers.py)."""

    def __init__(self, layer: keras.layers.Layer, **kwargs: Any) -> None:
        self.layer = layer
        super().__init__(**kwargs)
        super(LegacyLayer, self).__setattr__("layer", layer)  # today's Keras tracks it too

    def _saved_variables(self) -> list[Any]:
        """The wrapped layer's weights before all others, as the emitted class saves them."""
        found = [*self.layer.weights, *super()._saved_variables()]
        return list({id(variable): variable for variable in found}.values())

    def build(self, input_shape: Any = None) -> None:
        self.built = True

    def _legacy_weights(self, *, trainable: bool) -> list[Any]:
        """Those of the wrapped layer alone."""
        return list(self.layer.trainable_weights if trainable else self.layer.non_trainable_weights)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), **wrapped_config(self)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        return cls(**with_wrapped(config, stock_class))

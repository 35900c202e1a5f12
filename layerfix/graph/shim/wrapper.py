"""Legacy `Wrapper`: the base of user classes around one layer, which Keras tracked."""

from __future__ import annotations

from typing import Any

import keras

from layerfix.graph.shim.base import LegacyLayer
from layerfix.graph.shim.stock import stock_class


class Wrapper(LegacyLayer):
    """Legacy `Wrapper`: Keras tracked the one layer that it holds (keras 2.2.4, layers/wrappers.py)."""

    def __init__(self, layer: Any, **kwargs: Any) -> None:
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
        """The wrapped layer's config is that of today's class, so that a saved model needs no shim."""
        name = type(self.layer).__name__
        own = isinstance(self.layer, LegacyLayer)
        home = {"module": None, "registered_name": name} if own else {"module": "keras.layers", "registered_name": None}
        return {**super().get_config(), "layer": {"class_name": name, "config": self.layer.get_config(), **home}}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        settings = dict(config)
        inner = settings.pop("layer")
        if isinstance(inner, dict):
            made = keras.saving.get_registered_object(inner["class_name"]) or stock_class(inner["class_name"])
            inner = made(**inner["config"])
        return cls(inner, **settings)

"""`Model`, `Sequential` and `Input` for user source that holds whole models inside a layer."""

from __future__ import annotations

from typing import Any

import keras

from layerfix.graph.shim.base import Recording
from layerfix.graph.shim.below import Below
from layerfix.graph.shim.stock import Stock
from layerfix.graph.trace import muted, recorder, scope


class _Traced(Below):
    """A model that notes when it was made and called; its layers note themselves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "input" in kwargs:  # Keras 1
            kwargs["inputs"], kwargs["outputs"] = kwargs.pop("input"), kwargs.pop("output")
        super().__init__(*args, **kwargs)
        recorder.emit("made", self, kwargs.get("name"))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with scope(self):
            return super().__call__(*args, **kwargs)


class Sequential(_Traced, keras.Sequential, metaclass=Recording):
    """Legacy Sequential: an input shape on its first layer builds each layer as it is added."""

    def add(self, layer: keras.layers.Layer, rebuild: bool = True) -> None:
        shape = getattr(layer, "legacy_batch_shape", None)
        with muted():
            if shape is not None and not self._layers:
                super().add(keras.Input(batch_shape=shape), rebuild=rebuild)
            super().add(layer, rebuild=True)
        if self.built and isinstance(layer, Stock):
            for kind in ("enter", "weights", "called", "exit"):
                recorder.emit(kind, layer, True if kind == "called" else None)


class Model(_Traced, keras.Model, metaclass=Recording):
    """Legacy functional model."""


InputLayer = keras.layers.InputLayer


def legacy_input(shape: Any = None, batch_shape: Any = None, name: str | None = None, dtype: Any = None, **ignored: Any) -> Any:
    """`Input` of legacy Keras."""
    return (
        keras.Input(shape=shape, batch_shape=batch_shape, name=name, dtype=dtype)
        if shape is None
        else keras.Input(tuple(shape), dtype=dtype, name=name)
    )

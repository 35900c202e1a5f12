"""The phases of a custom layer, and the end of its trace: `build` and `call` are noted while they run, then all they made is adopted."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import keras

from layerfix.graph.shim.explain import explained
from layerfix.graph.shim.saving import SavedWhole
from layerfix.graph.trace import frame, recorder


def finish(layer: SavedWhole) -> None:
    """The trace of an outermost layer is complete."""
    if not layer.traced:
        # What legacy Keras knew of, before adoption makes all of it tracked.
        object.__setattr__(layer, "tracked", [*layer.trainable_weights, *layer.non_trainable_weights])
        layer.traced = True
        adopt(layer)


def adopt(layer: SavedWhole) -> None:
    """Make every layer and variable of the trace one that Keras tracks: in `layer.weights`, in saves and in training."""
    inner = [event.subject for event in layer.events if event.kind == "made" and event.subject is not layer]
    held = {id(variable) for sublayer in inner for variable in _variables_of(sublayer)}
    for sublayer in inner:
        if sublayer.variables:
            layer._tracker.unlock()
            layer._tracker.add_to_store("layers", sublayer)
    for event in layer.events:
        if event.kind == "variable" and id(event.subject) not in held:
            layer._track_variable(event.subject)
    object.__setattr__(layer, "adopted", inner)


def _variables_of(layer: keras.layers.Layer) -> list[Any]:
    return layer.own_variables() if isinstance(layer, SavedWhole) else list(layer.variables)


def shape_of(inputs: Any) -> Any:
    """The static shape of a tensor, a list of them for a list of tensors."""
    if isinstance(inputs, list | tuple):
        return [shape_of(item) for item in inputs]
    return tuple(inputs.shape)


def in_build(method: Callable[..., Any]) -> Callable[..., Any]:
    source = source_of(method)

    @functools.wraps(method)
    def build(self: SavedWhole, *args: Any, **kwargs: Any) -> Any:
        at_work = recorder.frames and recorder.frames[-1].owner is self
        with explained(self, "build", source), contextlib.nullcontext() if at_work else frame(self, "build"):
            return method(self, *args, **kwargs)

    return build


def source_of(method: Callable[..., Any]) -> str:
    return str(getattr(getattr(method, "__code__", None), "co_filename", ""))


def in_call(method: Callable[..., Any]) -> Callable[..., Any]:
    source = source_of(method)

    @functools.wraps(method)
    def call(self: SavedWhole, *args: Any, **kwargs: Any) -> Any:
        if recorder.frames and recorder.frames[-1].owner is self and recorder.frames[-1].phase == "call":
            return method(self, *args, **kwargs)
        with explained(self, "call", source), frame(self, "call"):
            outputs = method(self, *args, **kwargs)
        if not recorder.frames:  # called by a wrapper, which goes past __call__
            finish(self)
        return outputs

    return call


def through_call(method: Callable[..., Any]) -> Callable[..., Any]:
    """A wrapper of today's Keras asks for the shape alone and never runs `call`, which must be traced."""

    @functools.wraps(method)
    def compute_output_shape(self: SavedWhole, input_shape: object, *args: Any, **kwargs: Any) -> Any:
        if self.built and not self.traced and not recorder.frames and isinstance(input_shape, tuple):
            self.compute_output_spec(keras.KerasTensor(input_shape, dtype=self.compute_dtype))
        return method(self, input_shape, *args, **kwargs)

    return compute_output_shape

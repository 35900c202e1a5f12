"""A live Keras 3 model from an architecture, one layer call after the other. Nothing that the file names is imported or run."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras

from layerfix.dialects.accepted import ACCEPTED, COMMON
from layerfix.dialects.keras2.settings import ACTIVATIONS
from layerfix.dialects.later import LATER
from layerfix.dialects.obstacles import function_names, unknown_function
from layerfix.dialects.records import understood
from layerfix.errors import GraphError, HostileError, LayersError
from layerfix.graph.calling import Outputs, as_graph, called, filled, misfit, ready
from layerfix.graph.lambdas import expression_model
from layerfix.graph.masks import composed_for_masks, mask_of
from layerfix.graph.operations import operation
from layerfix.graph.recursions import recursion
from layerfix.graph.shim.function_layer import FunctionLayer, makes_or_draws
from layerfix.graph.stated import name_operations, stated_operation
from layerfix.model import Call, Layer, Model, Operation

_EXPORTED = {"GroupedQueryAttention": "GroupQueryAttention"}
"""Classes that `keras.layers` calls otherwise."""
_UNSAID = frozenset({"zero_output_for_mask"})
"""Arguments that classes take without naming them."""


def build_model(architecture: Model, custom_objects: Mapping[str, object] | None = None) -> keras.Model:
    """The model that an architecture describes, with fresh weights.

    Args:
        architecture: `Upgraded.model`.
        custom_objects: the user's classes and functions by name; a `Lambda` layer takes the one of the layer's name or of its function's.

    Raises:
        GraphError: where a layer is unknown or does not fit, naming it; a Lambda without a given function is refused.
    """
    custom = dict(custom_objects or {})
    with keras.saving.custom_object_scope(custom):
        return _model(architecture, custom)


def _model(model: Model, custom: dict[str, Any], inputs: Sequence[keras.KerasTensor] = ()) -> keras.Model:
    if model.kind == "Sequential" and not composed_for_masks(model):
        return _sequential(model, custom)
    return _functional(as_graph(model), custom, inputs)


def _sequential(model: Model, custom: dict[str, Any]) -> keras.Sequential:
    built = keras.Sequential(name=model.name)
    made: Any = None
    for layer in model.layers:
        made = _made_late(layer, custom, _ends(built, made)) if _late(layer, custom) else make_layer(layer, custom)
        try:
            built.add(made)
        except (HostileError, LayersError):
            raise
        except Exception as error:
            raise misfit(layer, error) from error
        if layer.mask_lost and layer is not model.layers[-1]:
            raise GraphError(
                "a model inside a Sequential handed on no mask in tf.keras of TensorFlow 1.12, which a Sequential cannot say today.",
                where=layer.name,
            )
    return built


def _ends(model: keras.Sequential, last: object) -> Sequence[keras.KerasTensor]:
    """The tensors that a Sequential ends in; one that holds its InputLayer alone does not tell."""
    return [last.output] if isinstance(last, keras.layers.InputLayer) else model.outputs


def _functional(model: Model, custom: dict[str, Any], inputs: Sequence[keras.KerasTensor] = ()) -> keras.Model:
    """A functional model; one whose InputLayers state no shape takes those of the tensors it is called with."""
    known = {layer.name: layer for layer in model.layers}
    given = iter(inputs)
    layers: dict[str, Any] = {}
    outputs: Outputs = {}
    pending: list[tuple[Layer, int, Call]] = []
    for name, layer in known.items():
        if layer.is_input:
            layers[name] = _input_like(next(given, None), name) if _shapeless(layer) else make_layer(layer, custom)
            outputs[name, 0] = [layers[name].output]
        elif not _late(layer, custom):
            layers[name] = make_layer(layer, custom)
        pending += [(layer, index, call) for index, call in enumerate(layer.calls)]
    # A config lists layers as they were made, and a call may take what a later one gives.
    while pending:
        waiting = []
        for layer, index, call in pending:
            # Calls of one layer are counted: the second must not run before the first.
            if not ready(call, outputs, known) or ((layer.name, index - 1) not in outputs and index):
                waiting.append((layer, index, call))
                continue
            with understood(layer.name):
                if layer.name not in layers:
                    layers[layer.name] = _made_late(layer, custom, keras.tree.flatten(filled(call.args, outputs)))
                outputs[layer.name, index] = called(layers[layer.name], layer, call, outputs)
        if len(waiting) == len(pending):
            raise GraphError(f"layer {waiting[0][0].name!r} waits for inputs that no layer gives: the graph in the config is incomplete.")
        pending = waiting
    with understood(model.name):
        starts, ends = filled(model.inputs, outputs), filled(model.outputs, outputs)
        name_operations(keras.tree.flatten(ends), known.keys())
        return keras.Model(starts, ends, name=model.name)


def _shapeless(layer: Layer) -> bool:
    return layer.is_input and "batch_shape" not in layer.settings


def _takes_any_shape(layer: Layer) -> bool:
    """Whether a layer is a functional model that a rule wrote in place of one, for inputs of any shape."""
    return layer.model is not None and layer.model.kind == "Functional" and any(map(_shapeless, layer.model.layers))


def _input_like(tensor: keras.KerasTensor | None, name: str) -> keras.layers.InputLayer:
    if tensor is None:
        raise GraphError("the file does not hold the shape of this input.", where=name)
    return keras.layers.InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype, name=name)


def _late(layer: Layer, custom: Mapping[str, object]) -> bool:
    """Whether a layer can only be made when its input's shape is known."""
    if _read(layer):
        return not any(callable(custom.get(name)) for name in function_names(layer))
    return _takes_any_shape(layer) or (layer.class_name == "EinsumDense" and None in layer.settings.get("output_shape", ()))


def _read(layer: Layer) -> bool:
    """Whether a Lambda, alone or in a TimeDistributed, states what its function computes."""
    inner = layer.wrapped.get("layer") if layer.class_name == "TimeDistributed" else None
    return layer.computes is not None or (inner is not None and inner.computes is not None)


def _made_late(layer: Layer, custom: dict[str, Any], tensors: Sequence[keras.KerasTensor]) -> Any:
    if layer.computes is not None:
        return expression_model(layer, tensors)
    if _read(layer):
        shape = (tensors[0].shape[0], *tensors[0].shape[2:])
        inner = expression_model(layer.wrapped["layer"], [keras.KerasTensor(shape, tensors[0].dtype)])
        return keras.layers.TimeDistributed(inner, name=layer.name)
    if layer.model is not None:
        mask = mask_of(layer, tensors[0])
        if mask is not None and layer.masked is not None:
            return _model(layer.masked.model, custom, [*tensors, mask])
        return _model(layer.model, custom, tensors)
    rank = len(tensors[0].shape)
    config = dict(layer.settings)
    if layer.channels is not None:
        letters = "abcdefgh"[:rank]
        channel = letters[layer.channels]
        config |= {"equation": f"{letters},{channel}->{letters}", "output_shape": [None] * (rank - 1)}
        config["bias_axes"] = channel if config["bias_axes"] else None
    if "..." in config["equation"]:  # Keras 3.15 states the dimensions that an ellipsis stands for in reverse order
        config["equation"] = config["equation"].replace("...", "abdefghi"[: rank - 1])
        config["output_shape"] = [None] * (rank - 1)
    known = zip(config["output_shape"], tensors[0].shape[-len(config["output_shape"]) :], strict=True)
    config["output_shape"] = [own if own is not None else seen for own, seen in known]
    return make_layer(replace(layer, settings=config), custom)


def make_layer(layer: Layer, custom: dict[str, Any]) -> Any:
    """One layer of an architecture, unbuilt.

    Raises:
        GraphError: for a class that neither Keras nor the user has, or settings that it does not take.
    """
    if layer.model is not None:
        return _model(layer.model, custom)
    if layer.operation is not None:
        op = layer.operation
        return operation(op) if isinstance(op, Operation) else stated_operation(op, layer.name)
    name, config = layer.class_name, dict(layer.settings)
    config.setdefault("name", layer.name)
    if layer.recursion is not None:
        return recursion(layer)
    if name == "Lambda" and name not in custom:
        return _user_function(layer, config, custom)
    if name not in custom:
        for key in {"activation", "recurrent_activation"} & config.keys():
            config[key] = _given_activation(config[key], custom)
    cls = custom.get(name) or (
        None if layer.custom or name not in {*ACCEPTED, *LATER} else getattr(keras.layers, _EXPORTED.get(name, name), None)
    )
    if cls is None:
        raise GraphError(_whose(layer), where=layer.name, hint="Give its source with --layers FILE.py.")
    try:
        if name in custom:
            return cls.from_config(config)
        config |= {key: make_layer(inner, custom) for key, inner in layer.wrapped.items()}
        config |= {"cells": [make_layer(cell, custom) for cell in layer.cells]} if layer.cells else {}
        return cls(**_taken(cls, config))
    except (GraphError, LayersError):
        raise
    except Exception as error:
        raise misfit(layer, error) from error


def _taken(cls: Any, config: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without those that only a later Keras than the installed one has, where they are switched off."""
    known = inspect.signature(cls.__init__).parameters.keys() | COMMON | _UNSAID
    return {key: value for key, value in config.items() if key in known or not (value is None or value is False)}


def _given_activation(activation: Any, custom: Mapping[str, Any]) -> Any:
    """The user's function where the config names one that Keras itself did not know."""
    own = isinstance(activation, str) and activation not in ACTIVATIONS
    return custom.get(activation, activation) if own else activation


def _user_function(layer: Layer, config: dict[str, Any], custom: dict[str, Any]) -> Any:
    """A Lambda layer around the user's function; the code in the file is never looked at."""
    for name in function_names(layer):
        if callable(custom.get(name)):
            keep = {key: config[key] for key in ("name", "trainable", "dtype", "arguments") if config.get(key) is not None}
            if makes_or_draws(custom[name]):
                return FunctionLayer(custom[name], twice=config.get("output_shape") is None, **keep)
            return keras.layers.Lambda(custom[name], **keep)
    raise unknown_function(layer.stored_name, layer)


def _whose(layer: Layer) -> str:
    """What a class is that neither Keras nor the user has; one that bears a name of Keras' is told by its arguments."""
    name = layer.class_name
    if name not in ACCEPTED:
        return f"class {name} is not one of Keras' own layers."
    own = sorted(layer.settings.keys() - ACCEPTED[name] - COMMON - {"batch_input_shape"})
    why = f"its arguments are {', '.join(own)}" if own else "the file says that it is somebody's own, or of a release that had none"
    return f"class {name} is not Keras' {name}: {why}."

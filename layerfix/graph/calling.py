"""One call of a layer while a model is built: its tensors found, its arguments as today's Keras takes them, its masks as legacy Keras left
them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from layerfix.errors import GraphError, HostileError, LayersError, reason
from layerfix.graph.masks import keep_legacy_mask, mask_of, pass_mask, refuse_mask_inside, without_masks
from layerfix.model import Argument, Call, Layer, Model, Tensor, tensors

_RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
Outputs = dict[tuple[str, int], list[keras.KerasTensor]]
"""Symbolic tensors by (layer, call)."""


def as_graph(model: Model) -> Model:
    """A model as a graph: a Sequential's layers, each called on the one before it.

    Raises:
        GraphError: for a Sequential whose input's shape is not known.
    """
    if model.kind == "Functional":
        return model
    first, *others = model.layers
    if not first.is_input:
        raise GraphError("the file does not hold the shape of this model's input.", where=model.name)
    ends = [Tensor(layer.name, 0, 0) for layer in model.layers]
    chained = (replace(layer, calls=(Call((end,)),)) for layer, end in zip(others, ends[:-1], strict=True))
    return Model("Functional", model.name, (first, *chained), ends[0], ends[-1])


def ready(call: Call, outputs: Outputs, known: Collection[str]) -> bool:
    """Whether every tensor that a call takes is there."""
    wanted = [*tensors(call.args), *tensors(call.kwargs)]
    stray = next((tensor.layer for tensor in wanted if tensor.layer not in known), None)
    if stray is not None:
        raise GraphError(f"the config names an inbound layer {stray!r} that it does not hold.")
    return all((tensor.layer, tensor.call) in outputs for tensor in wanted)


def filled(argument: Argument, outputs: Outputs) -> Any:
    """An argument with its tensors in place."""
    if isinstance(argument, Tensor):
        made = outputs.get((argument.layer, argument.call), [])
        if not 0 <= argument.place < len(made):
            raise GraphError(
                f"the config names output {argument.place} of call {argument.call} of {argument.layer!r}, which has none such."
            )
        return made[argument.place]
    if isinstance(argument, Mapping):
        return {key: filled(item, outputs) for key, item in argument.items()}
    if isinstance(argument, list | tuple):
        return type(argument)(filled(item, outputs) for item in argument)
    return argument


def called(live: keras.Model, layer: Layer, call: Call, outputs: Outputs) -> list[keras.KerasTensor]:
    """The outputs of a call whose tensors are all there.

    Raises:
        GraphError: where the layer does not take what the file says.
    """
    args, kwargs = filled(call.args, outputs), filled(call.kwargs, outputs)
    return _as_stated(live, layer, args, kwargs) if call.complete else _as_keras_2(live, layer, args[0], kwargs)


def _as_stated(live: keras.Model, layer: Layer, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[keras.KerasTensor]:
    """Calls a layer or an operation with all the arguments that Keras 3 recorded, masks among them."""
    if layer.unmasked:
        args = without_masks(args)
    try:
        result = live(*args, **kwargs)
    except (HostileError, LayersError):
        raise
    except Exception as error:
        raise misfit(layer, error) from error
    outputs = list(keras.tree.flatten(result))
    if layer.mask_lost:  # an operation passes no mask on
        outputs = [keras.ops.copy(tensor) if keras.src.backend.get_keras_mask(tensor) is not None else tensor for tensor in outputs]
    return outputs


def _as_keras_2(live: keras.Model, layer: Layer, inputs: Any, arguments: dict[str, Any]) -> list[keras.KerasTensor]:
    """Calls a layer; several inputs of a recurrent layer are its sequence and its initial state (keras 2.2.4, recurrent.py, `__call__`)."""
    if layer.class_name in _RECURRENT and isinstance(inputs, list):
        arguments["initial_state"] = inputs[1:]
        inputs = inputs[0]
    if layer.class_name in _RECURRENT and arguments.get("initial_state") is not None and "mask" not in arguments:
        mask = getattr(inputs, "_keras_mask", None)  # Keras 3 passes no mask on to a call with several tensors
        arguments |= {"mask": mask} if mask is not None else {}
    arguments = {key: value for key, value in arguments.items() if not (key == "constants" and value is None)}
    given = inputs
    if layer.unmasked and isinstance(inputs, list):
        inputs = without_masks(inputs)
    elif layer.unmasked:
        inputs = keras.ops.copy(inputs)  # an operation passes no mask on
        arguments = {key: keras.ops.copy(value) if keras.utils.is_keras_tensor(value) else value for key, value in arguments.items()}
    for key in {"x1", "x2"} & arguments.keys() if layer.operation is not None else ():
        if isinstance(arguments[key], list):
            arguments[key] = np.asarray(arguments[key], "float32")
    mask = mask_of(layer, inputs)
    refuse_mask_inside(layer, given)
    if layer.masked is not None and len(live.inputs) != 1 + (mask is not None):
        raise GraphError("it is called with a mask and without one, which is not known here.", where=layer.name)
    try:
        result = live(inputs if mask is None else [keras.ops.copy(inputs), mask], **arguments)
    except (HostileError, LayersError):
        raise
    except Exception as error:
        raise misfit(layer, error) from error
    outputs = list(result) if isinstance(result, (list, tuple)) else list(result.values()) if isinstance(result, dict) else [result]
    if not all(map(keras.utils.is_keras_tensor, outputs)):
        raise GraphError(f"{layer.class_name} gives states in groups today, which legacy Keras counted one by one.", where=layer.name)
    if layer.mask_lost:
        outputs = [keras.ops.copy(tensor) for tensor in outputs]  # an operation passes no mask on
    if layer.masked is not None and layer.masked.passes and mask is not None:
        pass_mask(mask, outputs[0])
    if not layer.custom:
        keep_legacy_mask(layer.class_name, live, given, outputs)
    return outputs


def misfit(layer: Layer, error: Exception) -> GraphError:
    return GraphError(f"{layer.class_name} does not fit into today's Keras: {reason(error)}", where=layer.name)

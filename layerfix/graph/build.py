"""A live Keras 3 model from an upgraded config, one layer call after the other. Nothing that the file names is imported or run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np

from layerfix.dialects.accepted import ACCEPTED, COMMON, LATER
from layerfix.dialects.keras2.settings import ACTIVATIONS
from layerfix.dialects.lambdas import own_name, python_name
from layerfix.dialects.obstacles import unknown_function
from layerfix.dialects.records import layer_class
from layerfix.errors import GraphError, HostileError, LayersError, reason
from layerfix.graph.lambdas import expression_model
from layerfix.graph.masks import keep_legacy_mask
from layerfix.graph.operations import operation
from layerfix.graph.shim.function_layer import FunctionLayer, makes_or_draws
from layerfix.graph.stated import name_operations, stated_arguments, stated_operation

_RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_MODELS = frozenset({"Functional", "Sequential"})
_EXPORTED = {"GroupedQueryAttention": "GroupQueryAttention"}
"""Classes that `keras.layers` calls otherwise."""


def build_model(upgraded_config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None) -> keras.Model:
    """The model that an upgraded config describes, with fresh weights.

    Args:
        upgraded_config: `Upgraded.config`.
        custom_objects: the user's classes and functions by name; a `Lambda` layer takes the one of the layer's name or of its function's.

    Raises:
        GraphError: where a layer is unknown or does not fit, naming it; a Lambda without a given function is refused.
    """
    custom = dict(custom_objects or {})
    with keras.saving.custom_object_scope(custom):
        return _model(upgraded_config, custom)


def _model(entry: Mapping[str, Any], custom: dict[str, Any], inputs: Sequence[Any] = ()) -> keras.Model:
    return _sequential(entry, custom) if entry["class_name"] == "Sequential" else _functional(entry, custom, inputs)


def _sequential(entry: Mapping[str, Any], custom: dict[str, Any]) -> keras.Sequential:
    model = keras.Sequential(name=entry["name"])
    made: Any = None
    for layer in entry["config"]["layers"]:
        made = _made_late(layer, custom, _ends(model, made)) if _late(layer, custom) else make_layer(layer, custom)
        try:
            model.add(made)
        except (HostileError, LayersError):
            raise
        except Exception as error:
            raise _misfit(layer, error) from error
        if layer.get("mask_lost") and layer is not entry["config"]["layers"][-1]:
            raise GraphError(
                "a model inside a Sequential handed on no mask in tf.keras of TensorFlow 1.12, which a Sequential cannot say today.",
                where=layer["name"],
            )
    return model


def _ends(model: keras.Sequential, last: Any) -> Sequence[Any]:
    """The tensors that a Sequential ends in; one that holds its InputLayer alone does not tell."""
    return [last.output] if isinstance(last, keras.layers.InputLayer) else model.outputs


def _functional(entry: Mapping[str, Any], custom: dict[str, Any], inputs: Sequence[Any] = ()) -> keras.Model:
    """A functional model; one whose InputLayers state no shape takes those of the tensors it is called with."""
    config = entry["config"]
    entries = {layer["name"]: layer for layer in config["layers"]}
    given = iter(inputs)
    layers: dict[str, Any] = {}
    outputs: dict[tuple[str, int], list[Any]] = {}
    pending: list[tuple[str, int, Any]] = []
    for name, layer in entries.items():
        if layer_class(layer) == "InputLayer":
            layers[name] = _input_like(next(given), name) if _shapeless(layer) else make_layer(layer, custom)
            outputs[name, 0] = [layers[name].output]
        elif not _late(layer, custom):
            layers[name] = make_layer(layer, custom)
        pending += [(name, index, node) for index, node in enumerate(layer.get("inbound_nodes") or ())]
    while pending:
        waiting = []
        for name, index, node in pending:
            resolved = _resolve(node, outputs, entries)
            if resolved is None or ((name, index - 1) not in outputs and index):
                waiting.append((name, index, node))
                continue
            if name not in layers:
                layers[name] = _made_late(entries[name], custom, keras.tree.flatten(resolved[0]))
            call = _stated_call if _is_stated(node) else _call
            outputs[name, index] = call(layers[name], entries[name], *resolved)
        if len(waiting) == len(pending):
            raise GraphError(f"layer {waiting[0][0]!r} waits for inputs that no layer gives: the graph in the config is incomplete.")
        pending = waiting
    starts, ends = _tensors(config["input_layers"], outputs), _tensors(config["output_layers"], outputs)
    name_operations(keras.tree.flatten(ends), entries.keys())
    return keras.Model(starts, ends, name=entry["name"])


def _shapeless(entry: Mapping[str, Any]) -> bool:
    return layer_class(entry) == "InputLayer" and "batch_shape" not in entry["config"]


def _takes_any_shape(entry: Mapping[str, Any]) -> bool:
    """Whether an entry is a functional model that a rule wrote in place of a layer, for inputs of any shape."""
    return entry["class_name"] == "Functional" and any(map(_shapeless, entry["config"].get("layers", ())))


def _input_like(tensor: Any, name: str) -> Any:
    return keras.layers.InputLayer(batch_shape=tensor.shape, dtype=tensor.dtype, name=name)


def _is_reference(value: Any, entries: Mapping[str, Any]) -> bool:
    return isinstance(value, list) and len(value) >= 3 and isinstance(value[0], str) and value[0] in entries and type(value[1]) is int


def _resolve(node: Any, outputs: Mapping[tuple[str, int], list[Any]], entries: Mapping[str, Any]) -> tuple[Any, dict[str, Any]] | None:
    """(inputs, call arguments) of one call, or None while a tensor is missing."""
    try:
        if _is_stated(node):
            return stated_arguments(node["args"], outputs), stated_arguments(node["kwargs"], outputs)
        if isinstance(node, dict):
            return {key: outputs[value[0], value[1]][value[2]] for key, value in node.items()}, {}
        if _is_reference(node, entries):
            node = [node]
        inputs = [outputs[item[0], item[1]][item[2]] for item in node]
        arguments: dict[str, Any] = {}
        for item in node:
            for key, value in (item[3] if len(item) > 3 and item[3] else {}).items():
                arguments[key] = _argument(value, outputs, entries)
    except KeyError as missing:
        name = missing.args[0][0] if isinstance(missing.args[0], tuple) else missing.args[0]
        if name not in entries:
            raise GraphError(f"the config names an inbound layer {name!r} that it does not hold.") from None
        return None
    return (inputs[0] if len(inputs) == 1 else inputs), arguments


def _is_stated(node: Any) -> bool:
    """Whether a call is in Keras 3's own form."""
    return isinstance(node, dict) and node.keys() == {"args", "kwargs"}


def _stated_call(layer: Any, entry: Mapping[str, Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """Calls a layer or an operation with all the arguments that Keras 3 recorded, masks among them."""
    try:
        result = layer(*args, **kwargs)
    except (HostileError, LayersError):
        raise
    except Exception as error:
        raise _misfit(entry, error) from error
    outputs = list(keras.tree.flatten(result))
    if entry.get("mask_lost"):  # an operation passes no mask on
        outputs = [keras.ops.copy(tensor) if keras.src.backend.get_keras_mask(tensor) is not None else tensor for tensor in outputs]
    return outputs


def _argument(value: Any, outputs: Mapping[tuple[str, int], list[Any]], entries: Mapping[str, Any]) -> Any:
    """A call argument: references to tensors, alone or in lists, become those tensors."""
    if _is_reference(value, entries):
        return outputs[value[0], value[1]][value[2]]
    if isinstance(value, list):
        return [_argument(item, outputs, entries) for item in value]
    return value


def _late(entry: Mapping[str, Any], custom: Mapping[str, Any]) -> bool:
    """Whether a layer can only be made when its input's shape is known."""
    if _read(entry):
        return not any(callable(custom.get(name)) for name in _function_names(entry, entry["config"]))
    return _takes_any_shape(entry) or (layer_class(entry) == "EinsumDense" and None in entry["config"].get("output_shape", ()))


def _read(entry: Mapping[str, Any]) -> bool:
    """Whether a Lambda, alone or in a TimeDistributed, states what its function computes."""
    inner = entry["config"].get("layer") if layer_class(entry) == "TimeDistributed" else None
    return "expression" in entry or (isinstance(inner, dict) and "expression" in inner)


def _made_late(entry: Mapping[str, Any], custom: dict[str, Any], tensors: Sequence[Any]) -> Any:
    if "expression" in entry:
        return expression_model(entry, tensors)
    if _read(entry):
        shape = (tensors[0].shape[0], *tensors[0].shape[2:])
        inner = expression_model(entry["config"]["layer"], [keras.KerasTensor(shape, tensors[0].dtype)])
        return keras.layers.TimeDistributed(inner, name=entry["name"])
    if _takes_any_shape(entry):
        return _model(entry, custom, tensors)
    rank = len(tensors[0].shape)
    config = dict(entry["config"])
    if "channels" in entry:
        letters = "abcdefgh"[:rank]
        channel = letters[entry["channels"]]
        config |= {"equation": f"{letters},{channel}->{letters}", "output_shape": [None] * (rank - 1)}
        config["bias_axes"] = channel if config["bias_axes"] else None
    if "..." in config["equation"]:  # Keras 3.15 states the dimensions that an ellipsis stands for in reverse order
        config["equation"] = config["equation"].replace("...", "abdefghi"[: rank - 1])
        config["output_shape"] = [None] * (rank - 1)
    known = zip(config["output_shape"], tensors[0].shape[-len(config["output_shape"]) :], strict=True)
    config["output_shape"] = [own if own is not None else seen for own, seen in known]
    return make_layer({**entry, "config": config}, custom)


def _call(layer: Any, entry: Mapping[str, Any], inputs: Any, arguments: dict[str, Any]) -> list[Any]:
    """Calls a layer; several inputs of a recurrent layer are its sequence and its initial state (keras 2.2.4, recurrent.py, `__call__`)."""
    if layer_class(entry) in _RECURRENT and isinstance(inputs, list):
        arguments["initial_state"] = inputs[1:]
        inputs = inputs[0]
    if layer_class(entry) in _RECURRENT and arguments.get("initial_state") is not None and "mask" not in arguments:
        mask = getattr(inputs, "_keras_mask", None)  # Keras 3 passes no mask on to a call with several tensors
        arguments |= {"mask": mask} if mask is not None else {}
    arguments = {key: value for key, value in arguments.items() if not (key == "constants" and value is None)}
    if entry.get("unmasked"):
        inputs = keras.ops.copy(inputs)  # an operation passes no mask on
        arguments = {key: keras.ops.copy(value) if keras.utils.is_keras_tensor(value) else value for key, value in arguments.items()}
    for key in {"x1", "x2"} & arguments.keys() if layer_class(entry) == "Operation" else ():
        if isinstance(arguments[key], list):
            arguments[key] = np.asarray(arguments[key], "float32")
    try:
        result = layer(inputs, **arguments)
    except (HostileError, LayersError):
        raise
    except Exception as error:
        raise _misfit(entry, error) from error
    outputs = list(result) if isinstance(result, (list, tuple)) else list(result.values()) if isinstance(result, dict) else [result]
    if not all(map(keras.utils.is_keras_tensor, outputs)):
        raise GraphError(f"{layer_class(entry)} gives states in groups today, which legacy Keras counted one by one.", where=entry["name"])
    if entry.get("mask_lost"):
        outputs = [keras.ops.copy(tensor) for tensor in outputs]  # an operation passes no mask on
    if not entry.get("custom"):
        keep_legacy_mask(layer_class(entry), layer, inputs, outputs)
    return outputs


def _tensors(references: Any, outputs: Mapping[tuple[str, int], list[Any]]) -> Any:
    """The tensors that `input_layers` or `output_layers` name, in their structure."""
    if isinstance(references, dict):
        return {key: _tensors(value, outputs) for key, value in references.items()}
    if len(references) == 3 and isinstance(references[0], str):
        return outputs[references[0], references[1]][references[2]]
    found = [_tensors(item, outputs) for item in references]
    return found[0] if len(found) == 1 else found


def make_layer(entry: Mapping[str, Any], custom: dict[str, Any]) -> Any:
    """One layer of an upgraded config, unbuilt.

    Raises:
        GraphError: for a class that neither Keras nor the user has, or a config that it does not take.
    """
    name = layer_class(entry)
    if name in _MODELS and "layers" in entry["config"]:
        return _model(entry, custom)
    if name == "Operation":
        return stated_operation(entry) if "operation" in entry["config"] else operation(entry["config"])
    config = dict(entry["config"])
    config.setdefault("name", entry["name"])
    if name == "Lambda" and name not in custom:
        return _user_function(entry, config, custom)
    if name not in custom:
        for key in {"activation", "recurrent_activation"} & config.keys():
            config[key] = _given_activation(config[key], custom)
    cls = custom.get(name) or (
        None if entry.get("custom") or name not in {*ACCEPTED, *LATER} else getattr(keras.layers, _EXPORTED.get(name, name), None)
    )
    if cls is None:
        raise GraphError(_whose(name, entry), where=entry["name"], hint="Give its source with --layers FILE.py.")
    try:
        for key in ("layer", "backward_layer", "cell"):
            if isinstance(config.get(key), dict) and name not in custom:
                config[key] = make_layer(config[key], custom)
        if name == "StackedRNNCells" and name not in custom:
            config["cells"] = [make_layer(cell, custom) for cell in config["cells"]]
        return cls(**config) if name not in custom else cls.from_config(config)
    except (GraphError, LayersError):
        raise
    except Exception as error:
        raise _misfit(entry, error) from error


def _given_activation(activation: Any, custom: Mapping[str, Any]) -> Any:
    """The user's function where the config names one that Keras itself did not know."""
    own = isinstance(activation, str) and activation not in ACTIVATIONS
    return custom.get(activation, activation) if own else activation


def _function_names(entry: Mapping[str, Any], config: Mapping[str, Any]) -> tuple[str, ...]:
    """Names under which the user may give a Lambda's function."""
    wanted = str(entry.get("legacy_name") or entry["name"])
    return wanted, python_name(wanted), str(entry["name"]), str(config.get("function")), str(own_name(config))


def _user_function(entry: Mapping[str, Any], config: dict[str, Any], custom: dict[str, Any]) -> Any:
    """A Lambda layer around the user's function; the code in the file is never looked at."""
    for name in _function_names(entry, config):
        if callable(custom.get(name)):
            keep = {key: config[key] for key in ("name", "trainable", "dtype", "arguments") if config.get(key) is not None}
            if makes_or_draws(custom[name]):
                return FunctionLayer(custom[name], twice=config.get("output_shape") is None, **keep)
            return keras.layers.Lambda(custom[name], **keep)
    raise unknown_function(str(entry.get("legacy_name") or entry["name"]), {**entry, "config": config})


def _whose(name: str, entry: Mapping[str, Any]) -> str:
    """What a class is that neither Keras nor the user has; one that bears a name of Keras' is told by its arguments."""
    if name not in ACCEPTED:
        return f"class {name} is not one of Keras' own layers."
    own = sorted(entry["config"].keys() - ACCEPTED[name] - COMMON - {"batch_input_shape"})
    why = f"its arguments are {', '.join(own)}" if own else "the release that wrote it had none"
    return f"class {name} is not Keras' {name}: {why}."


def _misfit(entry: Mapping[str, Any], error: Exception) -> GraphError:
    return GraphError(f"{layer_class(entry)} does not fit into today's Keras: {reason(error)}", where=entry["name"])

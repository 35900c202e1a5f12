"""A whole model of today's Keras in the words of tf.keras, multi-backend Keras 2 or TensorFlow.js."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from layerfix.dialects.down.layers import MODELS, layer
from layerfix.dialects.down.masks import along, implicit, is_operation, unused
from layerfix.dialects.down.operations import operation
from layerfix.dialects.down.references import is_tensor, tensor
from layerfix.dialects.down.saying import Config, Said, Saying
from layerfix.dialects.down.targets import Target
from layerfix.dialects.down.values import plain

_STATES = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_CALLS = frozenset({"training", "attention_mask", "return_attention_scores", "use_causal_mask"})
"""Arguments of calls that tf.keras keeps in a graph."""


def say_down(config: Mapping[str, Any], target: Target) -> Said:
    """Today's architecture in a target's words.

    Args:
        config: a Functional or Sequential model as Keras 3.15 serialises it, {"module", "class_name", "config", ...}; it is not changed.
        target: of the dialect "tf_keras", "keras2" or "tfjs".

    Raises:
        GraphError: naming every layer and setting that has no equal there.
    """
    saying = Saying(target, _model)
    return saying.said(_model(saying, copy.deepcopy(dict(config)), ""))


def _model(saying: Saying, entry: Config, path: str) -> Config:
    """A model's {class_name, config}. `path` is "" for the whole, or that of the layer that it is."""
    name, config = str(entry["class_name"]), entry["config"]
    if name not in MODELS or "layers" not in config:
        saying.refuse(path or "the model", f"the model class {name}")
        return entry
    prefix = f"{path}/" if path else ""
    if name == "Sequential":
        return {"class_name": "Sequential", "config": {"name": config["name"], "layers": _sequence(saying, config, prefix)}}
    layers = unused(implicit(saying, config["layers"], prefix), [config["input_layers"], config["output_layers"]])
    nested = frozenset(one["name"] for one in layers if one["class_name"] in MODELS)
    said = [found for one in layers if (found := _node(saying, one, nested, prefix)) is not None]
    ends = {key: _ends(saying, config[key], nested, path or "the model") for key in ("input_layers", "output_layers")}
    saying.fire("calls", path or "model", "calls are lists of [layer, node, tensor, arguments]")
    class_name = "Model" if saying.multi else "Functional"
    return {"class_name": class_name, "config": {"name": config["name"], "layers": said, **ends}}


def _sequence(saying: Saying, config: Config, prefix: str) -> list[Config]:
    """The layers of a Sequential model, which begins with its input."""
    entries = config["layers"]
    if not entries or entries[0]["class_name"] != "InputLayer":
        shape = {"name": f"{config['name']}_input", "batch_shape": config.get("build_input_shape"), "dtype": "float32"}
        if shape["batch_shape"] is None:
            saying.refuse(prefix.rstrip("/") or "the model", "a Sequential model without the shape of its input")
        entries = [{"module": "keras.layers", "class_name": "InputLayer", "config": shape}, *entries]
    along(saying, entries, prefix)
    return [_layer(saying, one, f"{prefix}{one['config'].get('name', one['class_name'])}") for one in entries]


def _layer(saying: Saying, entry: Config, path: str) -> Config:
    return _model(saying, entry, path) if entry["class_name"] in MODELS else layer(saying, entry, path)


def _node(saying: Saying, entry: Config, nested: frozenset[str], prefix: str) -> Config | None:
    """An entry of a graph with its calls."""
    path = f"{prefix}{entry['name']}"
    if is_operation(entry):
        return operation(saying, entry, lambda value: _reference(value, nested), path)
    said = _layer(saying, entry, path)
    calls = [_call(saying, entry, node, nested, path) for node in entry["inbound_nodes"]]
    return {**said, "name": entry["name"], "inbound_nodes": calls}


def _reference(value: Any, nested: frozenset[str]) -> list[Any]:
    """[layer, node, tensor]. Node 0 of a nested model is the one that it was made with (tensorflow 2.4, engine/functional.py,
    _should_skip_first_node; keras 2.2.4, engine/network.py, get_config).
    """
    name, node, output = tensor(value)
    return [name, node + (name in nested), output]


def _call(saying: Saying, entry: Config, node: Config, nested: frozenset[str], path: str) -> list[Any]:
    name, args = str(entry["class_name"]), list(node["args"])
    given = {key: value for key, value in node["kwargs"].items() if value is not None and value is not False}
    if not args or (isinstance(args[0], dict) and not is_tensor(args[0])):
        saying.refuse(path, "a call by names of inputs")
        return []
    first = args[0] if isinstance(args[0], list) else [args[0]]
    states = given.pop("initial_state", args[1] if name in _STATES and len(args) > 1 else None)
    if name in _STATES:
        first, args = [*first, *_listed(states)], args[:1]
    if name == "MultiHeadAttention":
        given |= dict(zip(("value", "key"), args[1:], strict=False))
        args = args[:1]
    if len(args) > 1 or not all(map(is_tensor, first)):
        saying.refuse(path, f"a call of {name} with several arguments")
        return []
    kept = {key: _argument(saying, name, key, value, nested, path) for key, value in given.items()}
    return [[*_reference(one, nested), dict(kept)] for one in first]


def _listed(states: Any) -> list[Any]:
    return [] if states is None else states if isinstance(states, list) else [states]


def _argument(saying: Saying, name: str, key: str, value: Any, nested: frozenset[str], path: str) -> Any:
    known = key in _CALLS or (name == "MultiHeadAttention" and key in ("value", "key"))
    late = key == "use_causal_mask" or (key == "return_attention_scores" and name != "MultiHeadAttention")
    if saying.multi and key != "training":
        known = False
    if not known or (late and saying.target.numbers < (2, 10)):
        saying.refuse(path, f"{key} in a call of {name}")
    return _reference(value, nested) if is_tensor(value) else plain(saying, value, path)


def _ends(saying: Saying, value: Any, nested: frozenset[str], path: str) -> Any:
    """The model's inputs or outputs, always as a list of [layer, node, tensor], or by names where they have some."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [_end(value, nested)]
    if isinstance(value, dict):
        found = {key: _end(one, nested) for key, one in value.items()}
        if not saying.multi:
            return found
        saying.fire("named_ends", path, f"inputs or outputs by name became a list, in this order: {', '.join(found)}")
        return list(found.values())
    return [_end(one, nested) for one in value]


def _end(value: Any, nested: frozenset[str]) -> list[Any]:
    name, node, output = value
    return [name, node + (name in nested), output]

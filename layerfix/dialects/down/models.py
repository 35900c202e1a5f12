"""A whole model of today's Keras in the words of tf.keras, multi-backend Keras 2 or TensorFlow.js."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from layerfix.dialects.down.graphs import Call, Graph, layer_order
from layerfix.dialects.down.layers import MODELS, layer
from layerfix.dialects.down.masks import along, implicit, is_operation, unused
from layerfix.dialects.down.operations import operation
from layerfix.dialects.down.references import is_tensor
from layerfix.dialects.down.saying import Config, Said, Saying
from layerfix.dialects.down.targets import Target
from layerfix.dialects.down.values import plain

_STATES = frozenset({"LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})
_CALLS = frozenset({"attention_mask", "return_attention_scores", "use_causal_mask"})
"""Arguments of calls that tf.keras keeps in a graph. `training` is none: Keras 3 writes each layer's default there and goes by the whole
model's call (keras 3.15, functional.py, `operation_fn`), tf.keras would go by what is written."""


def say_down(config: Mapping[str, object], target: Target) -> Said:
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
    called = config["name"] if path else saying.model_name(config["name"])
    if name == "Sequential":
        return {"class_name": "Sequential", "config": {"name": called, "layers": _sequence(saying, config, prefix)}}
    if saying.multi and isinstance(config["output_layers"], dict):
        saying.refuse(path or "the model", "outputs by name")
    models = frozenset(one["name"] for one in config["layers"] if one["class_name"] in MODELS - {"Sequential"})
    ends = {key: _from_zero(_ends(saying, config[key], path or "the model"), models) for key in ("input_layers", "output_layers")}
    layers = unused(implicit(saying, config["layers"], prefix), config["output_layers"])
    _ordered(saying, config["layers"], layers, ends, path)
    graph = Graph(
        frozenset(one["name"] for one in layers if one["class_name"] in MODELS),
        {one["name"]: len(one.get("inbound_nodes") or (None,)) for one in layers},
    )
    said = [found for one in layers if (found := _node(saying, one, graph, prefix)) is not None]
    counted = {key: _counted(value, graph) for key, value in ends.items()}
    saying.fire("calls", path or "model", "calls are lists of [layer, node, tensor, arguments]")
    class_name = "Model" if saying.multi else "Functional"
    return {"class_name": class_name, "config": {"name": called, "layers": said, **counted}}


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


def _node(saying: Saying, entry: Config, graph: Graph, prefix: str) -> Config | None:
    """An entry of a graph with its calls."""
    path = f"{prefix}{entry['name']}"
    if is_operation(entry):
        return operation(saying, entry, graph.of, path)
    said = _layer(saying, entry, path)
    calls = [_call(saying, entry, node, graph, path) for node in entry["inbound_nodes"]]
    return {**said, "name": entry["name"], "inbound_nodes": calls}


def _call(saying: Saying, entry: Config, node: Config, graph: Graph, path: str) -> list[Any]:
    name, args = str(entry["class_name"]), list(node["args"])
    given = {key: value for key, value in node["kwargs"].items() if value is not None and value is not False and key != "training"}
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
    kept = {key: _argument(saying, name, key, value, graph, path) for key, value in given.items()}
    return [[*graph.of(one), dict(kept)] for one in first]


def _listed(states: object) -> list[Any]:
    return [] if states is None else states if isinstance(states, list) else [states]


def _argument(saying: Saying, name: str, key: str, value: object, graph: Graph, path: str) -> Any:
    known = key in _CALLS or (name == "MultiHeadAttention" and key in ("value", "key"))
    late = key == "use_causal_mask" or (key == "return_attention_scores" and name != "MultiHeadAttention")
    if saying.multi or not known or (late and saying.target.numbers < (2, 10)):
        saying.refuse(path, f"{key} in a call of {name}")
    return graph.of(value) if is_tensor(value) else plain(saying, value, path)


def _ends(saying: Saying, value: object, path: str) -> Any:
    """The model's inputs or outputs, always as a list of [layer, node, tensor], or by names where they have some."""
    if isinstance(value, list) and value and isinstance(value[0], str):
        return [value]
    if isinstance(value, dict) and saying.multi:
        saying.fire("named_ends", path, f"inputs by name became a list, in this order: {', '.join(sorted(value))}")
        return [value[key] for key in sorted(value)]
    return value


def _from_zero(ends: Any, models: frozenset[str]) -> Any:
    """Ends with calls counted from 0. Keras 3 counts those of functional models from 1 there, and there
    alone (keras 3.15, functional.py, `get_config`: `kept_nodes`).
    """
    if isinstance(ends, dict):
        return {key: _from_zero([end], models)[0] for key, end in ends.items()}
    return [[name, node - (name in models), output] for name, node, output in ends]


def _counted(ends: Any, graph: Graph) -> Any:
    if isinstance(ends, dict):
        return {key: graph.reference(*end) for key, end in ends.items()}
    return [graph.reference(*end) for end in ends]


def _ordered(saying: Saying, before: list[Config], after: list[Config], ends: Config, path: str) -> None:
    """Weights are loaded by the order of layers: where masks were taken out, it must still be that of today's model."""
    calls = {key: [_call_of(end, after) for end in _listed_ends(ends[key])] for key in ends}
    order = layer_order(after, calls["input_layers"], calls["output_layers"])
    plain = {entry["name"] for entry in after if entry["class_name"] != "InputLayer"}
    if [name for name in order if name in plain] != [entry["name"] for entry in before if entry["name"] in plain]:
        saying.refuse(path or "the model", "the order of its layers, which older Keras would load its weights in another way by")


def _call_of(end: list[Any], layers: list[Config]) -> Call:
    entry = next(one for one in layers if one["name"] == end[0])
    return end[0], max(0, min(end[1], len(entry.get("inbound_nodes") or (None,)) - 1))


def _listed_ends(ends: Any) -> list[Any]:
    return [ends[key] for key in sorted(ends)] if isinstance(ends, dict) else list(ends)

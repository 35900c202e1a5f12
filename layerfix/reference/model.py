"""A whole legacy model in numpy: the graph of its config, the weights as stored, the semantics of the version that wrote it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from layerfix.containers.config import layer_list, layer_name, plain_class
from layerfix.containers.records import Checkpoint
from layerfix.containers.tensors import open_tensors
from layerfix.legacy.stock import is_stock
from layerfix.legacy.weights import weights as weights_of
from layerfix.reference.expressions import lambda_layer
from layerfix.reference.functions import Array, Unsupported
from layerfix.reference.layers import LAYERS
from layerfix.reference.recurrent import bidirectional, run

_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU"})
__all__ = ["Unsupported", "evaluate"]


def evaluate(checkpoint: Checkpoint, inputs: Sequence[Array]) -> list[Array]:
    """What the legacy model predicts for a batch, in float64.

    Args:
        checkpoint: with a config; Keras 2 or tf.keras, on TensorFlow.
        inputs: one array per model input.

    Raises:
        Unsupported: for a layer, setting or version that the reference does not know, naming it.
    """
    version = checkpoint.keras_version or ""
    if not version.startswith("2.") or checkpoint.backend not in (None, "tensorflow") or checkpoint.config is None:
        raise Unsupported(
            f"the reference does not know Keras {version or 'of an unstated version'} on {checkpoint.backend or 'an unstated backend'}"
        )
    with open_tensors(checkpoint) as tensors:
        stored = {layer.name: [tensors.read(weight.key).astype(np.float64) for weight in layer.weights] for layer in checkpoint.layers}
    return _model(checkpoint.config, [np.asarray(array, np.float64) for array in inputs], stored)


def _model(config: Mapping[str, Any], inputs: Sequence[Array], stored: Mapping[str, list[Array]]) -> list[Array]:
    entries = layer_list(config) or []
    if plain_class(config["class_name"]) == "Sequential":
        value = inputs[0]
        for entry in entries:
            value = _layer(entry, [value], stored.get(layer_name(entry), []))[0]
        return [value]
    return _functional(config["config"], entries, inputs, stored)


def _functional(
    config: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], inputs: Sequence[Array], stored: Mapping[str, list[Array]]
) -> list[Array]:
    references = config["input_layers"]
    if not isinstance(references, list) or not isinstance(config["output_layers"], list) or (references and isinstance(references[0], str)):
        raise Unsupported("the reference does not know models that take a structure of inputs")
    values: dict[tuple[str, int], list[Array]] = {(ref[0], 0): [array] for ref, array in zip(references, inputs, strict=True)}
    pending = []
    for entry in entries:
        nodes = entry.get("inbound_nodes") or []
        shift = _first_call(entry, entries, config)
        pending += [(entry, index + shift, _items(node)) for index, node in enumerate(nodes)]
    while pending:
        waiting = []
        for entry, index, node in pending:
            if any(len(item) > 3 and item[3] for item in node):
                raise Unsupported(f"the reference does not know the call arguments of {layer_name(entry)}")
            if any((item[0], item[1]) not in values for item in node):
                waiting.append((entry, index, node))
                continue
            arrays = [values[item[0], item[1]][item[2]] for item in node]
            values[layer_name(entry), index] = _layer(entry, arrays, stored.get(layer_name(entry), []))
        if len(waiting) == len(pending):
            raise Unsupported("the reference cannot follow this graph")
        pending = waiting
    outputs = config["output_layers"]
    outputs = [outputs] if outputs and isinstance(outputs[0], str) else outputs
    return [values[ref[0], ref[1]][ref[2]] for ref in outputs]


def _items(node: Any) -> list[list[Any]]:
    """The [layer, call, tensor, arguments] of one call; tf.keras writes a lone one without the list around it."""
    if isinstance(node, list) and node and isinstance(node[0], str):
        return [node]
    if not isinstance(node, list) or not all(isinstance(item, list) for item in node):
        raise Unsupported("the reference does not know calls with a structure of inputs")
    return node


def _first_call(entry: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], config: Mapping[str, Any]) -> int:
    """The number of a layer's first call: nested models count from 1 where call 0 is their own inputs."""
    name = layer_name(entry)
    used = [item[1] for other in entries for node in other.get("inbound_nodes") or [] for item in _items(node) if item[0] == name]
    used += [ref[1] for ref in config["output_layers"] if isinstance(ref, list) and ref[0] == name]
    calls = len(entry.get("inbound_nodes") or [])
    return max(0, max(used, default=0) - calls + 1) if layer_list(entry) else 0


def _layer(entry: Mapping[str, Any], inputs: list[Array], weights: list[Array]) -> list[Array]:
    name, config = plain_class(entry["class_name"]), entry["config"]
    if name == "InputLayer":
        return inputs
    if layer_list(entry):
        return _model(entry, inputs, _split(entry, weights))
    if name in _RECURRENT and len(inputs) == 1:
        return [run(name, config, inputs[0], weights)]
    if name == "Bidirectional" and len(inputs) == 1:
        return [bidirectional(config, inputs[0], weights)]
    if name == "TimeDistributed":
        x = inputs[0]
        flat = _layer(config["layer"], [x.reshape((-1, *x.shape[2:]))], weights)[0]
        return [flat.reshape((*x.shape[:2], *flat.shape[1:]))]
    if name == "Lambda":
        return lambda_layer(entry, inputs)
    if name not in LAYERS:
        raise Unsupported(f"the reference does not know {name}")
    return [LAYERS[name](config, inputs, weights)]


def _split(entry: Mapping[str, Any], weights: list[Array]) -> dict[str, list[Array]]:
    """A nested model's arrays by layer: trainable ones of all layers first, then the others (keras 2.2.4, network.py)."""
    counts = [(layer_name(child), *_counts(child)) for child in layer_list(entry) or ()]
    trained = sum(count for _, count, _ in counts)
    if trained + sum(count for _, _, count in counts) != len(weights):
        raise Unsupported(f"the reference cannot split the weights of {layer_name(entry)}")
    first, rest = iter(weights[:trained]), iter(weights[trained:])
    return {name: [*itertools.islice(first, own), *itertools.islice(rest, fixed)] for name, own, fixed in counts}


def _counts(entry: Mapping[str, Any]) -> tuple[int, int]:
    """(trainable, other) stored arrays of a layer or nested model."""
    if layer_list(entry):
        parts = [_counts(child) for child in layer_list(entry) or ()]
        return sum(part[0] for part in parts), sum(part[1] for part in parts)
    class_name = plain_class(entry["class_name"])
    if not is_stock(class_name):
        raise Unsupported(f"the reference does not know {class_name}")
    specs = weights_of(class_name, entry["config"])
    trained = 0 if entry["config"].get("trainable", True) is False else sum(spec.trainable for spec in specs)
    return trained, len(specs) - trained

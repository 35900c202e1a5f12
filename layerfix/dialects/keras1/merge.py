"""Keras 1's `Merge`: one layer class a mode since Keras 2, and a graph where it led a Sequential."""

from __future__ import annotations

from typing import Any

from layerfix.containers.config import layer_name
from layerfix.dialects.keras2.composed import become_functional, layer
from layerfix.dialects.keras2.models import is_model, list_config, sequential_input
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError

_MERGES = {"sum": "Add", "mul": "Multiply", "concat": "Concatenate", "ave": "Average", "max": "Maximum", "dot": "Dot"}


def keras1_merge(source: Source, entry: Entry) -> str | None:
    """`Merge(mode=...)` became one layer class a mode (keras 2.0, merge.py); a mode that is a function became a Lambda."""
    if layer_class(entry) != "Merge":
        return None
    _without_empty_masks(entry)
    config = entry["config"]
    mode, kind = config.get("mode"), config.get("mode_type", "raw")
    if kind in {"lambda", "function"}:
        entry["class_name"] = "Lambda"
        entry["config"] = {"name": entry["name"], "function": mode, "function_type": kind, "arguments": config.get("arguments") or {}}
        return "Merge by a function is Lambda"
    if mode == "cos":
        _cosine(entry)
        return "Merge(cos) is a normalized Dot and a Reshape"
    if mode not in _MERGES or kind != "raw":
        raise GraphError(f"Merge with mode {mode!r} has no equal in today's Keras.", where=entry["name"])
    entry["class_name"] = _MERGES[mode]
    settings = {"concat": {"axis": config.get("concat_axis", -1)}, "dot": {"axes": config.get("dot_axes")}}.get(mode, {})
    entry["config"] = {"name": entry["name"], **settings}
    return f"Merge({mode}) is {entry['class_name']}"


def _without_empty_masks(entry: Entry) -> None:
    """Keras 2.0's `Merge` in a graph was called with a mask for each branch, and stated it where none had one (legacy/layers.py, Merge)."""
    for node in entry.get("inbound_nodes") or ():
        for reference in node:
            arguments = reference[3] if len(reference) > 3 else {}
            if all(mask is None for mask in arguments.get("mask") or ()):
                arguments.pop("mask", None)


def _cosine(entry: Entry) -> None:
    """The cosine of two vectors had the shape (batch, 1, 1) (keras 1.2.2, topology.py, Merge.call)."""
    own, axes = entry["name"], entry["config"].get("dot_axes")
    inputs = [layer("InputLayer", f"{own}_{side}") for side in ("left", "right")]
    dot, shaped = layer("Dot", f"{own}_dot", axes=axes, normalize=True), layer("Reshape", f"{own}_reshape", target_shape=[1, 1])
    dot["inbound_nodes"] = [[[item["name"], 0, 0, {}] for item in inputs]]
    shaped["inbound_nodes"] = [[[dot["name"], 0, 0, {}]]]
    become_functional(entry, [*inputs, dot, shaped], shaped["name"], inputs=2)


def merged_sequential(source: Source, entry: Entry) -> str | None:
    """A Sequential could begin with a `Merge` of other models (keras 1.2.2, models.py, `flattened_layers`); it is a graph, and the file
    stores the weights of the merged models' layers side by side.
    """
    layers = entry["config"]["layers"]
    if layer_class(entry) != "Sequential" or not layers or not _merges_models(layers[0]):
        return None
    graph = _Graph(source)
    output = graph.chain(layers, None)
    entry["class_name"] = "Functional"
    entry["config"] = {
        "name": entry["config"].get("name"), "layers": list(graph.entries.values()), "input_layers": graph.inputs,
        "output_layers": [output[:3]],
    }  # fmt: skip
    return f"the models merged by {layer_name(layers[0])} became one graph"


def _merges_models(entry: Entry) -> bool:
    return layer_class(entry) == "Merge" and bool(entry["config"].get("layers"))


Reference = list[Any]
"""[layer, call, tensor, call arguments]."""


class _Graph:
    """The layers of merged models as one functional config, in legacy order; a layer of two models is there once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.entries: dict[str, Entry] = {}
        self.inputs: list[list[Any]] = []

    def chain(self, layers: list[Entry], before: Reference | None) -> Reference:
        """Adds layers that follow each other; the reference of the last."""
        for entry in layers:
            if _merges_models(entry):
                branches = [self._branch(branch) for branch in entry["config"].pop("layers")]
                before = self._call(entry, branches)
            elif layer_class(entry) == "InputLayer":
                before = self._input(entry)
            elif before is None:
                raise GraphError("the input shape of a merged model is not in the file.", where=layer_name(entry))
            else:
                before = self._call(entry, [before])
        if before is None:
            raise GraphError("a merged model has no layers.", where="model")
        return before

    def _branch(self, entry: Entry) -> Reference:
        if not is_model(entry):
            return self.chain(self._begun([entry]), None)
        list_config(self.source, entry)
        if layer_class(entry) == "Sequential":
            return self.chain(self._begun(entry["config"]["layers"]), None)
        for inner in entry["config"]["layers"]:
            self.entries.setdefault(layer_name(inner), inner)
        self.inputs += [reference for reference in entry["config"]["input_layers"] if reference not in self.inputs]
        return [*entry["config"]["output_layers"][0][:3], {}]

    def _begun(self, layers: list[Entry]) -> list[Entry]:
        """The layers behind an explicit InputLayer."""
        model: Entry = {"class_name": "Sequential", "config": {"layers": list(layers)}}
        sequential_input(self.source, model)
        begun: list[Entry] = model["config"]["layers"]
        return begun

    def _input(self, entry: Entry) -> Reference:
        reference = [entry["name"], 0, 0]
        if entry["name"] not in self.entries:
            self.entries[entry["name"]] = {**entry, "inbound_nodes": []}
            self.inputs.append(reference)
        return [*reference, {}]

    def _call(self, entry: Entry, inputs: list[Reference]) -> Reference:
        name = layer_name(entry)
        known = self.entries.setdefault(name, {**entry, "name": name, "inbound_nodes": []})
        if inputs not in known["inbound_nodes"]:
            known["inbound_nodes"].append(inputs)
        return [name, known["inbound_nodes"].index(inputs), 0, {}]

"""Layers of Keras 1 that Keras 2 dropped, stated by today's layers; their weights are re-laid."""

from __future__ import annotations

from layerfix.dialects.keras2.composed import become_chain, become_functional, layer, operation
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
from layerfix.errors import GraphError
from layerfix.model import Relay


def highway(source: Source, entry: Entry) -> str | None:
    """Highway(x) is t * activation(W x + b) + (1 - t) * x with t = sigmoid(W_carry x + b_carry) (keras 1.2.2, core.py)."""
    if layer_class(entry) != "Highway" or not source.is_keras1:
        return None
    config, own = entry["config"], entry["name"]
    bias = config.get("bias", True)
    before = layer("InputLayer", f"{own}_input")
    value, gate = (
        layer(
            "EinsumDense", f"{own}_{part}", equation="ab,bc->ac", output_shape=[None], bias_axes="c" if bias else None,
            activation=activation,
        )
        for part, activation in (("value", config.get("activation", "linear")), ("gate", "sigmoid"))
    )  # fmt: skip
    change, gated, result = (layer(name, f"{own}_{part}") for name, part in (("Subtract", "change"), ("Multiply", "gated"), ("Add", "sum")))
    for item, sources in (
        (value, (before,)), (gate, (before,)), (change, (value, before)), (gated, (gate, change)), (result, (before, gated)),
    ):  # fmt: skip
        item["inbound_nodes"] = [[[source["name"], 0, 0, {}] for source in sources]]
    become_functional(entry, [before, value, gate, change, gated, result], result["name"])
    entry["relay"] = Relay("keras1_highway", count=4 if bias else 2)
    return "is two dense layers, one of them the gate"


def maxout(source: Source, entry: Entry) -> str | None:
    """MaxoutDense is the largest of `nb_feature` dense layers (keras 1.2.2, core.py)."""
    if layer_class(entry) != "MaxoutDense" or not source.is_keras1:
        return None
    config, own = entry["config"], entry["name"]
    bias = config.get("bias", True)
    dense = layer(
        "EinsumDense", f"{own}_dense", equation="ai,iko->ako", output_shape=[config.get("nb_feature", 4), config["output_dim"]],
        bias_axes="ko" if bias else None,
    )  # fmt: skip
    entry["relay"] = Relay("keras1_maxout", count=1 + bool(bias))
    become_chain(entry, [dense, operation("max", f"{own}_max", axis=1)])
    return "is an EinsumDense and a maximum"


def normalization_mode(source: Source, entry: Entry) -> str | None:
    """BatchNormalization with mode 1 normalised each sample, with mode 2 by the batch even when predicting (keras 1.2.2,
    normalization.py)."""
    config, own = entry["config"], entry["name"]
    mode = config.get("mode", 0)
    if layer_class(entry) != "BatchNormalization" or not source.is_keras1 or mode == 0:
        return None
    if mode not in {1, 2}:
        raise GraphError(f"BatchNormalization with mode {mode} has no equal in today's Keras.", where=own)
    axis, epsilon = -1 if mode == 1 else config.get("axis", -1), config.get("epsilon", 1e-3)
    over = {"axis": -1} if mode == 1 else {"axes_except": -1}
    start, end = layer("InputLayer", f"{own}_input"), operation("moveaxis", f"{own}_end", source=-1, destination=axis)
    before = operation("moveaxis", f"{own}_start", source=axis, destination=-1)
    mean, spread = (operation(name, f"{own}_{name}", keepdims=True, **over) for name in ("mean", "var"))
    safe, root = operation("add", f"{own}_safe", x2=epsilon), operation("sqrt", f"{own}_root")
    below = operation("add", f"{own}_below", x2=epsilon if mode == 1 else 0.0)
    centred, ratio = operation("subtract", f"{own}_centred"), operation("true_divide", f"{own}_ratio")
    scale = layer("EinsumDense", f"{own}_scale", equation="...c,c->...c", output_shape=[None], bias_axes="c")
    links = (
        (before, start), (mean, before), (spread, before), (safe, spread), (root, safe), (below, root),
        (centred, before, mean), (ratio, centred, below), (scale, ratio), (end, scale),
    )  # fmt: skip
    for item, first, *second in links:
        arguments = {"x2": [second[0]["name"], 0, 0]} if second else {}
        item["inbound_nodes"] = [[[first["name"], 0, 0, arguments]]]
    become_functional(entry, [start, *(link[0] for link in links)], end["name"])
    entry["relay"] = Relay("keras1_normalization", count=4, untrained=2)
    return "normalises each sample" if mode == 1 else "normalises by the batch even when predicting"


KERAS1_LAYER_RULES = (highway, maxout, normalization_mode)

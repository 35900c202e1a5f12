"""Layers of Keras 1 that Keras 2 dropped, stated by today's layers; their weights are re-laid."""

from __future__ import annotations

from layerfix.dialects.keras2.composed import become_chain, become_functional, layer, operation
from layerfix.dialects.records import Source, layer_class
from layerfix.dialects.rules import Entry
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


KERAS1_LAYER_RULES = (highway, maxout)

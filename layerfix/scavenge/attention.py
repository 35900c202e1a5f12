"""Shapes of attention layers: what they are given is told by the config, by what it says that they were built for, or by their inputs.

Sources: tensorflow 2.4 and 2.15, keras/layers/multi_head_attention.py, dense_attention.py; keras 3.15, layers/attention/.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from layerfix.containers.config import LayerNode
from layerfix.scavenge.outputs import Shape, known

SCORED = frozenset({"Attention", "AdditiveAttention"})
ATTENTION = SCORED | {"MultiHeadAttention"}
_INPUTS = ("query", "value", "key")
Rows = list[tuple[str, tuple[int, ...] | None, bool]]


def attended(node: LayerNode, inputs: Sequence[Shape | None], outputs: Mapping[str, Shape | None]) -> list[Shape | None]:
    """What a MultiHeadAttention is given as query, value and key; unknown where a file does not say."""
    stated = node.built.get("shapes_dict")
    told = {**node.config, **(stated if isinstance(stated, Mapping) else {})}
    shapes: list[Shape | None] = []
    for name in _INPUTS:
        shape, source = told.get(f"{name}_shape"), node.keywords.get(name)
        if isinstance(shape, list):
            shapes.append(tuple(shape))
        elif isinstance(source, list) and len(source) > 2 and source[2] == 0:  # tf.keras: an input by keyword
            shapes.append(outputs.get(str(source[0])))
        else:
            shapes.append(inputs[0] if name == "query" else None)
    if shapes[2] is None and "key" not in node.keywords:
        shapes[2] = shapes[1]
    return shapes


def attention_rows(name: str, config: Mapping[str, Any], inputs: Sequence[Shape | None]) -> Rows | None:
    """(role, shape, trained) of a layer's weights; None where no rule says."""
    if name == "Attention":
        return None if config.get("score_mode") == "concat" else [("scale", (), True)] if config.get("use_scale") else []
    if name == "AdditiveAttention":
        width = inputs[1][-1] if len(inputs) > 1 and inputs[1] else None
        return [("scale", known((width,)), True)] if config.get("use_scale", True) else []
    return None if config.get("use_gate") else list(_heads(config, [shape[-1] if shape else None for shape in inputs]))


def _heads(config: Mapping[str, Any], widths: Sequence[int | None]) -> Iterator[tuple[str, tuple[int, ...] | None, bool]]:
    query, value, key = (*widths, None, None)[:3]
    heads, inner = config.get("num_heads"), config.get("key_dim")
    deep = config.get("value_dim") or inner
    out = _out(config, query)
    parts: dict[str, tuple[Shape, Shape]] = {
        "query": ((query, heads, inner), (heads, inner)),
        "key": ((key, heads, inner), (heads, inner)),
        "value": ((value, heads, deep), (heads, deep)),
        "attention_output": ((heads, deep, *out), out),
    }
    for name, (kernel, bias) in parts.items():
        yield f"{name}/kernel", known(kernel), True
        if config.get("use_bias", True):
            yield f"{name}/bias", known(bias), True


def _out(config: Mapping[str, Any], query: int | None) -> Shape:
    stated = config.get("output_shape")
    return (query,) if not stated else tuple(stated) if isinstance(stated, list) else (stated,)


def attention_output(name: str, config: Mapping[str, Any], inputs: Sequence[Shape | None]) -> Shape | None:
    """What an attention layer puts out: a value, or what the config says, for each step of the query."""
    query = inputs[0]
    if query is None:
        return None
    if name in SCORED:
        return (*query[:-1], inputs[1][-1] if len(inputs) > 1 and inputs[1] else None)
    return (*query[:-1], *_out(config, query[-1]))

"""Attention layers in numpy (tensorflow 2.15, keras/layers/attention)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.reference.functions import Unsupported, softmax

Config = Mapping[str, Any]


def _attention(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Luong's: query (b, t, d), value (b, s, d), key (b, s, d)."""
    query, value, *rest = inputs
    if config.get("score_mode", "dot") != "dot" or config.get("causal") or len(rest) > 1:
        raise Unsupported("the reference does not know this setting of Attention")
    scores = np.einsum("btd,bsd->bts", query, rest[0] if rest else value)
    return softmax(scores * weights[0] if weights else scores) @ value


def _additive(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Bahdanau's: the scores sum tanh(query + key), scaled."""
    query, value, *rest = inputs
    if config.get("causal") or len(rest) > 1:
        raise Unsupported("the reference does not know this setting of AdditiveAttention")
    total = np.tanh(query[:, :, None] + (rest[0] if rest else value)[:, None])
    return softmax((total * weights[0] if weights else total).sum(-1)) @ value


def _multi_head(config: Config, inputs: list[Array], weights: list[Array]) -> Array:
    """Kernels (d, heads, size) of query, key and value, (heads, size, d) of the output, each with its bias."""
    query, value, *rest = inputs
    axes = config.get("attention_axes")
    if len(rest) > 1 or query.ndim != 3 or (axes and list(axes) != [1]) or (config.get("output_shape") and len(weights[-1].shape) > 1):
        raise Unsupported("the reference does not know this setting of MultiHeadAttention")
    key = rest[0] if rest else value
    biased = config.get("use_bias", True)
    parts = [weights[index : index + 1 + biased] for index in range(0, len(weights), 1 + biased)]
    q, k, v = (
        np.einsum("btd,dhs->bths", x, part[0]) + (part[1] if biased else 0) for x, part in zip((query, key, value), parts[:3], strict=True)
    )
    scores = softmax(np.einsum("bths,buhs->bhtu", q, k) / np.sqrt(float(config["key_dim"])).astype(q.dtype))
    mixed = np.einsum("bhtu,buhs->bths", scores, v)
    result: Array = np.einsum("bths,hsd->btd", mixed, parts[3][0]) + (parts[3][1] if biased else 0)
    return result


ATTENTION: Mapping[str, Callable[[Config, list[Array], list[Array]], Array]] = {
    "Attention": _attention,
    "AdditiveAttention": _additive,
    "MultiHeadAttention": _multi_head,
}

"""Attention without masks, head by head: products of matrices and a softmax (keras 3.15, multi_head_attention.py, attention.py)."""

from __future__ import annotations

import math

import keras
import numpy as np
from keras import KerasTensor as Tensor
from keras import layers

from layerfix.graph.composing.pieces import Pieces


def _weighed(pieces: Pieces, scores: Tensor, value: Tensor) -> Tensor:
    return pieces.dotted(pieces.activated(scores, "softmax"), value, (2, 1))


def multi_head(pieces: Pieces, layer: keras.layers.Layer, query: Tensor, value: Tensor, key: Tensor) -> Tensor | None:
    """MultiHeadAttention: each head has its own projections, and what they say is added up."""
    if {len(one.shape) for one in (query, value, key)} != {3} or layer._output_shape not in (None, query.shape[-1:]):
        return None
    found = []
    for head in range(layer.num_heads):
        q, k, v = (
            _projected(pieces, dense, head, x)
            for dense, x in ((layer._query_dense, query), (layer._key_dense, key), (layer._value_dense, value))
        )
        scores = pieces.dotted(pieces.scaled(q, 1 / math.sqrt(layer.key_dim)), k, (2, 2))
        bias = np.asarray(layer._output_dense.bias) if layer._use_bias and not head else None
        found.append(pieces.mapped(_weighed(pieces, scores, v), np.asarray(layer._output_dense.kernel)[head], bias))
    return pieces.plus(*found)


def _projected(pieces: Pieces, dense: keras.Layer, head: int, x: Tensor) -> Tensor:
    return pieces.mapped(x, np.asarray(dense.kernel)[:, head], None if dense.bias is None else np.asarray(dense.bias)[head])


def attention(pieces: Pieces, layer: keras.layers.Layer, query: Tensor, value: Tensor, key: Tensor) -> Tensor | None:
    """Attention with the score "dot"."""
    if layer.score_mode != "dot" or len(query.shape) != 3:
        return None
    scaled = pieces.scaled(query, np.asarray(layer.scale)) if layer.scale is not None else query
    return _weighed(pieces, pieces.dotted(scaled, key, (2, 2)), value)


def additive(pieces: Pieces, layer: keras.layers.Layer, query: Tensor, value: Tensor, key: Tensor) -> Tensor | None:
    """AdditiveAttention: tanh(query + key), each with each, needs both lengths."""
    if len(query.shape) != 3 or len(key.shape) != 3:
        return None
    (_, rows, size), (_, columns, _) = query.shape, key.shape
    if None in (rows, columns):
        return None
    whole = layers.Add(name=pieces.named("add"))([pieces.shaped(query, (rows, 1, size)), pieces.shaped(key, (1, columns, size))])
    weights = np.ones(size) if layer.scale is None else np.asarray(layer.scale)
    scores = pieces.mapped(pieces.activated(whole, "tanh"), np.reshape(weights, (size, 1)))
    return _weighed(pieces, pieces.shaped(scores, (rows, columns)), value)


ATTENTIONS = {"MultiHeadAttention": multi_head, "Attention": attention, "AdditiveAttention": additive}

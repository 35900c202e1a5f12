"""Attention said in products of matrices gives what its definition gives; masks, other scores and other ranks are left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from compositions import KERAS_2_2_LAYERS, brought, filled, kinds, numbers, one, outputs
from keras import layers

from layerfix.arrays import Array

SHAPES = [(4, 3), (5, 3)]


def softmax(x: Array) -> Array:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def paired(layer: Any) -> keras.Model:
    """Query and value, in a list as Attention takes them."""
    return one(lambda query, value: layer([query, value]), *SHAPES)


def dot_attention(query: Array, value: Array, scale: float = 1.0) -> Array:
    return softmax(scale * query @ value.swapaxes(1, 2)) @ value


def additive_attention(query: Array, value: Array, scale: Any = 1.0) -> Array:
    return softmax((scale * np.tanh(query[:, :, None] + value[:, None])).sum(-1)) @ value


def heads(layer: Any, query: Array, value: Array) -> Array:
    """Attention is all you need, 3.2.2."""
    sides = ((layer._query_dense, query), (layer._key_dense, value), (layer._value_dense, value))
    q, k, v = (np.einsum("bti,ihd->bhtd", x, np.asarray(dense.kernel)) + np.asarray(dense.bias)[:, None] for dense, x in sides)
    said = softmax(q @ k.swapaxes(2, 3) / np.sqrt(layer.key_dim)) @ v
    return np.einsum("bhtd,hdo->bto", said, np.asarray(layer._output_dense.kernel)) + np.asarray(layer._output_dense.bias)


def assert_said(model: keras.Model, truth: Callable[..., Array]) -> None:
    arrays = numbers(*SHAPES)
    found = brought(filled(model))
    assert kinds(found.model) <= KERAS_2_2_LAYERS
    wanted = truth(*arrays)
    given = outputs(found.model, arrays)
    assert given.shape == wanted.shape
    assert np.abs(given - wanted).max() <= 1e-5 * np.abs(wanted).max()


def test_attention_by_products() -> None:
    assert_said(paired(layers.Attention()), dot_attention)


def test_attention_with_a_scale() -> None:
    layer = layers.Attention(use_scale=True)
    assert_said(paired(layer), lambda query, value: dot_attention(query, value, float(layer.scale)))


def test_attention_with_keys_of_their_own() -> None:
    layer = layers.Attention()
    arrays = numbers((4, 3), (5, 3), (5, 3))
    found = brought(one(lambda query, value, key: layer([query, value, key]), (4, 3), (5, 3), (5, 3)))
    assert len(found.rules) == 1
    query, value, key = arrays
    wanted = softmax(query @ key.swapaxes(1, 2)) @ value
    assert np.abs(outputs(found.model, arrays) - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("use_scale", [True, False])
def test_attention_by_sums(use_scale: bool) -> None:
    layer = layers.AdditiveAttention(use_scale=use_scale)
    assert_said(paired(layer), lambda query, value: additive_attention(query, value, np.asarray(layer.scale) if use_scale else 1.0))


def test_many_heads() -> None:
    layer = layers.MultiHeadAttention(2, 3, value_dim=4)
    assert_said(one(lambda query, value: layer(query, value), *SHAPES), lambda query, value: heads(layer, query, value))


def test_many_heads_that_are_told_their_inputs_by_name() -> None:
    layer = layers.MultiHeadAttention(2, 3)
    assert_said(one(lambda query, value: layer(value=value, query=query), *SHAPES), lambda query, value: heads(layer, query, value))


UNSAID: dict[str, Callable[[], keras.Model]] = {
    "a causal mask": lambda: one(lambda q, v: layers.MultiHeadAttention(2, 3)(q, v, use_causal_mask=True), *SHAPES),
    "scores asked for": lambda: one(lambda q, v: layers.MultiHeadAttention(2, 3)(q, v, return_attention_scores=True)[0], *SHAPES),
    "scores by concatenation": lambda: paired(layers.Attention(score_mode="concat")),
    "an output of another size": lambda: one(lambda q, v: layers.MultiHeadAttention(2, 3, output_shape=7)(q, v), *SHAPES),
    "heads over pictures": lambda: one(lambda q: layers.MultiHeadAttention(2, 3, attention_axes=(1, 2))(q, q), (4, 5, 3)),
    "products of more dimensions": lambda: one(lambda q, v: layers.Attention()([q, v]), (2, 4, 3), (2, 5, 3)),
    "sums of more dimensions": lambda: one(lambda q, v: layers.AdditiveAttention()([q, v]), (2, 4, 3), (2, 5, 3)),
    "sums of an open length": lambda: one(lambda q, v: layers.AdditiveAttention()([q, v]), (None, 3), (5, 3)),
}


@pytest.mark.parametrize("name", UNSAID)
def test_what_cannot_be_said_stays_a_layer(name: str) -> None:
    model = UNSAID[name]()
    found = brought(model)
    assert found.rules == ()
    assert kinds(found.model) == kinds(model)

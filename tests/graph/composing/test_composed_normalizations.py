"""Normalizations said in layers of Keras 2.2 give what their definitions give; settings that cannot be said are left as they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compositions import KERAS_2_2_LAYERS, brought, filled, kinds, numbers, one, outputs
from keras import layers

from layerfix.arrays import Array

Truth = Callable[[Array, Any], Array]


def deviation(x: Array, axes: tuple[int, ...] = (-1,)) -> Array:
    return np.square(x - x.mean(axes, keepdims=True)).mean(axes, keepdims=True)


def layer_normalized(x: Array, layer: Any) -> Array:
    y = (x - x.mean(-1, keepdims=True)) / np.sqrt(deviation(x) + layer.epsilon)
    scale = 1.0 if layer.gamma is None else np.asarray(layer.gamma)
    return y * scale + (0.0 if layer.beta is None else np.asarray(layer.beta))


def rms_normalized(x: Array, layer: Any) -> Array:
    return x / np.sqrt(np.square(x).mean(-1, keepdims=True) + layer.epsilon) * np.asarray(layer.scale)


def group_normalized(x: Array, layer: Any) -> Array:
    parts = x.reshape(*x.shape[:-1], layer.groups, -1)
    axes = (*range(1, x.ndim - 1), x.ndim)
    y = (parts - parts.mean(axes, keepdims=True)) / np.sqrt(deviation(parts, axes) + layer.epsilon)
    return y.reshape(x.shape) * np.asarray(layer.gamma) + np.asarray(layer.beta)


def unit_length(x: Array, _: object) -> Array:
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


SAID: dict[str, tuple[Callable[[], Any], tuple[int, ...], Truth]] = {
    "layer, vectors": (layers.LayerNormalization, (6,), layer_normalized),
    "layer, sequences": (lambda: layers.LayerNormalization(epsilon=1e-6), (5, 6), layer_normalized),
    "layer, pictures": (lambda: layers.LayerNormalization(axis=3), (4, 5, 6), layer_normalized),
    "layer, without an offset": (lambda: layers.LayerNormalization(center=False), (6,), layer_normalized),
    "layer, without a scale": (lambda: layers.LayerNormalization(scale=False), (6,), layer_normalized),
    "layer, axis in a list": (lambda: layers.LayerNormalization(axis=[-1]), (5, 6), layer_normalized),
    "rms": (layers.RMSNormalization, (5, 6), rms_normalized),
    "rms, a large epsilon": (lambda: layers.RMSNormalization(epsilon=0.5), (6,), rms_normalized),
    "unit": (layers.UnitNormalization, (5, 6), unit_length),
    "groups": (lambda: layers.GroupNormalization(2), (4, 5, 6), group_normalized),
    "groups of sequences": (lambda: layers.GroupNormalization(3), (4, 6), group_normalized),
    "a group for each channel": (lambda: layers.GroupNormalization(-1), (4, 5, 6), group_normalized),
}


@pytest.mark.parametrize("name", SAID)
def test_layers_of_keras_2_2_give_the_definition(name: str) -> None:
    make, shape, truth = SAID[name]
    layer = make()
    model = filled(one(layer, shape))
    (x,) = numbers(shape)
    found = brought(model)
    assert kinds(found.model) <= KERAS_2_2_LAYERS
    assert np.abs(outputs(found.model, [x]) - truth(x, layer)).max() <= 2e-5


def test_numbers_that_do_not_differ_are_centred_to_the_offset() -> None:
    layer = layers.LayerNormalization()
    model = filled(one(layer, (6,)))
    given = outputs(brought(model).model, [np.full((2, 6), 3.0, "float32")])
    assert np.allclose(given, np.asarray(layer.beta), atol=1e-5)


def test_a_normalization_by_a_known_mean_and_variance() -> None:
    layer = layers.Normalization(mean=[1.0, 2.0, 0.0], variance=[4.0, 1.0, 9.0])
    found = brought(one(layer, (3,)))
    assert kinds(found.model) <= KERAS_2_2_LAYERS
    assert outputs(found.model, [np.array([[3.0, 2.0, 3.0]], "float32")]).tolist() == [[1.0, 0.0, 1.0]]


def test_a_variance_of_zero_divides_by_the_epsilon_of_keras() -> None:
    layer = layers.Normalization(axis=None, mean=1.0, variance=0.0)
    given = outputs(brought(one(layer, (2,))).model, [np.array([[1.0, 1.5]], "float32")])
    assert np.allclose(given, [[0.0, 0.5e7]])


def test_a_rescaling_with_a_number_for_each_channel() -> None:
    found = brought(one(layers.Rescaling([1.0, 2.0, 0.5], offset=[0.0, 1.0, -1.0]), (3,)))
    assert outputs(found.model, [np.array([[2.0, 2.0, 2.0]], "float32")]).tolist() == [[2.0, 5.0, 0.0]]


def adapted(layer: layers.Normalization, shape: tuple[int, ...]) -> layers.Normalization:
    """With the mean and variance of some numbers; as arguments no shape of theirs serves Keras 3.12 and 3.15 where `axis` is not last."""
    layer.adapt(np.random.default_rng(5).normal(size=shape).astype("float32"))
    return layer


UNSAID: dict[str, tuple[Callable[[], Any], tuple[int | None, ...]]] = {
    "layer over another axis": (lambda: layers.LayerNormalization(axis=1), (5, 6)),
    "layer over two axes": (lambda: layers.LayerNormalization(axis=(1, 2)), (5, 6)),
    "layer without an epsilon": (lambda: layers.LayerNormalization(epsilon=0.0), (5, 6)),
    "layer, two open sizes": (layers.LayerNormalization, (None, None, 6)),
    "rms over another axis": (lambda: layers.RMSNormalization(axis=1), (5, 6)),
    "unit over places": (lambda: layers.UnitNormalization(axis=1), (5, 6)),
    "groups over another axis": (lambda: layers.GroupNormalization(5, axis=1), (5, 6)),
    "groups of an open length": (lambda: layers.GroupNormalization(2), (None, 6)),
    "a normalization turned round": (lambda: layers.Normalization(mean=1.0, variance=4.0, invert=True), (3,)),
    "a normalization over places": (lambda: adapted(layers.Normalization(axis=1), (4, 5, 6)), (5, 6)),
}


@pytest.mark.parametrize("name", UNSAID)
def test_what_cannot_be_said_stays_a_layer_that_is_refused_by_its_name(name: str) -> None:
    make, shape = UNSAID[name]
    model = one(make(), shape)
    found = brought(model)
    assert found.rules == ()
    assert kinds(found.model) == kinds(model)

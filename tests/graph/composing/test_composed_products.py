"""Products and convolutions said in layers of Keras 2.2: what they compute is the definition's sum, counted out in numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compositions import KERAS_2_2_LAYERS, brought, filled, kinds, numbers, one, outputs
from keras import layers

from layerfix.arrays import Array


def values(layer: Any) -> tuple[Array, Any]:
    return np.asarray(layer.kernel), 0.0 if layer.bias is None else np.asarray(layer.bias)


def assert_said(layer: Any, shape: tuple[int, ...], truth: Callable[[Array], Array]) -> None:
    model = filled(one(layer, shape))
    (x,) = numbers(shape)
    found = brought(model)
    assert kinds(found.model) <= KERAS_2_2_LAYERS
    given, wanted = outputs(found.model, [x]), truth(x)
    assert given.shape == wanted.shape
    assert np.abs(given - wanted).max() <= 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize(
    ("equation", "size", "bias", "shape"),
    [
        ("abc,cd->abd", (None, 7), "d", (5, 6)),
        ("abc,cde->abde", (None, 2, 3), "de", (5, 6)),
        ("abc,cde->abde", (None, 2, 3), "e", (5, 6)),
        ("abc,cde->abde", (None, 2, 3), None, (5, 6)),
        ("abcd,cde->abe", (None, 7), "e", (5, 2, 3)),
        ("...x,xy->...y", 7, "y", (5, 6)),
    ],
)
def test_an_einsum_over_the_last_axes(equation: str, size: Any, bias: str | None, shape: tuple[int, ...]) -> None:
    layer = layers.EinsumDense(equation, output_shape=size, bias_axes=bias)

    def truth(x: Array) -> Array:
        kernel, added = values(layer)
        return np.einsum(equation, x, kernel) + added

    assert_said(layer, shape, truth)


@pytest.mark.parametrize(
    ("equation", "size", "bias", "activation"),
    [
        ("abc,bd->adc", (7, 6), None, None),
        ("abc,bcd->abd", (5, 7), None, None),
        ("abc,cd->abd", (5, 7), "bd", None),
        ("abc,cd->abd", (None, 7), None, "relu"),
    ],
)
def test_another_einsum_stays_a_layer(equation: str, size: Any, bias: str | None, activation: str | None) -> None:
    assert brought(one(layers.EinsumDense(equation, output_shape=size, bias_axes=bias, activation=activation), (5, 6))).rules == ()


@pytest.mark.parametrize("use_bias", [True, False])
def test_a_convolution_in_groups(use_bias: bool) -> None:
    layer = layers.Conv1D(6, 3, groups=2, use_bias=use_bias)

    def truth(x: Array) -> Array:
        kernel, added = values(layer)
        halves = [
            sum(x[:, tap : tap + 5, place * 2 : place * 2 + 2] @ kernel[tap, :, place * 3 : place * 3 + 3] for tap in range(3))
            for place in range(2)
        ]
        return np.concatenate(halves, -1) + added

    assert_said(layer, (7, 4), truth)


def test_a_convolution_of_each_channel() -> None:
    layer = layers.DepthwiseConv1D(3, strides=2, depth_multiplier=2)

    def truth(x: Array) -> Array:
        kernel, added = values(layer)
        steps = [np.einsum("btc,tcm->bcm", x[:, start : start + 3], kernel).reshape(len(x), -1) for start in (0, 2, 4, 6)]
        return np.stack(steps, 1) + added

    assert_said(layer, (9, 3), truth)


@pytest.mark.parametrize("use_bias", [True, False])
def test_a_convolution_turned_round(use_bias: bool) -> None:
    layer = layers.Conv1DTranspose(4, 3, strides=2, use_bias=use_bias)

    def truth(x: Array) -> Array:
        kernel, added = values(layer)
        y = np.zeros((len(x), 11, 4), "float32")
        for step in range(5):
            y[:, 2 * step : 2 * step + 3] += np.einsum("bc,kfc->bkf", x[:, step], kernel)
        return y + added

    assert_said(layer, (5, 3), truth)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.DepthwiseConv1D(3, dilation_rate=2),
        lambda: layers.Conv1DTranspose(4, 3, strides=2, output_padding=1),
        lambda: layers.Conv1DTranspose(4, 3, dilation_rate=2),
    ],
)
def test_settings_that_no_picture_of_one_column_has_stay_a_layer(make: Callable[[], Any]) -> None:
    assert brought(one(make(), (9, 3))).rules == ()


def test_what_is_told_its_input_by_name_is_composed_all_the_same() -> None:
    layer = layers.DepthwiseConv1D(3)
    model = filled(one(lambda x: layer(inputs=x), (9, 3)))
    (x,) = numbers((9, 3))
    found = brought(model)
    assert [rule.layer for rule in found.rules] == [layer.name]
    assert np.abs(outputs(found.model, [x]) - outputs(model, [x])).max() <= 1e-5

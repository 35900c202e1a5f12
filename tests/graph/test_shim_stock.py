"""Stock layers as legacy source calls them, also by names that only Keras 1 had."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerfix.graph.shim.stock import stock_class


@pytest.mark.parametrize(
    ("name", "args", "settings", "today", "expected"),
    [
        ("AtrousConvolution1D", (8, 3), {"atrous_rate": 2}, "Conv1D", {"filters": 8, "kernel_size": (3,), "dilation_rate": (2,)}),
        ("AtrousConvolution2D", (8, 3, 5), {"atrous_rate": (2, 2)}, "Conv2D", {"kernel_size": (3, 5), "dilation_rate": (2, 2)}),
        ("TimeDistributedDense", (7,), {}, "Dense", {"units": 7}),
        ("Deconvolution3D", (4, 3), {}, "Conv3DTranspose", {"filters": 4, "kernel_size": (3, 3, 3)}),
        ("MaxPool3D", (), {}, "MaxPooling3D", {"pool_size": (2, 2, 2)}),
    ],
)
def test_a_class_that_keras_has_under_another_name_today(
    name: str, args: tuple[Any, ...], settings: dict[str, Any], today: str, expected: dict[str, Any]
) -> None:
    layer = stock_class(name)(*args, **settings)
    assert today in {base.__name__ for base in type(layer).__mro__}
    assert {key: getattr(layer, key) for key in expected} == expected


def test_a_dense_layer_over_time_is_one_over_the_last_axis() -> None:
    layer = stock_class("TimeDistributedDense")(output_dim=3, input_dim=2)
    x = np.ones((2, 4, 2), np.float32)
    assert layer(x).shape == (2, 4, 3)

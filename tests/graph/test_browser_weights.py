"""A live model's weights as TensorFlow.js finds them: by the innermost layer's name, however deep it lies."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from layerfix.errors import GraphError
from layerfix.graph.today import browser_weights, legacy_names


def names(model: keras.Model) -> dict[str, list[str]]:
    return {layer: [name for name, _ in weights] for layer, weights in browser_weights(model, {}).items() if weights}


def deep() -> keras.Model:
    inner = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="deep"), layers.BatchNormalization(name="norm")], name="inner")
    return keras.Sequential([keras.Input((3,)), inner, layers.Dense(1, name="last")], name="outer")


def test_layers_of_models_inside_stand_beside_the_others() -> None:
    assert names(deep()) == {
        "deep": ["deep/kernel:0", "deep/bias:0"],
        "norm": ["norm/gamma:0", "norm/beta:0", "norm/moving_mean:0", "norm/moving_variance:0"],
        "last": ["last/kernel:0", "last/bias:0"],
    }


def test_the_kernel_of_a_depthwise_convolution_has_its_older_name() -> None:
    model = keras.Sequential([keras.Input((4, 4, 2)), layers.DepthwiseConv2D(2, name="depth"), layers.SeparableConv2D(3, 2, name="both")])
    assert names(model) == {
        "depth": ["depth/depthwise_kernel:0", "depth/bias:0"],
        "both": ["both/depthwise_kernel:0", "both/pointwise_kernel:0", "both/bias:0"],
    }


def test_blocks_are_scaled_by_the_path_of_their_layer() -> None:
    model = deep()
    model.get_layer("inner").get_layer("deep").set_weights([np.ones((3, 2), np.float32), np.ones(2, np.float32)])
    found = browser_weights(model, {"inner/deep": ((1,), 2)})
    assert np.allclose(found["deep"][0][1], [[1, 5 / 6]] * 3)
    assert np.allclose(found["deep"][1][1], [1, 5 / 6])


def test_two_layers_of_one_name_are_refused_since_one_would_take_the_other_s_weights() -> None:
    inner = [keras.Sequential([keras.Input((2,)), layers.Dense(2, name="same")], name=name) for name in ("one", "two")]
    model = keras.Sequential([keras.Input((2,)), *inner])
    with pytest.raises(GraphError, match=r"two/same: TensorFlow.js finds weights by a layer's name, and two layers are called 'same'"):
        browser_weights(model, {})


def test_two_layers_of_one_name_without_weights_are_no_matter() -> None:
    inner = [keras.Sequential([keras.Input((2,)), layers.Activation("relu", name="same")], name=name) for name in ("one", "two")]
    assert names(keras.Sequential([keras.Input((2,)), *inner])) == {}


def test_a_shared_weight_has_the_name_of_its_first_layer() -> None:
    x = keras.Input((2,))
    shared = layers.Dense(2, name="shared")
    inner = keras.Sequential([keras.Input((2,)), shared], name="inner")
    model = keras.Model(x, inner(shared(x)))
    assert sorted(legacy_names(model).values()) == ["shared/bias:0", "shared/kernel:0"]

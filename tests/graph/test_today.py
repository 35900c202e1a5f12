"""A live model as data: its weights under the names and in the order of legacy files."""

from __future__ import annotations

import json

import keras
import numpy as np

from layerfix.graph.today import legacy_weights, stated


def model() -> keras.Model:
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="deep")], name="inner")
    x = keras.Input((3,), name="x")
    y = keras.layers.BatchNormalization(name="norm")(inner(x))
    return keras.Model(x, keras.layers.Dense(1, name="last")(y))


def test_the_architecture_is_plain_json() -> None:
    found = stated(model())
    assert found == json.loads(json.dumps(found))
    assert found["class_name"] == "Functional"


def test_weights_stand_under_their_layers_what_is_trained_first() -> None:
    found = legacy_weights(model(), {})
    assert {layer: [name for name, _ in weights] for layer, weights in found.items()} == {
        "x": [],
        "inner": ["deep/kernel:0", "deep/bias:0"],
        "norm": ["norm/gamma:0", "norm/beta:0", "norm/moving_mean:0", "norm/moving_variance:0"],
        "last": ["last/kernel:0", "last/bias:0"],
    }


def test_arrays_are_copies_of_what_the_model_holds() -> None:
    live = model()
    (_, kernel), _ = legacy_weights(live, {})["last"]
    np.testing.assert_array_equal(kernel, np.asarray(live.get_layer("last").kernel))
    before = kernel.copy()
    live.get_layer("last").kernel.assign(np.zeros((2, 1), np.float32))
    np.testing.assert_array_equal(kernel, before)


def test_chosen_blocks_of_columns_are_times_five_sixths_and_others_stay() -> None:
    live = keras.Sequential([keras.Input((3,)), keras.layers.Dense(6, name="gates")])
    live.get_layer("gates").set_weights([np.ones((3, 6), np.float32), np.full(6, 2, np.float32)])
    (_, kernel), (_, bias) = legacy_weights(live, {"gates": ((0, 2), 3)})["gates"]
    np.testing.assert_allclose(kernel[0], [5 / 6, 5 / 6, 1, 1, 5 / 6, 5 / 6], rtol=1e-6)
    np.testing.assert_allclose(bias, np.array([5 / 6, 5 / 6, 1, 1, 5 / 6, 5 / 6]) * 2, rtol=1e-6)


def test_a_layer_in_a_model_is_chosen_by_its_path() -> None:
    live = model()
    live.get_layer("inner").get_layer("deep").set_weights([np.ones((3, 2), np.float32), np.ones(2, np.float32)])
    (_, kernel), _ = legacy_weights(live, {"inner/deep": ((0,), 1)})["inner"]
    np.testing.assert_allclose(kernel, np.full((3, 2), 5 / 6), rtol=1e-6)

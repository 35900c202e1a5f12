"""Layers of public packages, each as its package wrote it and as its package computes it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from architectures import Said, built, rules, sequential, today
from numpy.typing import NDArray

from layerfix.dialects.relay import relaid
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import Layer, Operation, Relay

Array = NDArray[Any]
RNG = np.random.default_rng(8)
X = RNG.normal(1.0, 2.0, (3, 4, 6)).astype("float32")


def record(class_name: str, config: dict[str, Any], version: str = "2.4.0") -> Layer:
    return upgrade(sequential((class_name, config), shape=[4, 6]), version, "tensorflow").model.layers[1]


def only(class_name: str, config: dict[str, Any], version: str = "2.4.0", **options: Any) -> Said:
    (found,) = today((class_name, config), version=version, **options)
    return found


CONTRIB = {"axis": -1, "epsilon": 0.01, "center": True, "scale": True, "trainable": True}


@pytest.mark.parametrize(
    ("axis", "center", "scale"), [(-1, True, True), (-1, False, True), (-1, True, False), (1, True, True), (None, True, True)]
)
def test_contrib_s_instance_normalization_divides_by_the_deviation_plus_epsilon(axis: int | None, center: bool, scale: bool) -> None:
    """keras_contrib, layers/normalization/instancenormalization.py, call: (x - mean) / (std + epsilon)."""
    size = 1 if axis is None else X.shape[axis]
    arrays = [RNG.uniform(0.5, 2.0, size).astype("float32") for _ in range(scale + center)]
    over = tuple(place for place in (1, 2) if axis is None or place != axis % 3)
    expected = (X - X.mean(over, keepdims=True)) / (X.std(over, keepdims=True) + 0.01)
    shape = [1, 1, 1]
    if axis is not None:
        shape[axis] = size
    given = iter(arrays)
    expected = expected * (next(given).reshape(shape) if scale else 1) + (next(given).reshape(shape) if center else 0)
    config = {**CONTRIB, "axis": axis, "center": center, "scale": scale}
    stated = sequential(("InstanceNormalization", config), shape=[4, 6])
    layer = built(stated, "2.2.4").layers[0]
    layer.set_weights(relaid(record("InstanceNormalization", config, "2.2.4"), arrays, [tuple(one.shape) for one in layer.weights]))
    np.testing.assert_allclose(layer(X), expected, rtol=1e-5, atol=1e-5)


def test_contrib_s_without_scale_and_center_has_no_weights() -> None:
    found = record("InstanceNormalization", {**CONTRIB, "scale": False, "center": False}, "2.2.4")
    assert found.relay is None
    assert found.model is not None
    assert found.model.layers[-1].operation == Operation("true_divide", {})


ADDONS = {"groups": 2, "axis": -1, "epsilon": 0.001, "center": True, "scale": True}


@pytest.mark.parametrize(("class_name", "groups"), [("Addons>GroupNormalization", 2), ("Addons>InstanceNormalization", -1)])
def test_addons_normalizations_are_keras_groups(class_name: str, groups: int) -> None:
    found = only(class_name, ADDONS)
    assert (found.class_name, found.settings["groups"], found.settings["axis"]) == ("GroupNormalization", groups, -1)


def test_an_axis_counted_from_behind_further_than_the_last_is_refused() -> None:
    with pytest.raises(GraphError, match="GroupNormalization over axis -2"):
        only("Addons>GroupNormalization", {**ADDONS, "axis": -2})


def test_keras_layer_normalization_s_layer_is_keras_own_over_the_last_axis() -> None:
    config = {"center": True, "scale": True, "epsilon": 0.01, "gamma_initializer": "ones", "beta_initializer": "zeros"}
    found = only("LayerNormalization", config, "2.2.4")
    assert (found.class_name, found.settings["axis"], found.settings["epsilon"]) == ("LayerNormalization", -1, 0.01)
    assert record("LayerNormalization", {"center": True}, "2.2.4").custom


@pytest.mark.parametrize(
    ("class_name", "config", "function", "arguments"),
    [
        ("Addons>GELU", {"approximate": True}, "gelu", {"approximate": True}),
        ("Addons>GELU", {"approximate": False}, "gelu", {"approximate": False}),
        ("Mish", {}, "mish", {}),
        ("Swish", {"dtype": "float32", "trainable": True}, "silu", {}),
        ("Softshrink", {"lower": -0.25, "upper": 0.25}, "soft_shrink", {"threshold": 0.25}),
        ("Hardshrink", {}, "hard_shrink", {"threshold": 0.5}),
    ],
)
def test_a_layer_that_only_applies_a_function_is_that_operation(
    class_name: str, config: dict[str, Any], function: str, arguments: dict[str, Any]
) -> None:
    assert record(class_name, config).operation == Operation(function, arguments)


@pytest.mark.parametrize(
    ("class_name", "config", "told"),
    [
        ("Softshrink", {"lower": -0.25, "upper": 0.5}, "sides of different width"),
        ("WeightNormalization", {"layer": {"class_name": "LSTM", "config": {"name": "l", "units": 2}}}, "of a recurrent layer"),
        ("WeightNormalization", {"layer": {"class_name": "Mine", "config": {"name": "l"}}}, "WeightNormalization around Mine is not known"),
        ("PruneLowMagnitude", {"layer": {"class_name": "Mine", "config": {"name": "l"}}}, "PruneLowMagnitude around Mine is not known"),
        ("Dense", {"units": 2, "activation": "Addons>gelu"}, "changed between its releases"),
    ],
)
def test_what_has_no_equal_is_refused(class_name: str, config: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphError, match=told):
        only(class_name, config)


@pytest.mark.parametrize(
    ("stated", "name"),
    [
        ("Addons>mish", "mish"),
        ({"class_name": "function", "config": "Addons>swish"}, "silu"),
        ("Addons>tanhshrink", "tanh_shrink"),
        ("Addons>sparsemax", "sparsemax"),
    ],
)
def test_activations_of_addons_are_keras_own_where_they_are_the_same(stated: Any, name: str) -> None:
    assert only("Dense", {"units": 2, "activation": stated}).settings["activation"] == name


def test_an_activation_of_addons_that_the_user_gives_is_theirs() -> None:
    assert only("Dense", {"units": 2, "activation": "Addons>gelu"}, custom=("gelu",)).settings["activation"] == "gelu"


def test_what_acts_in_training_alone_is_taken_off() -> None:
    assert only("FixedDropout", {"rate": 0.2, "noise_shape": [None, 1, 1], "seed": None}).class_name == "Dropout"
    assert "freeze" not in only("BatchNormalization", {"axis": 2, "freeze": True}).settings


def inner(class_name: str = "Dense", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": "inside", "units": 2, **config}}


@pytest.mark.parametrize(
    ("config", "relay"),
    [
        ({"data_init": False, "layer": inner()}, Relay("weight_normalization", 4, untrained=1)),
        ({"data_init": True, "layer": inner()}, Relay("weight_normalization", 6, untrained=3, data_init=True)),
        ({"data_init": False, "layer": inner(use_bias=False)}, Relay("weight_normalization", 3, untrained=1)),
    ],
)
def test_weight_normalization_is_the_layer_inside_under_the_wrapper_s_name(config: dict[str, Any], relay: Relay) -> None:
    found = record("Addons>WeightNormalization", config)
    assert (found.class_name, found.name, found.settings["units"], found.relay) == ("Dense", "layer_0", 2, relay)


@pytest.mark.parametrize(
    ("layer", "relay"),
    [
        (inner(), Relay("pruned", 5, untrained=3)),
        (inner(use_bias=False), Relay("pruned", 4, untrained=3)),
        ({"class_name": "LSTM", "config": {"name": "l", "units": 2, "recurrent_activation": "sigmoid"}}, Relay("pruned", 8, untrained=5)),
        ({"class_name": "BatchNormalization", "config": {"name": "b", "axis": -1}}, Relay("pruned", 5, untrained=3)),
        ({"class_name": "ReLU", "config": {"name": "r"}}, Relay("pruned", 1, untrained=1)),
    ],
)
def test_a_pruned_layer_has_a_mask_and_a_threshold_for_each_pruned_weight_and_a_step(layer: dict[str, Any], relay: Relay) -> None:
    """tfmot 0.8, pruning_wrapper.py: (mask, threshold) for each weight to prune, and pruning_step."""
    found = record("PruneLowMagnitude", {"layer": layer, "pruning_schedule": {}, "block_size": [1, 1]})
    assert (found.class_name, found.relay) == (layer["class_name"], relay)


def test_a_pruned_layer_keeps_the_input_shape_that_its_wrapper_states() -> None:
    model = upgrade(sequential(("PruneLowMagnitude", {"layer": inner()}), shape=[4, 6]), "2.4.0", "tensorflow").model
    assert model.layers[0].settings["batch_shape"] == [None, 4, 6]


def test_spectral_normalization_stays_and_its_vector_moves() -> None:
    found = record("Addons>SpectralNormalization", {"layer": inner(), "power_iterations": 1})
    assert (found.class_name, found.relay) == ("SpectralNormalization", Relay("spectral_normalization", 3, untrained=1))


@pytest.mark.parametrize("name", ["Mish", "FixedDropout", "WeightNormalization"])
def test_a_class_that_the_user_gives_is_theirs(name: str) -> None:
    assert upgrade(sequential((name, {}), shape=[4, 6]), "2.4.0", "tensorflow", custom=(name,)).model.layers[1].custom
    assert not rules((name, {}), version="2.4.0", custom=(name,)) & {"function_layers", "inference_only", "weight_normalization"}

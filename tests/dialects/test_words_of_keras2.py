"""Rules on single layers of Keras 2 and tf.keras: each on a layer as that release wrote it."""

from __future__ import annotations

from typing import Any

import pytest
from architectures import Said, rules, today

from layerfix.errors import GraphError

PICTURE = [8, 8, 3]


def said(class_name: str, config: dict[str, Any], version: str = "2.2.4", **options: Any) -> Said:
    (found,) = today((class_name, config), version=version, **options)
    return found


@pytest.mark.parametrize(
    ("version", "class_name", "today_s"),
    [
        ("2.2.4", "Convolution2D", "Conv2D"),
        ("2.2.4", "Conv2D", "Conv2D"),
        ("2.1.6-tf", "BatchNormalizationV1", "BatchNormalization"),
        ("2.4.0", "SyncBatchNormalization", "BatchNormalization"),
        ("2.2.4", "MaxPool2D", "MaxPooling2D"),
        ("2.2.4", "AvgPool2D", "AveragePooling2D"),
        ("2.2.4", "GlobalMaxPool2D", "GlobalMaxPooling2D"),
    ],
)
def test_an_alias_is_the_class_it_names(version: str, class_name: str, today_s: str) -> None:
    config = {"filters": 2, "kernel_size": [3, 3]} if "Conv" in class_name else {}
    assert said(class_name, config, version, shape=PICTURE)[0] == today_s


@pytest.mark.parametrize(
    ("stated", "name", "config"),
    [
        ("glorot_uniform", "GlorotUniform", {}),
        ("zeros", "Zeros", {}),
        ({"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}},
         "VarianceScaling", {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}),
        ({"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal", "seed": 3}},
         "VarianceScaling", {"scale": 2.0, "mode": "fan_in", "distribution": "truncated_normal", "seed": 3}),
        ({"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.05, "seed": None, "dtype": "float32"}},
         "RandomNormal", {"mean": 0.0, "stddev": 0.05, "seed": None}),
        ({"class_name": "Identity", "config": {"gain": 2.0}}, "Identity", {"gain": 2.0}),
        ({"class_name": "Constant", "config": {"value": 0.5}}, "Constant", {"value": 0.5}),
        ({"class_name": "Constant", "config": {"value": [1, 2]}}, "Zeros", {}),
        ({"class_name": "HeNormalV2", "config": {}}, "Zeros", {}),
    ],
)  # fmt: skip
def test_an_initializer_is_one_of_today_s_with_what_that_takes(stated: Any, name: str, config: dict[str, Any]) -> None:
    found = said("Dense", {"units": 2, "kernel_initializer": stated}).settings
    assert (found["kernel_initializer"]["class_name"], found["kernel_initializer"]["config"]) == (name, config)


@pytest.mark.parametrize(
    ("key", "stated", "expected"),
    [
        ("kernel_regularizer", {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}}, ("L1L2", {"l1": 0.0, "l2": 0.5})),
        ("kernel_regularizer", {"class_name": "L2", "config": {"l2": 0.5}}, ("L2", {"l2": 0.5})),
        ("kernel_constraint", {"class_name": "MaxNorm", "config": {"max_value": 2, "axis": 0}}, ("MaxNorm", {"max_value": 2, "axis": 0})),
        ("kernel_constraint", {"class_name": "max_norm", "config": {"max_value": 2}}, ("MaxNorm", {"max_value": 2})),
        ("bias_constraint", {"class_name": "NonNeg", "config": {}}, ("NonNeg", {})),
        ("kernel_constraint", {"class_name": "Mine", "config": {}}, None),
    ],
)
def test_a_penalty_is_one_of_today_s_or_left_out(key: str, stated: dict[str, Any], expected: Any) -> None:
    found = said("Dense", {"units": 2, key: stated})[1][key]
    assert (found and (found["class_name"], found["config"])) == expected


@pytest.mark.parametrize(
    ("class_name", "config", "version", "expected"),
    [
        ("Dense", {"units": 2, "activation": {"class_name": "function", "config": "relu"}}, "2.12.0", "relu"),
        ("Dense", {"units": 2, "activation": "swish"}, "2.4.0", "swish"),
        ("Dense", {"units": 2, "activation": "gelu"}, "2.4.0", "gelu"),
        ("Dense", {"units": 2, "activation": "leaky_relu"}, "2.4.0", "leaky_relu"),
        ("Dense", {"units": 2, "activation": "relu6"}, "2.2.4", "relu6"),
    ],
)
def test_an_activation_with_one_meaning_keeps_its_name(class_name: str, config: dict[str, Any], version: str, expected: str) -> None:
    assert said(class_name, config, version)[1]["activation"] == expected


@pytest.mark.parametrize(("name", "version"), [("gelu", "2.2.4"), ("leaky_relu", "2.2.4"), ("my_gate", "2.4.0"), ("Mine>gate", "2.4.0")])
def test_an_activation_that_the_file_does_not_hold_is_asked_for(name: str, version: str) -> None:
    with pytest.raises(GraphError, match="a function of your own"):
        said("Dense", {"units": 2, "activation": name}, version)
    plain = name.rpartition(">")[2]
    assert said("Dense", {"units": 2, "activation": name}, version, custom=(plain,))[1]["activation"] == plain


def test_an_activation_that_is_a_layer_says_its_slope_as_today() -> None:
    layer = {"class_name": "LeakyReLU", "config": {"name": "l", "trainable": True, "dtype": "float32", "alpha": {"value": 0.25}}}
    found = said("Dense", {"units": 2, "activation": layer}, "2.4.0")[1]["activation"]
    assert (found["class_name"], found["config"]["negative_slope"]) == ("LeakyReLU", 0.25)


@pytest.mark.parametrize("class_name", ["LSTM", "GRU"])
def test_gates_have_the_defaults_of_their_release(class_name: str) -> None:
    assert {"recurrent_defaults", "hard_sigmoid"} <= rules((class_name, {"units": 2}))
    assert "recurrent_defaults" not in rules((class_name, {"units": 2, "recurrent_activation": "sigmoid"}))


@pytest.mark.parametrize(
    ("class_name", "config", "version", "shape", "expected"),
    [
        ("ELU", {"alpha": 1.0}, "2.2.4", None, {"alpha": 1.0}),
        ("ELU", {"alpha": [0.5]}, "2.2.4", None, {"alpha": 0.5}),
        ("ReLU", {"max_value": None}, "2.2.4", None, {"max_value": None}),
        ("BatchNormalization", {"axis": [3], "epsilon": 0.1}, "2.1.6-tf", PICTURE, {"axis": 3, "epsilon": 0.1}),
        ("BatchNormalization", {"axis": 1, "fused": True}, "2.1.6-tf", PICTURE, {"axis": 1}),
        ("SpatialDropout1D", {"rate": 0.5, "trainable": True}, "2.2.4", None, {"rate": 0.5}),
        ("Conv2D", {"filters": 2, "kernel_size": [1, 1], "groups": 1}, "2.4.0", PICTURE,
         {"filters": 2, "kernel_size": [1, 1], "groups": 1, "data_format": "channels_last"}),
        ("DepthwiseConv2D", {"kernel_size": [3, 3], "filters": None, "kernel_initializer": "zeros"}, "2.2.4", PICTURE,
         {"kernel_size": [3, 3], "data_format": "channels_last"}),
        ("Flatten", {"data_format": None}, "2.2.4", PICTURE, {"data_format": "channels_last"}),
        ("MaxPooling2D", {"strides": [2, 2]}, "2.2.4", PICTURE,
         {"pool_size": [2, 2], "strides": [2, 2], "data_format": "channels_last"}),
        ("RandomHeight", {"factor": 0.5}, "2.4.0", PICTURE, {}),
    ],
)  # fmt: skip
def test_a_layer_is_said_in_full_and_in_no_word_more(
    class_name: str, config: dict[str, Any], version: str, shape: list[int | None] | None, expected: dict[str, Any]
) -> None:
    assert said(class_name, config, version, shape=shape)[1] == expected


@pytest.mark.parametrize(
    ("class_name", "config", "version", "told"),
    [
        ("BatchNormalization", {"axis": [1, 2]}, "2.4.0", "several axes"),
        ("Dense", {"units": 2, "mine": 7}, "2.4.0", "mine=7"),
        ("LSTM", {"units": 2, "time_major": True}, "2.4.0", "time_major=True"),
        ("LeakyReLU", {"alpha": "steep"}, "2.2.4", "a number was expected"),
        ("StringLookup", {"vocabulary": None}, "2.4.0", "vocabulary"),
        ("LocallyConnected1D", {"filters": 2, "kernel_size": [2], "padding": "same"}, "2.2.4", "no equal"),
    ],
)
def test_a_setting_without_an_equal_is_refused_by_its_name(class_name: str, config: dict[str, Any], version: str, told: str) -> None:
    with pytest.raises(GraphError, match=told) as caught:
        said(class_name, config, version)
    assert "layer_0" in str(caught.value) or class_name == "LeakyReLU"


@pytest.mark.parametrize(("class_name", "reset"), [("CuDNNLSTM", None), ("CuDNNGRU", True)])
def test_cudnn_s_layers_are_the_plain_ones_with_their_gates_stated(class_name: str, reset: bool | None) -> None:
    name, found, _ = said(class_name, {"units": 2})
    assert name == class_name.removeprefix("CuDNN")
    assert (found["activation"], found["recurrent_activation"], found["use_bias"]) == ("tanh", "sigmoid", True)
    assert found.get("reset_after") is reset


def test_a_locally_connected_layer_is_patches_places_and_a_dense_layer_for_each() -> None:
    config = {"filters": 2, "kernel_size": [3], "strides": [2], "activation": "relu", "use_bias": True}
    parts = [part[:2] for part in said("LocallyConnected1D", config).parts]
    assert [name for name, _ in parts] == ["InputLayer", "DepthwiseConv1D", "MaxPooling1D", "EinsumDense"]
    assert parts[1][1]["depth_multiplier"] == 3
    assert parts[1][1]["trainable"] is False
    assert parts[2][1]["strides"] == [2]
    assert parts[3][1]["equation"] == "bxk,xkf->bxf"


@pytest.mark.parametrize(
    ("version", "backend", "legacy"),
    [("2.2.4", "tensorflow", True), ("2.2.4", "theano", False), ("2.1.6-tf", "tensorflow", True), ("2.4.0", "tensorflow", False)],
)
def test_bilinear_upsampling_is_that_of_its_tensorflow(version: str, backend: str, legacy: bool) -> None:
    config = {"size": [2, 2], "interpolation": "bilinear", "data_format": "channels_last"}
    fired = rules(("UpSampling2D", config), version=version, backend=backend, shape=PICTURE)
    assert ("bilinear_upsampling" in fired) is legacy


def test_channels_first_is_computed_last_between_two_turns() -> None:
    config = {"filters": 2, "kernel_size": [3, 3], "data_format": "channels_first", "activation": "softmax"}
    parts = [part[:2] for part in said("Conv2D", config, shape=[3, 8, 8]).parts]
    assert [name for name, _ in parts if name != "InputLayer"] == ["Permute", "Conv2D", "Permute", "Activation"]
    turns = [config["dims"] for name, config in parts if name == "Permute"]
    assert turns == [[2, 3, 1], [3, 1, 2]]


@pytest.mark.parametrize("version", ["2.4.0", "2.2.4-tf"])
def test_attention_that_looks_back_alone_says_so_in_its_call(version: str) -> None:
    assert "causal_attention" in rules(("Attention", {"causal": True}), version=version)
    assert "causal_attention" not in rules(("Attention", {"causal": False}), version=version)


@pytest.mark.parametrize(
    ("class_name", "version", "refused"),
    [
        ("Addons>GroupNormalization", "2.4.0", False),
        ("Addons>GroupNormalization", "2.2.4-tf", True),
        ("GroupNormalization", "2.4.0", True),
        ("GroupNormalization", "2.10.0", True),
        ("GroupNormalization", "2.11.0", False),
    ],
)
def test_groups_of_a_library_s_older_class_are_not_taken_for_keras_own(class_name: str, version: str, refused: bool) -> None:
    layer = (class_name, {"groups": 1, "axis": -1, "epsilon": 0.001, "center": True, "scale": True})
    if refused:
        with pytest.raises(GraphError, match="group places"):
            today(layer, version=version)
    else:
        assert today(layer, version=version)[0][0] == "GroupNormalization"
    assert today(layer, version=version, custom=("GroupNormalization",))[0][0] == "GroupNormalization"


@pytest.mark.parametrize(("name", "config", "operation"), [("Swish", {}, True), ("Swish", {"beta": 1.5}, False), ("Mish", {}, True)])
def test_a_function_s_layer_with_settings_of_its_own_is_somebody_s_own(name: str, config: dict[str, Any], operation: bool) -> None:
    stated = {"trainable": True, "dtype": "float32", **config}
    assert (said(name, stated, "2.4.0")[0] == "Operation") is operation

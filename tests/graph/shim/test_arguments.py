"""Arguments of legacy stock layers: by position, by the names of Keras 1, and the defaults that today's Keras has otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerfix.graph.shim.arguments import batch_shape, by_name, hard_sigmoid, with_legacy_defaults
from layerfix.legacy.recurrent import recurrent_defaults


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "given"),
    [
        ("Dense", (4, "relu", False), {}, {"units": 4, "activation": "relu", "use_bias": False}),
        ("Dense", (4,), {"init": "normal", "W_regularizer": "l2", "bias": False},
         {"units": 4, "kernel_initializer": "normal", "kernel_regularizer": "l2", "use_bias": False}),
        ("Dense", (), {"output_dim": 4, "input_dim": 3}, {"units": 4, "input_dim": 3}),
        ("Dropout", (), {"p": 0.3}, {"rate": 0.3}),
        ("Embedding", (9, 4), {"init": "uniform", "W_constraint": "c"},
         {"input_dim": 9, "output_dim": 4, "embeddings_initializer": "uniform", "embeddings_constraint": "c"}),
        ("LSTM", (5,), {"inner_activation": "tanh", "dropout_U": 0.1, "consume_less": "gpu", "forget_bias_init": "zero"},
         {"units": 5, "recurrent_activation": "tanh", "recurrent_dropout": 0.1, "implementation": "gpu", "unit_forget_bias": False}),
        ("MaxPooling1D", (), {"pool_length": 3, "stride": 2, "border_mode": "same"}, {"pool_size": 3, "strides": 2, "padding": "same"}),
        ("Conv2D", (8, 3, 5), {"dim_ordering": "th"}, {"filters": 8, "kernel_size": (3, 5), "data_format": "channels_first"}),
        ("Conv2D", (8, (3, 5), 2), {}, {"filters": 8, "kernel_size": (3, 5), "strides": 2}),
        ("UpSampling1D", (), {"length": 2}, {"size": 2}),
        ("RepeatVector", (3,), {}, {"n": 3}),
        ("MaxoutDense", (2,), {"nb_feature": 3, "init": "normal"}, {"output_dim": 2, "nb_feature": 3, "init": "normal"}),
        ("GaussianNoise", (), {"sigma": 0.2}, {"stddev": 0.2}),
    ],
)  # fmt: skip
def test_arguments_are_known_by_their_names_in_keras_2(
    name: str, args: tuple[Any, ...], kwargs: dict[str, Any], given: dict[str, Any]
) -> None:
    assert by_name(name, args, kwargs, keras1_calls=True) == given


def test_in_tf_keras_a_second_number_is_the_stride() -> None:
    assert by_name("Conv2D", (8, 3, 5), {}) == {"filters": 8, "kernel_size": 3, "strides": 5}


def test_more_arguments_than_legacy_keras_took_are_refused_with_both_numbers() -> None:
    with pytest.raises(TypeError, match="RepeatVector takes 1 positional arguments here, 2 were given; name them"):
        by_name("RepeatVector", (3, 4), {})


@pytest.mark.parametrize(
    ("given", "shape"),
    [
        ({"batch_input_shape": [8, 4]}, (8, 4)),
        ({"input_shape": (4, 3)}, (None, 4, 3)),
        ({"input_dim": 5, "units": 2}, (None, 5)),
        ({"input_dim": 9, "output_dim": 4, "input_length": 7}, (None, 7)),
        ({"input_dim": 9, "output_dim": 4}, None),
        ({"units": 2}, None),
    ],
)
def test_the_shape_that_the_first_layer_of_a_sequential_states(given: dict[str, Any], shape: tuple[int | None, ...] | None) -> None:
    assert batch_shape(given) == shape


@pytest.mark.parametrize(
    ("name", "given", "settings"),
    [
        ("LSTM", {"units": 2}, {"units": 2, "recurrent_activation": "hard_sigmoid"}),
        ("LSTM", {"recurrent_activation": "relu"}, {"recurrent_activation": "relu"}),
        ("GRU", {}, {"recurrent_activation": "hard_sigmoid", "reset_after": False}),
        ("CuDNNGRU", {}, {"recurrent_activation": "sigmoid", "reset_after": True}),
        ("CuDNNLSTM", {}, {"recurrent_activation": "sigmoid"}),
        ("LeakyReLU", {}, {"negative_slope": 0.3}),
        ("LeakyReLU", {"alpha": 0.1}, {"negative_slope": 0.1}),
        ("ThresholdedReLU", {"theta": 0.5}, {"threshold": 0.5}),
        ("MaxPooling2D", {}, {"pool_size": 2}),
        ("GlobalMaxPooling2D", {}, {}),
        ("Embedding", {"input_dim": 3, "input_length": 4, "dropout": 0.1}, {"input_dim": 3}),
        ("Dropout", {}, {"rate": 0.5}),
        ("Conv1D", {"padding": None}, {}),
        ("Bidirectional", {"layer": "l", "weights": None}, {"layer": "l"}),
    ],
)
def test_legacy_defaults_are_stated(name: str, given: dict[str, Any], settings: dict[str, Any]) -> None:
    assert with_legacy_defaults(name, given) == settings


def test_the_defaults_of_a_later_release_are_its_own() -> None:
    assert with_legacy_defaults("GRU", {}, recurrent_defaults("2.4.0", None)) == {"recurrent_activation": "sigmoid", "reset_after": True}


def test_the_old_hard_sigmoid() -> None:
    x = np.array([-3.0, -2.5, -1.0, 0.0, 2.0, 2.5, 9.0], np.float32)
    np.testing.assert_allclose(hard_sigmoid(x), [0.0, 0.0, 0.3, 0.5, 0.9, 1.0, 1.0], atol=1e-6)

"""Stock layers as legacy source calls them, also by names that only Keras 1 had."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.emit.emit import emit
from layerfix.errors import UsageError
from layerfix.graph.shim.loader import load_layers
from layerfix.graph.shim.stock import stock_class
from layerfix.legacy.recurrent import recurrent_defaults


@pytest.mark.parametrize(
    ("name", "args", "settings", "today", "expected"),
    [
        ("AtrousConvolution1D", (8, 3), {"atrous_rate": 2}, "Conv1D", {"filters": 8, "kernel_size": (3,), "dilation_rate": (2,)}),
        ("AtrousConvolution2D", (8, 3, 5), {"atrous_rate": (2, 2)}, "Conv2D", {"kernel_size": (3, 5), "dilation_rate": (2, 2)}),
        ("TimeDistributedDense", (7,), {}, "Dense", {"units": 7}),
        ("Deconvolution3D", (4, 3), {}, "Conv3DTranspose", {"filters": 4, "kernel_size": (3, 3, 3)}),
        ("Convolution2D", (8, 3, 5), {}, "Conv2D", {"kernel_size": (3, 5), "strides": (1, 1)}),
        ("Convolution2D", (8, 3, 5), {"border_mode": "same"}, "Conv2D", {"kernel_size": (3, 5), "padding": "same"}),
        ("Conv2D", (8,), {"nb_col": 5, "nb_row": 3}, "Conv2D", {"kernel_size": (3, 5)}),
        ("Convolution3D", (8, 1, 2, 3), {}, "Conv3D", {"kernel_size": (1, 2, 3)}),
        ("Convolution3D", (8,), {"kernel_dim1": 1, "kernel_dim2": 2, "kernel_dim3": 3}, "Conv3D", {"kernel_size": (1, 2, 3)}),
        ("Deconvolution2D", (8, 3, 3, (None, 9, 9, 8)), {}, "Conv2DTranspose", {"kernel_size": (3, 3)}),
        ("SeparableConvolution2D", (8, 3, 3), {}, "SeparableConv2D", {"kernel_size": (3, 3), "strides": (1, 1)}),
        ("UpSampling1D", (), {"length": 3}, "UpSampling1D", {"size": 3}),
        ("LSTM", (4,), {"forget_bias_init": "one"}, "LSTM", {"unit_forget_bias": True}),
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


@pytest.mark.parametrize(("of_tensorflow", "kernel", "strides"), [(False, (3, 5), (1, 1)), (True, (3, 3), (5, 5))])
def test_three_numbers_mean_what_the_keras_that_is_imported_took_them_for(
    of_tensorflow: bool, kernel: tuple[int, ...], strides: tuple[int, ...]
) -> None:
    layer: Any = stock_class("Conv2D", of_tensorflow=of_tensorflow)(8, 3, 5)
    assert (layer.kernel_size, layer.strides) == (kernel, strides)


def test_maxout_is_the_largest_of_its_dense_layers() -> None:
    layer: Any = stock_class("MaxoutDense")(2, nb_feature=3, init="uniform", input_dim=4)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    assert layer(x).shape == (5, 2)
    kernel, bias = (np.random.default_rng(1).normal(size=weight.shape).astype("float32") for weight in layer.weights)
    layer.set_weights([kernel, bias])
    np.testing.assert_allclose(layer(x), np.max([x @ kernel[k] + bias[k] for k in range(3)], axis=0), rtol=1e-5)


def test_a_highway_carries_its_inputs_past_the_gate() -> None:
    layer: Any = stock_class("Highway")(activation="tanh")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    layer(x)
    assert [weight.name for weight in layer.weights] == ["W", "W_carry", "b", "b_carry"]
    w, carry, b, b_carry = (np.random.default_rng(1).normal(size=weight.shape).astype("float32") for weight in layer.weights)
    layer.set_weights([w, carry, b, b_carry])
    gate = 1 / (1 + np.exp(-(x @ carry + b_carry)))
    np.testing.assert_allclose(layer(x), gate * np.tanh(x @ w + b) + (1 - gate) * x, rtol=1e-4, atol=1e-6)


KERAS_1 = """
from keras import backend as K
from keras.layers import AtrousConvolution1D, Dense, Flatten, Highway, MaxoutDense, TimeDistributedDense
from keras.engine.topology import Layer

class Mixed(Layer):
    def __init__(self, size=3, **kwargs):
        self.size = size
        super(Mixed, self).__init__(**kwargs)

    def build(self, input_shape):
        self.parts = [
            AtrousConvolution1D(self.size, 2, atrous_rate=2, init='he_normal'),
            TimeDistributedDense(self.size, init='uniform'),
        ]
        self.last = [Highway(activation='relu'), MaxoutDense(2, nb_feature=3)]
        self.built = True

    def call(self, x, mask=None):
        for part in self.parts:
            x = part(x)
        x = K.mean(x, axis=1)
        for part in self.last:
            x = part(x)
        return x

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], 2)
"""


def test_a_class_of_keras_1_s_own_layers_is_traced_and_its_weights_come_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "mixed.py").write_text(KERAS_1)
    inputs = keras.Input((8, 4))
    model = keras.Model(inputs, load_layers([tmp_path / "mixed.py"])["Mixed"](name="mixed_1")(inputs))
    shapes = [(2, 4, 3), (3,), (3, 3), (3,), (3, 3), (3, 3), (3,), (3,), (3, 3, 2), (3, 2)]
    assert [tuple(weight.shape) for weight in model.weights] == shapes
    assert model(np.ones((2, 8, 4), np.float32)).shape == (2, 2)


def test_layers_of_keras_1_are_emitted_where_they_keep_their_words_and_refused_by_name_where_not(tmp_path: Path) -> None:
    (tmp_path / "mixed.py").write_text(KERAS_1)
    with pytest.raises(UsageError, match="AtrousConvolution1D is a layer of Keras 1"):
        emit([tmp_path / "mixed.py"])
    plain = KERAS_1.replace("AtrousConvolution1D(self.size, 2, atrous_rate=2, init='he_normal')", "ELU(alpha=0.5)")
    plain = plain.replace("AtrousConvolution1D", "ELU").replace("TimeDistributedDense(self.size, init='uniform')", "Dense(self.size)")
    (tmp_path / "mixed.py").write_text(plain.replace(", TimeDistributedDense", ""))
    inputs = keras.Input((8, 4))
    model = keras.Model(inputs, load_layers([tmp_path / "mixed.py"])["Mixed"](name="mixed_1")(inputs))
    namespace: dict[str, Any] = {"__name__": "emitted"}
    exec(emit([tmp_path / "mixed.py"]), namespace)
    again = keras.Sequential([inputs, namespace["Mixed"]()])
    x = np.random.default_rng(0).normal(size=(3, 8, 4)).astype("float32")
    again(x)
    again.set_weights(model.get_weights())
    np.testing.assert_allclose(again(x), model(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("version", "gates", "reset_after", "bias"),
    [("2.2.4", "hard_sigmoid", False, (9,)), ("2.3.1", "sigmoid", False, (9,)), ("2.4.0", "sigmoid", True, (2, 9))],
)
def test_a_recurrent_layer_in_a_class_has_the_defaults_of_the_release(
    tmp_path: Path, version: str, gates: str, reset_after: bool, bias: tuple[int, ...]
) -> None:
    (tmp_path / "layers.py").write_text(
        "from keras.layers import GRU, Layer\n"
        "class Read(Layer):\n"
        "    def __init__(self, **kwargs):\n"
        "        super(Read, self).__init__(**kwargs)\n"
        "        self.gru = GRU(3)\n"
        "    def call(self, x):\n"
        "        return self.gru(x)\n"
    )
    classes = load_layers([tmp_path / "layers.py"], recurrent=recurrent_defaults(version, None))
    layer = classes["Read"](name="read")
    layer(keras.Input((4, 2)))
    assert layer.gru.legacy_config["recurrent_activation"] == gates
    assert layer.gru.recurrent_activation.__name__ == gates
    assert layer.gru.reset_after is reset_after
    assert tuple(layer.gru.weights[2].shape) == bias

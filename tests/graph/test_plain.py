"""A custom model with the classes as the user's own Python gives them: the same weights, or why plain Keras refuses them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import GraphError
from layerfix.graph.build import build_model
from layerfix.graph.plain import plain_model
from layerfix.graph.shim.loader import is_legacy, load_layers
from layerfix.model import Layer, Model

SCALED = """
from tensorflow.keras.layers import Layer

class Scaled(Layer):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.kernel = self.add_weight(name='kernel', shape=(int(input_shape[-1]), self.units))
        self.gain = self.add_weight(name='gain', shape=(self.units,))
        self.built = True

    def call(self, x):
        import tensorflow as tf
        return tf.matmul(x, self.kernel) * self.gain

    def get_config(self):
        return {**super().get_config(), 'units': self.units}
"""


def rebuilt(tmp_path: Path, source: str, *layers: Layer) -> tuple[keras.Model, Model, list[Path]]:
    """A Sequential through the shim, its architecture, and the file of its classes."""
    file = tmp_path / "mine.py"
    file.write_text(source)
    architecture = Model("Sequential", "m", (Layer("InputLayer", "x", {"batch_shape": (None, 3)}), *layers))
    model = build_model(architecture, load_layers([file]))
    generator = np.random.default_rng(5)
    for weight in model.weights:
        weight.assign(generator.normal(size=weight.shape))
    return model, architecture, [file]


def test_plain_classes_take_the_weights_and_predict_the_same(tmp_path: Path) -> None:
    custom = Layer("Scaled", "scaled_1", {"units": 4}, custom=True)
    model, architecture, files = rebuilt(tmp_path, SCALED, custom, Layer("Dense", "out", {"units": 1}))
    made, settled, classes = plain_model(model, architecture, "2.2.4-tf", files)
    assert (is_legacy(type(model.layers[0])), is_legacy(type(made.layers[0]))) == (True, False)
    assert type(made.layers[0]) is classes["Scaled"]
    assert [layer.name for layer in settled.layers] == ["x", "scaled_1", "out"]
    x = np.ones((2, 3), "float32")
    assert np.allclose(model(x), made(x), atol=1e-6)


def test_models_inside_are_filled_too(tmp_path: Path) -> None:
    own = Layer("InputLayer", "y", {"batch_shape": (None, 3)}), Layer("Scaled", "deep", {"units": 2}, custom=True)
    inner = Layer("Sequential", "inner", {}, model=Model("Sequential", "inner", own))
    model, architecture, files = rebuilt(tmp_path, SCALED, inner)
    made, _, _ = plain_model(model, architecture, "2.2.4-tf", files)
    assert np.array_equal(made.get_layer("inner").get_layer("deep").kernel, model.get_layer("inner").get_layer("deep").kernel)


TURNED = """
from tensorflow import keras

class Turned(keras.layers.Layer):
    def build(self, input_shape):
        parts = [('kernel', (3, 3)), ('gain', (3,)), ('more', (3,))]
        if not keras.__version__.startswith('2.'):
            parts = parts[1:] + parts[:1]
        for name, shape in parts:
            setattr(self, name, self.add_weight(name=name, shape=shape))
        self.built = True

    def call(self, x):
        import tensorflow as tf
        return tf.matmul(x, self.kernel) * self.gain + self.more
"""


def test_weights_that_plain_keras_makes_in_another_order_go_by_their_shapes(tmp_path: Path) -> None:
    model, architecture, files = rebuilt(tmp_path, TURNED, Layer("Turned", "t", {}, custom=True))
    made, _, _ = plain_model(model, architecture, "2.2.4-tf", files)
    assert [tuple(weight.shape) for weight in model.weights] == [(3, 3), (3,), (3,)]
    assert [tuple(weight.shape) for weight in made.weights] == [(3,), (3,), (3, 3)]
    x = np.ones((2, 3), "float32")
    assert np.allclose(model(x), made(x), atol=1e-6)


LEGACY_ALONE = "from keras import backend as K\n" + SCALED.replace("import tensorflow as tf\n        return tf.matmul", "return K.dot")


def test_a_class_that_needs_legacy_functions_is_refused_with_the_reason(tmp_path: Path) -> None:
    model, architecture, files = rebuilt(tmp_path, LEGACY_ALONE, Layer("Scaled", "s", {"units": 4}, custom=True))
    with pytest.raises(GraphError, match=r"the classes do not run in plain Keras 3\.\d+\.\d+: .*dot"):
        plain_model(model, architecture, "2.2.4", files)


def test_a_source_that_fails_in_plain_keras_is_refused_with_its_line(tmp_path: Path) -> None:
    source = "from keras.engine.topology import Layer\n" + SCALED
    model, architecture, files = rebuilt(tmp_path, source, Layer("Scaled", "s", {"units": 4}, custom=True))
    with pytest.raises(GraphError, match=r"do not run in plain Keras .*fails while it is imported: ModuleNotFoundError.*line 1"):
        plain_model(model, architecture, "2.2.4", files)


HIDING = """
from tensorflow.keras.layers import Dense, Layer

class Box(object):
    pass

class Hiding(Layer):
    def build(self, input_shape):
        self.box = Box()
        self.box.dense = Dense(2)
        self.built = True

    def call(self, x):
        return self.box.dense(x)
"""


def test_weights_that_plain_keras_does_not_see_are_told_with_those_of_the_file(tmp_path: Path) -> None:
    model, architecture, files = rebuilt(tmp_path, HIDING, Layer("Hiding", "h", {}, custom=True))
    with pytest.raises(GraphError, match=r"in plain Keras the class has the weights none, the file holds \(3, 2\), \(2,\)"):
        plain_model(model, architecture, "2.2.4-tf", files)


DERIVED = """
from tensorflow.keras.layers import Conv1D

class Causal(Conv1D):
    def __init__(self, filters, kernel_size, gain=1.0, **kwargs):
        super().__init__(filters, kernel_size, **kwargs)
        self.gain = gain

    def call(self, x):
        return super().call(x) * self.gain
"""


def test_a_subclass_of_a_stock_layer_states_its_base_s_arguments_in_today_s_words(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "filters": 2, "kernel_size": [2], "gain": 0.5, "data_format": "channels_last",
        "kernel_initializer": {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform",
                                                                           "seed": None}},
    }  # fmt: skip
    model, architecture, files = rebuilt(
        tmp_path, DERIVED, Layer("Reshape", "r", {"target_shape": (3, 1)}), Layer("Causal", "c", settings, custom=True)
    )
    made, settled, _ = plain_model(model, architecture, "2.2.4-tf", files)
    assert settled.layer("c").settings["gain"] == 0.5
    assert made.get_layer("c").filters == 2
    x = np.ones((1, 3), "float32")
    assert np.allclose(model(x), made(x), atol=1e-6)

"""Legacy source on today's Keras: what runs, and how it is said that something does not."""

from __future__ import annotations

import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.errors import LayersError
from layerfix.graph.shim import backend_math
from layerfix.graph.shim.initial import legacy_config
from layerfix.graph.shim.loader import load_layers

KERAS_1 = """
from keras import backend as K
from keras import initializations
from keras.engine.topology import InputSpec, Layer
from keras.layers import Convolution1D, merge
from keras.layers.core import Dense
import helper

class Attention(Layer):
    def __init__(self, attention_dim=8, **kwargs):
        self.init = initializations.get('glorot_uniform')
        self.attention_dim = attention_dim
        self.path = 'mine'
        self._layers = []
        super(Attention, self).__init__(**kwargs)

    def build(self, input_shape):
        self.input_spec = [InputSpec(shape=input_shape)]
        self.W = self.add_weight((input_shape[-1], self.attention_dim), initializer=self.init, name='{}_W'.format(self.name))
        self.b = K.zeros((self.attention_dim,), name='b')
        self.trainable_weights = [self.W, self.b]
        self._layers.append(Dense(output_dim=4, init='he_normal'))
        self._layers.append(Convolution1D(nb_filter=6, filter_length=3, border_mode='same'))
        self.built = True

    def call(self, x, mask=None):
        from keras.layers import Activation
        gate = Activation('sigmoid')(K.dot(x, self.W) + self.b)
        y = self._layers[0](self._layers[1](x))
        return merge([y, gate], mode='concat') * helper.two()

    def get_output_shape_for(self, input_shape):
        return (input_shape[0], input_shape[1], 4 + self.attention_dim)
"""


def _layer(tmp_path: Path, source: str, name: str, shape: tuple[int, ...], **arguments: object) -> keras.Model:
    (tmp_path / "mine.py").write_text(source)
    cls = load_layers([tmp_path / "mine.py"])[name]
    inputs = keras.Input(shape)
    return keras.Model(inputs, cls(name="mine_1", **arguments)(inputs))


def test_keras_1_source_runs_trains_and_saves_whole(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("from keras import backend as K\ndef two():\n    return K.constant(2.0)\n")
    model = _layer(tmp_path, KERAS_1, "Attention", (10, 5))
    assert model.output_shape == (None, 10, 12)
    assert [tuple(weight.shape) for weight in model.weights] == [(5, 8), (8,), (6, 4), (4,), (3, 5, 6), (6,)]
    before = model.get_weights()
    model.compile("sgd", "mse")
    model.fit(np.ones((4, 10, 5)), np.ones((4, 10, 12)), verbose=0)
    assert all(not np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))


def test_real_keras_is_left_alone(tmp_path: Path) -> None:
    _layer(
        tmp_path, "from tensorflow.keras.layers import Layer\nclass Same(Layer):\n    def call(self, x):\n        return x\n", "Same", (3,)
    )
    assert sys.modules["keras"].__version__ == keras.__version__
    assert not issubclass(keras.layers.Layer, type(None))
    assert sys.modules["tensorflow"].keras.layers.Layer is keras.layers.Layer


def test_layers_made_in_call_are_made_once(tmp_path: Path) -> None:
    source = "from keras.layers import Dense, Layer\nclass Late(Layer):\n    def call(self, x):\n        return Dense(4)(x)\n"
    model = _layer(tmp_path, source, "Late", (3,))
    first = model.predict(np.ones((2, 3)), verbose=0)
    assert [tuple(weight.shape) for weight in model.weights] == [(3, 4), (4,)]
    assert np.allclose(first, np.ones((2, 3)) @ model.get_weights()[0], atol=1e-6)
    assert np.array_equal(first, model.predict(np.ones((2, 3)), verbose=0))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("from keras.layers import Layer\nclass A(Layer):\n    def call(self, x):\n        print 'x'\n", "line 4 is Python 2"),
        ("from keras.layers import Nonesuch\n", "keras.layers.Nonesuch"),
        ("from keras.layers import Layer\nclass A(Layer):\n    pass\nraise ValueError('no')\n", "line 4"),
    ],
)
def test_source_that_cannot_be_imported_is_named_with_its_line(tmp_path: Path, source: str, said: str) -> None:
    (tmp_path / "mine.py").write_text(source)
    with pytest.raises(LayersError, match=r"mine\.py") as raised:
        load_layers([tmp_path / "mine.py"])
    assert said in str(raised.value)


def test_a_call_that_fails_names_class_method_and_line(tmp_path: Path) -> None:
    body = "class A(Layer):\n    def call(self, x):\n        return K.dot(x, K.ones((4, 4)))\n"
    source = f"from keras import backend as K\nfrom keras.layers import Layer\n{body}"
    with pytest.raises(LayersError, match=r"A\.call fails: .*line 5"):
        _layer(tmp_path, source, "A", (3,))


@pytest.mark.parametrize(
    ("x_shape", "y_shape", "axes", "equation"),
    [
        ((2, 5, 3), (2, 3, 5), (2, 1), "bij,bjk->bik"),
        ((2, 5, 5), (2, 5, 3), (1, 1), "bts,btc->bsc"),
        ((2, 4), (2, 4), (1, 1), "bi,bi->b"),
        ((2, 5, 3), (2, 5), (1, 1), "btc,bt->bc"),
    ],
)
def test_batch_dot_contracts_as_legacy_keras_did(
    x_shape: tuple[int, ...], y_shape: tuple[int, ...], axes: tuple[int, int], equation: str
) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=x_shape), rng.normal(size=y_shape)
    found = np.asarray(backend_math.batch_dot(x, y, axes))
    assert np.allclose(found.reshape(np.einsum(equation, x, y).shape), np.einsum(equation, x, y))


def test_an_identity_keeps_its_gain_which_keras_3_does_not_state() -> None:
    assert legacy_config(keras.initializers.Identity(gain=0.5)) == {"class_name": "Identity", "config": {"gain": 0.5}}
    assert legacy_config(keras.initializers.Orthogonal(gain=2.0, seed=3)) == {
        "class_name": "Orthogonal",
        "config": {"gain": 2.0, "seed": 3},
    }


def test_a_subclass_of_a_stock_layer_assigns_its_kernel(tmp_path: Path) -> None:
    source = tmp_path / "layers.py"
    source.write_text(
        "from keras.layers import Dense\n"
        "class Halved(Dense):\n"
        "    def build(self, input_shape):\n"
        "        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer='ones', name='kernel')\n"
        "        self.built = True\n"
        "    def call(self, inputs):\n"
        "        return inputs @ (self.kernel / 2.0)\n",
        encoding="utf-8",
    )
    layer = load_layers([source])["Halved"](3)
    assert np.array_equal(layer(np.ones((1, 4), "float32")), [[2.0, 2.0, 2.0]])
    assert [weight.name for weight in layer.weights] == ["kernel"]

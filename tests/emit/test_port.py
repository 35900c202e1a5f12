"""Simple layer classes come out as a person would port them; others are left to the runtime."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.emit.emit import emit
from layerfix.emit.port import ported
from layerfix.emit.portable import NotPortableError
from layerfix.graph.registered import registered
from layerfix.graph.serving import serves

ROOT = Path(__file__).parents[2]
CLASSES = ROOT / "tests" / "legacy" / "classes"
IMPORTS = "from keras import backend as K\nfrom keras.layers import Layer, Dense, Conv1D, Bidirectional, LSTM, Dropout\n"
HOLDER = """
class Holder(Layer):
    def build(self, input_shape):
        self.inner = Dense(3)
        super(Holder, self).build(input_shape)

    def call(self, x):
        return {call}
"""


def from_text(text: str, tmp_path: Path) -> str:
    (tmp_path / "mine.py").write_text(IMPORTS + text)
    return ported([tmp_path / "mine.py"])


def layer_of(source: str, name: str, **arguments: Any) -> keras.layers.Layer:
    namespace: dict[str, Any] = {"__name__": "emitted"}
    exec(source, namespace)
    made: keras.layers.Layer = namespace[name](**arguments)
    return made


def test_the_class_of_the_start_stays_a_page_without_any_runtime():
    text = ported([ROOT / "sample_models" / "layers.py"])
    assert len(text) < 2600
    assert "_Making" not in text
    assert "ops.transpose(inputs, (0, 2, 1))" in text
    assert "AveragePooling1D(pool_size=2, strides=1, padding='same')" in text
    assert text.startswith('"""The defective layer')


@pytest.mark.parametrize(
    ("case", "name", "arguments", "shape"),
    [
        ("attribute-in-init", "ChannelGate", {"channels": 4}, (9, 4)),
        ("built-by-hand", "Refine", {}, (9, 4)),
        ("hidden-batchnorm", "ResidualUnit", {}, (9, 4)),
        ("own-initializer", "Smoothing", {}, (9, 4)),
    ],
)
def test_what_the_runtime_saved_loads_with_the_ported_class(case, name, arguments, shape, tmp_path):
    source = CLASSES / case / "layers.py"
    text = ported([source])
    with registered({}):
        model = keras.Sequential([keras.Input(shape), layer_of(emit([source]), name, **arguments)])
        draw = np.random.default_rng(0)
        model.set_weights([draw.random(weight.shape, np.float32) for weight in model.get_weights()])
        model.save(tmp_path / "m.keras")
        x = draw.random((3, *shape), np.float32)
        expected = np.asarray(model(x))
    with registered({}):
        exec(text, {"__name__": "ported"})
        np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "m.keras")(x), expected)


PLAIN = HOLDER.format(call="self.inner(x)")
KEEPS_NOTHING = """    def __init__(self, n, **kwargs):
        super(Holder, self).__init__(**kwargs)

    def build"""


@pytest.mark.parametrize(
    ("because", "text"),
    [
        ("K.random_normal keeps state", HOLDER.format(call="self.inner(x) + K.random_normal((3,))")),
        ("K.in_train_phase keeps state", HOLDER.format(call="K.in_train_phase(self.inner(x), x)")),
        ("Dense is made elsewhere than in an attribute", HOLDER.format(call="Dense(3)(x)")),
        ("Dropout is made elsewhere", HOLDER.format(call="Dropout(0.5)(self.inner(x))")),
        ("it speaks of weights", HOLDER.format(call="x + sum(self.weights)")),
        ("it uses its own class Holder", PLAIN + HOLDER.format(call="Holder()(x)").replace("class Holder", "class Out")),
        ("Bidirectional is made elsewhere", PLAIN.replace("Dense(3)", "Bidirectional(LSTM(3))")),
        ("Dense is made elsewhere than in an attribute", PLAIN.replace("Dense(3)", "[Dense(3)]")),
        ("hard_sigmoid is another function", PLAIN.replace("Dense(3)", "Dense(3, activation='hard_sigmoid')")),
        ("Holder is no plain class", PLAIN.replace("(Layer)", "(Dense)")),
        ("keeps its argument n in no attribute", PLAIN.replace("    def build", KEEPS_NOTHING)),
        ("it imports Keras as a whole", "import keras\n" + PLAIN),
    ],
)
def test_what_keras_3_would_do_otherwise_is_left_to_the_runtime_and_the_reason_told(because, text, tmp_path):
    with pytest.raises(NotPortableError, match=re.escape(because)):
        from_text(text, tmp_path)


def test_the_usual_import_of_the_backend_goes_with_its_uses(tmp_path):
    text = from_text("import keras.backend as B\n" + HOLDER.format(call="B.square(self.inner(x))"), tmp_path)
    assert "ops.square(self.inner(x))" in text
    assert "keras.backend" not in text


def test_functions_keep_the_names_of_their_arguments_where_source_gives_them(tmp_path):
    text = from_text(HOLDER.format(call="K.reshape(K.reshape(self.inner(x), shape=(-1, 3)), (-1, 1, 3))"), tmp_path)
    assert "ops.reshape(_K_reshape(self.inner(x), shape=(-1, 3)), (-1, 1, 3))" in text
    with registered({}):
        assert layer_of(text, "Holder")(np.ones((2, 4), np.float32)).shape == (2, 1, 3)


def test_the_config_holds_every_argument(tmp_path):
    text = from_text(
        "class Scaled(Layer):\n"
        "    def __init__(self, scale=2.0, units=3, **kwargs):\n"
        "        super(Scaled, self).__init__(**kwargs)\n"
        "        self.scale = scale\n"
        "        self.wide = units\n\n"
        "    def call(self, x):\n"
        "        return x * self.scale\n",
        tmp_path,
    )
    with registered({}):
        config = layer_of(text, "Scaled", scale=5.0).get_config()
    assert (config["scale"], config["units"]) == (5.0, 3)


@pytest.mark.slow
def test_a_source_that_loads_otherwise_does_not_serve(tmp_path):
    """Two layers of one shape whose weights change places: nothing but the numbers tells."""
    source = tmp_path / "mine.py"
    source.write_text(
        IMPORTS + "class Two(Layer):\n"
        "    def build(self, input_shape):\n"
        "        self.a = Dense(4)\n"
        "        self.b = Dense(4)\n"
        "        super(Two, self).build(input_shape)\n\n"
        "    def call(self, x):\n"
        "        return self.b(K.relu(self.a(x)))\n"
    )
    text = ported([source])
    with registered({}):
        model = keras.Sequential([keras.Input((4,)), layer_of(emit([source]), "Two")])
        model.save(tmp_path / "m.keras")
    assert serves(text, tmp_path / "m.keras", [source])
    model.save(tmp_path / "m.h5")  # Keras' reader of old files is not asked
    assert not serves(text, tmp_path / "m.h5", [source])
    swapped = text.replace("self.a = ", "self.c = ").replace("self.b = ", "self.a = ").replace("self.c = ", "self.b = ")
    assert not serves(swapped, tmp_path / "m.keras", [source])

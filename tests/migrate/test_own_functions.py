"""Functions that a file names or holds as code, and that the user gives again."""

import base64
import marshal
from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.dialects.lambdas import own_name, python_name
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.predictions import difference

FILES = Path(__file__).parent / "files" / "own"


def diff(x):
    return x[0] - x[1]


def clipped_relu(x):
    return keras.ops.clip(x, 0.0, 20.0)


GIVEN = [
    ("k122-merge_seq_lambda", diff, "def diff(x):\n    return x[0] - x[1]\n"),
    ("k122-merge_seq_lambda", diff, "diff = lambda x: x[0] - x[1]\n"),
    (
        "k224-own_activation",
        clipped_relu,
        "from keras import backend as K\n\n\ndef clipped_relu(x):\n    return K.relu(x, max_value=20)\n",
    ),
]


@pytest.mark.parametrize(("case", "function", "source"), GIVEN)
def test_given_function_goes_into_a_file_that_plain_keras_loads(case, function, source, tmp_path):
    (tmp_path / "mine.py").write_text(source)
    migrate(FILES / f"{case}.h5", tmp_path / "new.keras", layers=[tmp_path / "mine.py"])
    recorded = np.load(FILES / f"{case}.npz")
    model = keras.models.load_model(tmp_path / "new.keras", custom_objects={function.__name__: function})
    inputs = [recorded[name] for name in sorted(recorded.files) if name[0] == "x"]
    assert difference(predict(model, inputs), [recorded["p0"]]) < 2e-5


def test_given_class_of_todays_keras_gets_the_weights_it_makes_itself(tmp_path):
    source = """
import keras


class Scale(keras.layers.Layer):
    def build(self, shape):
        self.gamma = self.add_weight(name="gamma", shape=(shape[-1],))
        self.beta = self.add_weight(name="beta", shape=(shape[-1],))

    def call(self, x):
        return keras.ops.multiply(x, self.gamma) + self.beta
"""
    (tmp_path / "mine.py").write_text(source)
    migrate(FILES / "k224-own_weights.h5", tmp_path / "new.keras", layers=[tmp_path / "mine.py"])
    namespace: dict[str, type] = {}
    exec(source, namespace)
    recorded = np.load(FILES / "k224-own_weights.npz")
    model = keras.models.load_model(tmp_path / "new.keras", custom_objects={"Scale": namespace["Scale"]})
    assert difference(predict(model, [recorded["x0"]]), [recorded["p0"]]) < 2e-5


@pytest.mark.parametrize(("case", "name"), [("k122-merge_seq_lambda", "diff"), ("k224-own_activation", "clipped_relu")])
def test_function_that_is_not_given_is_asked_for_by_name(case, name, tmp_path):
    with pytest.raises(GraphError, match=rf"function named {name}.*--layers"):
        migrate(FILES / f"{case}.h5", tmp_path / "new.keras")


def stored(function):
    return {"function": [base64.b64encode(marshal.dumps(function.__code__)).decode(), None, None], "function_type": "lambda"}


def test_name_of_a_function_is_found_in_its_code_and_a_lambda_has_none():
    assert own_name(stored(diff)) == "diff"
    assert own_name(stored(lambda x: x)) is None
    assert own_name({"function": "relu"}) is None


@pytest.mark.parametrize(("layer", "function"), [("lambda", "lambda_"), ("lambda_1", "lambda_1"), ("a/b", "a_b")])
def test_layer_names_that_no_function_can_have_get_one(layer, function):
    assert python_name(layer) == function


def dense(activation):
    config = {"name": "d", "units": 2, "activation": activation, "batch_input_shape": [None, 3]}
    return {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": config}]}


@pytest.mark.parametrize(("name", "version"), [("relu6", "2.1.6"), ("swish", "2.2.4"), ("gelu", "2.4.0"), ("leaky_relu", "2.2.4-tf")])
def test_name_that_stands_for_one_function_is_that_function(name, version):
    result = upgrade(dense(name), version, "tensorflow")
    assert result.model.layers[1].settings["activation"] == name
    assert "custom_activation" in {rule.name for rule in result.rules}


@pytest.mark.parametrize("name", ["gelu", "leaky_relu", "my_activation"])
def test_name_that_had_several_forms_is_refused(name):
    with pytest.raises(GraphError, match=f"{name}.*with --layers"):
        upgrade(dense(name), "2.2.4", "tensorflow")

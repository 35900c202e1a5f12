"""Expressions become operations of Keras that the independent reference agrees with; what does not is refused by name."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.bytecode.reading import read_function
from layerfix.errors import GraphError
from layerfix.graph.lambdas import expression_model
from layerfix.model import Expression, Layer
from layerfix.predictions import difference
from layerfix.reference.expressions import lambda_layer

FUNCTIONS = json.loads((Path(__file__).parents[1] / "bytecode" / "functions.json").read_text())


def lam(table, tensorflow=2):
    return Layer("Lambda", "lam", {}, expression=Expression(table, tensorflow))


def call(name, *arguments, **keywords):
    """The expression name(x, *arguments, **keywords)."""
    values = [{"value": value} for value in arguments]
    return [["input", None], ["call", name, [0, *values], [[key, {"value": value}] for key, value in keywords.items()]], 1]


@pytest.mark.parametrize("source", sorted(FUNCTIONS))
def test_operations_and_reference_agree_and_plain_keras_loads_them(source, tmp_path):
    stored = FUNCTIONS[source]
    table = read_function(base64.b64decode(stored["code"]["3.8"]), defaults=stored["defaults"]).expression
    x = np.random.default_rng(0).normal(size=(5, 6)).astype("float32")
    model = keras.Sequential([keras.Input((6,)), expression_model(lam(table), [keras.Input((6,))])])
    model.save(tmp_path / "m.keras")
    outputs = keras.saving.load_model(tmp_path / "m.keras", safe_mode=True)(x)
    listed = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    assert difference([np.asarray(output) for output in listed], lambda_layer(lam(table).expression, [x.astype("float64")])) < 1e-5


def resize(tensorflow, name="tf.image.resize"):
    size = [["input", None], ["tuple", [{"value": 13}, {"value": 10}]], ["call", name, [0, 1], []], 2]
    return lam(size, tensorflow)


@pytest.mark.parametrize("tensorflow", [1, 2])
def test_each_tensorflow_samples_pictures_at_its_own_places(tensorflow):
    x = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
    found = np.asarray(expression_model(resize(tensorflow), [keras.Input((8, 8, 3))])(x))
    assert difference([found], lambda_layer(resize(tensorflow).expression, [x.astype("float64")])) < 1e-5


def test_a_resize_of_an_unknown_tensorflow_is_refused():
    with pytest.raises(GraphError, match="one meaning in TensorFlow 1 and another in 2"):
        expression_model(resize(None), [keras.Input((8, 8, 3))])


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        (call("K.random_normal"), "draws at random"),
        (call("K.learning_phase"), "K.learning_phase, which is not among the functions"),
        (call("os.remove"), "os.remove, which is not among"),
        (call("ops.vectorized_map"), "not among"),
        (call("K.mean", 1, True, 7), "does not become operations"),
        ([["input", None], {"value": 2.0}], "does not depend on its input"),
        ([["input", None], ["call", "operator.gt", [0, {"value": 0}], []], ["choice", 1, 0, 0], 2], "depends on the values of a tensor"),
    ],
)
def test_what_is_not_known_exactly_is_refused_by_name(table, reason):
    with pytest.raises(GraphError, match=reason) as refused:
        expression_model(lam(table), [keras.Input((6,))])
    assert refused.value.where == "lam"


def test_a_mixed_layer_computes_in_half_precision():
    stated = replace(lam(call("K.square")), settings={"dtype": "mixed_float16"})
    assert expression_model(stated, [keras.Input((6,))]).outputs[0].dtype == "float16"

"""What names in a source file mean, whatever way they were imported."""

from __future__ import annotations

import libcst as cst
import pytest

from layerfix.emit.names import STAR, Imports, canonical, dotted, is_layer_class


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("keras.layers.Dense", "keras.layers.Dense"),
        ("keras.layers.core.Dense", "keras.layers.Dense"),
        ("keras.engine.topology.Layer", "keras.layers.Layer"),
        ("keras.engine.Layer", "keras.layers.Layer"),
        ("keras.models.Sequential", "keras.layers.Sequential"),
        ("keras.Model", "keras.layers.Model"),
        ("keras.Input", "keras.layers.Input"),
        ("tensorflow.keras.layers.Layer", "keras.layers.Layer"),
        ("tensorflow.python.keras.layers.Conv1D", "keras.layers.Conv1D"),
        ("tensorflow.contrib.keras.layers.Dense", "keras.layers.Dense"),
        ("tf_keras.layers.Dense", "keras.layers.Dense"),
        ("keras.layers.merge.concatenate", "keras.layers.concatenate"),
        ("keras.layers.add", "keras.layers.add"),
        ("keras.legacy.layers.Merge", "keras.layers.Merge"),
        ("keras.backend.dot", "keras.backend.dot"),
        ("keras.backend.tensorflow_backend.dot", "keras.backend.dot"),
        ("keras.layers.core.K", "keras.backend"),
        ("keras.layers.initializers", "keras.initializers"),
        ("keras.layers.initializers.Zeros", "keras.initializers.Zeros"),
        ("keras.initializers.he_normal", "keras.initializers.he_normal"),
        ("keras", "keras"),
        ("kerastuner.Model", "kerastuner.Model"),
        ("numpy.random", "numpy.random"),
        ("tensorflow.nn.relu", "tensorflow.nn.relu"),
    ],
)
def test_a_name_of_any_keras_is_one_of_keras(name: str, expected: str) -> None:
    assert canonical(name) == expected


@pytest.mark.parametrize(
    ("source", "expression", "expected"),
    [
        ("from keras.layers import Dense", "Dense", "keras.layers.Dense"),
        ("from keras.layers import Dense as D", "D", "keras.layers.Dense"),
        ("import keras", "keras.layers.Dense", "keras.layers.Dense"),
        ("import keras.layers as L", "L.Dense", "keras.layers.Dense"),
        ("from keras import layers", "layers.Dense", "keras.layers.Dense"),
        ("import tensorflow as tf", "tf.keras.layers.Dense", "keras.layers.Dense"),
        ("from keras import backend as K", "K.dot", "keras.backend.dot"),
        ("def f():\n    from keras.layers import LSTM\n    return LSTM", "LSTM", "keras.layers.LSTM"),
        ("from keras.layers import *", "GRU", "keras.layers.GRU"),
        ("from keras.layers import *\nclass GRU:\n    pass", "GRU", ""),
        ("from keras.layers import *\nfrom mine import Dense", "Dense", "mine.Dense"),
        ("from .mine import Dense", "Dense", ""),
        ("Dense = 3", "Dense", ""),
        ("import keras", "f(x).Dense", ""),
    ],
)
def test_an_expression_means_what_it_was_imported_as(source: str, expression: str, expected: str) -> None:
    imports = Imports.of(cst.parse_module(source), STAR)
    assert imports.resolve(cst.parse_expression(expression)) == expected


@pytest.mark.parametrize(
    ("name", "is_class"),
    [
        ("keras.layers.Dense", True),
        ("keras.layers.Sequential", True),
        ("keras.layers.Layer", False),
        ("keras.layers.Model", False),
        ("keras.layers.Input", False),
        ("keras.layers.InputSpec", False),
        ("keras.layers.add", False),
        ("keras.backend.Function", False),
    ],
)
def test_layer_classes_are_told_from_functions_and_bases(name: str, is_class: bool) -> None:
    assert is_layer_class(name) is is_class


@pytest.mark.parametrize(("source", "name"), [("a.b.c", "a.b.c"), ("a", "a"), ("a().b", ""), ("a[0]", ""), ("3", "")])
def test_only_plain_names_are_dotted(source: str, name: str) -> None:
    assert dotted(cst.parse_expression(source)) == name

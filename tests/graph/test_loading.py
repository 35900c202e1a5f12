"""Values into a live model: what a layer computes from its weights follows them, and a model gives back what it held."""

from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.errors import GraphError, RestoreError
from layerfix.graph.forward import forward
from layerfix.graph.loading import put
from layerfix.graph.rebuilt import holding, rebuild
from layerfix.predictions import difference

FILES = Path(__file__).parent / "normalized"


@pytest.fixture(scope="module")
def rebuilt():
    return rebuild(read(FILES / "tf210-normalized.h5"), layers=[FILES / "doubled.py"])


def recorded():
    arrays = np.load(FILES / "tf210-normalized.npz")
    return [arrays["x"]], [arrays["p"]]


def test_a_normalization_beside_a_custom_layer_takes_its_stored_statistics(rebuilt):
    inputs, predictions = recorded()
    assert difference(forward(rebuilt.model, inputs), predictions) < 1e-5


def test_a_model_holds_other_values_for_a_while_and_then_its_own_again(rebuilt):
    inputs, predictions = recorded()
    mean = next(spec.key for spec in rebuilt.blueprint.weights if spec.role == "mean")
    with holding(rebuilt, {mean: np.zeros(6, "float32")}):
        assert difference(forward(rebuilt.model, inputs), predictions) > 0.1
    assert difference(forward(rebuilt.model, inputs), predictions) < 1e-5


def test_what_the_graph_does_not_have_leaves_the_model_as_it_was(rebuilt):
    inputs, predictions = recorded()
    mean = next(spec.key for spec in rebuilt.blueprint.weights if spec.role == "mean")
    with (
        pytest.raises(RestoreError, match="no weight 'stray'"),
        holding(rebuilt, {mean: np.zeros(6, "float32"), ("a", "stray"): np.zeros(1)}),
    ):
        raise AssertionError("the block must not run")
    assert difference(forward(rebuilt.model, inputs), predictions) < 1e-5


def test_a_value_of_another_shape_is_refused_by_the_variables_name():
    layer = keras.layers.Dense(2, name="d")
    layer.build((None, 3))
    with pytest.raises(GraphError, match=r"d/kernel needs \(3, 2\)"):
        put([(layer.kernel, np.zeros((2, 3), "float32"))], "d")

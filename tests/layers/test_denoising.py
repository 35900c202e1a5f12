"""The corrected denoising layer means what the legacy one meant, and its source stands alone."""

import ast
import importlib.util
import subprocess
import sys

import keras
import numpy as np
import pytest

from layerfix.errors import UsageError
from layerfix.layers import DenoisingLayer, corrected, standalone_source


def inputs():
    return np.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")


def expected(x, layer):
    if layer.filter_type == "mean":
        filtered = np.stack([(x[:, t] + x[:, t + 1]) / 2 for t in range(4)] + [x[:, 4]], 1)
    else:
        affinity = np.einsum("btc,bsc->bts", x, x)
        filtered = np.einsum("bts,btc->bsc", affinity, x)
    kernel, bias = (weight.numpy() for weight in layer.weights)
    return x + filtered @ kernel[0] + bias


@pytest.mark.parametrize("filter_type", ["mean", "non_local_mean"])
def test_layer_is_input_plus_convolved_filter(filter_type):
    layer = DenoisingLayer(filter_type)
    x = inputs()
    found = layer(x).numpy()
    assert np.abs(found - expected(x, layer)).max() < 1e-5


@pytest.mark.parametrize("filter_type", ["mean", "non_local_mean"])
def test_layer_saves_and_loads_whole(filter_type, tmp_path):
    model = keras.Sequential([keras.Input((5, 3)), DenoisingLayer(filter_type)])
    model.save(tmp_path / "m.keras")
    again = keras.models.load_model(tmp_path / "m.keras")
    assert again.layers[0].filter_type == filter_type
    assert np.array_equal(again.predict(inputs(), verbose=0), model.predict(inputs(), verbose=0))


def test_sublayer_is_tracked_and_the_legacy_default_kept():
    layer = DenoisingLayer()
    layer.build((None, 5, 3))
    assert layer.filter_type == "non_local_mean"
    assert [tuple(weight.shape) for weight in layer.trainable_weights] == [(1, 3, 3), (3,)]
    assert layer.compute_output_shape((None, 5, 3)) == (None, 5, 3)


def test_unknown_filter_is_refused():
    with pytest.raises(ValueError, match="median"):
        DenoisingLayer("median")


def test_legacy_name_is_registered():
    assert keras.saving.get_registered_object("Denoising_layer") is DenoisingLayer


def test_listing_imports_no_tensorflow():
    code = "import sys, layerfix.layers as l; l.corrected(); sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_keras_3_source_stands_alone(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(standalone_source("Denoising_layer"))
    spec = importlib.util.spec_from_file_location("mine", path)
    module = importlib.util.module_from_spec(spec)
    saved = dict(keras.saving.get_custom_objects())
    try:
        spec.loader.exec_module(module)
        layer = module.DenoisingLayer("mean")
        assert np.abs(layer(inputs()).numpy() - expected(inputs(), layer)).max() < 1e-5
    finally:
        keras.saving.get_custom_objects().clear()
        keras.saving.get_custom_objects().update(saved)
    assert "layerfix." not in path.read_text().replace('package="layerfix"', "")


def test_keras_2_source_is_of_its_time():
    tree = ast.parse(standalone_source("DenoisingLayer", "keras2"))
    (cls,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert cls.name == "Denoising_layer"
    assert {node.name for node in cls.body if isinstance(node, ast.FunctionDef)} >= {"build", "call", "compute_output_shape", "get_config"}


def test_unknown_class_has_no_source():
    with pytest.raises(UsageError, match="Denoising_layer"):
        standalone_source("Other")


def test_catalogue_knows_both_names():
    assert corrected()["Denoising_layer"] is corrected()["DenoisingLayer"]

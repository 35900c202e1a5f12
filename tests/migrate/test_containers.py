"""Genuine SavedModels, TensorFlow checkpoints and TensorFlow.js models become files that plain Keras loads and that predict the same."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest
from genuine import sampled

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.errors import GraphError, LayerfixError
from layerfix.predictions import difference

FOLDERS = Path(__file__).parent / "containers"
RIGHT = [
    "tf21-adagrad-sm", "tf213-normalization-sm", "tf24-string_adapted-sm", "tf213-string_adapted-sm", "tf24-nested_frozen-ckpt",
    "tf215-twins-ckpt", "tf21-nested-ckpt", "tf215-many_ends-ckpt", "tf24-text-ckpt", "tf210-cells-ckpt", "tf215-virtual-ckpt",
    "tf215-weightless-ckpt",
    "tf215-nested_frozen-js", "tf213-bidirectional-js", "tf215-crops-js", "tf210-normalization-js", "tf210-time_distributed-js",
]  # fmt: skip
BROWSERS = ["keras33-nested_frozen-js", "tfjs131-teachable-js", "tfjs422-both_ways-js", "tfjs174-pictures_made-js", "tfjs422-larger-js"]
"""Names that begin with the whole model's. Saved by TensorFlow.js itself: Teachable Machine's kind; an RNN that says its cell twice; a
depth_multiplier unsaid; its own bilinear."""


def family(arrays, stem):
    return [arrays[name] for name in sorted(arrays.files) if name[0] == stem]


def gap(path, case):
    """How far plain Keras with a written file is from what was recorded before the save."""
    recorded = np.load(FOLDERS / case / "expected.npz")
    return difference(predict(keras.models.load_model(path), family(recorded, "x")), family(recorded, "p"))


def parts(case):
    """What to migrate, and the architecture beside it."""
    folder = FOLDERS / case
    kind = case.rpartition("-")[2]
    beside = next((file for file in (folder / "model.json", folder / "model.yaml") if file.exists()), None)
    if kind == "ckpt":
        return folder / "cp.ckpt", beside
    return (folder / "sm" if kind == "sm" else folder / "model.json"), None


@pytest.mark.parametrize("case", sampled(RIGHT, 4))
def test_container_predicts_what_was_recorded_in_plain_keras(case, tmp_path):
    source, architecture = parts(case)
    migrate(source, tmp_path / "new.keras", architecture=architecture)
    assert gap(tmp_path / "new.keras", case) < 1e-5


@pytest.mark.parametrize("case", BROWSERS)
def test_what_a_browser_saved_is_proven_and_predicts_what_the_browser_predicted(case, tmp_path):
    result = migrate(FOLDERS / case / "model.json", tmp_path / "new.keras")
    assert (result.proof.kind, result.doubts) == ("reference", ())
    assert gap(tmp_path / "new.keras", case) < 1e-5


def test_an_interpolation_that_a_browser_did_not_save_is_told_as_not_proven(tmp_path):
    result = migrate(FOLDERS / "tfjs285-larger-js" / "model.json", tmp_path / "new.keras")
    assert [doubt.partition(":")[0] for doubt in result.doubts] == ["up_sampling2d_UpSampling2D2"]


def test_layers_of_equal_names_in_models_of_models_are_told_apart_by_the_objects_that_hold_them(tmp_path):
    source, architecture = parts("tf213-equal_names-ckpt")
    result = migrate(source, tmp_path / "new.keras", architecture=architecture)
    assert result.proof.kind == "reference"
    assert gap(tmp_path / "new.keras", "tf213-equal_names-ckpt") < 1e-5


@pytest.mark.parametrize("case", ["tf215-masked_products-ckpt", "tf215-masked_extremes-ckpt"])
def test_masked_steps_are_merged_like_any_other(case, tmp_path):
    source, architecture = parts(case)
    migrate(source, tmp_path / "new.keras", architecture=architecture)
    assert gap(tmp_path / "new.keras", case) < 1e-5


def test_quantised_weights_are_what_their_scale_says(tmp_path):
    migrate(FOLDERS / "tf215-nested_frozen-jsq" / "model.json", tmp_path / "new.keras")
    assert gap(tmp_path / "new.keras", "tf215-nested_frozen-jsq") < 1e-3


def test_saved_model_goes_on_training_with_its_stored_state(tmp_path):
    result = migrate(FOLDERS / "tf21-adagrad-sm" / "sm", tmp_path / "new.keras")
    assert result.optimizer == ("kept", "accumulator")
    assert keras.models.load_model(tmp_path / "new.keras").optimizer.iterations == 2


@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("tf24-subclassed-sm", "how its class Tagger calls its layers is code"),
        ("tf212-module-sm", "without anything of Keras"),
        ("tf215-text-ckpt", "text_vectorization: the vocabulary of TextVectorization is neither in the config nor beside it"),
        ("tf215-own_layer-ckpt", "class ScaleShift is not one of Keras' own layers"),
    ],
)
def test_what_cannot_be_brought_over_is_refused_by_name(case, told, tmp_path):
    source, architecture = parts(case)
    with pytest.raises(LayerfixError, match=told):
        migrate(source, tmp_path / "new.keras", architecture=architecture)
    assert list(tmp_path.iterdir()) == []


def test_all_obstacles_come_in_one_answer(tmp_path):
    source, _ = parts("tf215-own_layer-ckpt")
    text = (FOLDERS / "tf215-own_layer-ckpt" / "model.json").read_text()
    unknown = text.replace('"activation": "linear"', '"activation": "mine"')
    assert unknown != text
    (tmp_path / "model.json").write_text(unknown)
    with pytest.raises(GraphError, match="2 things stand in the way") as told:
        migrate(source, tmp_path / "new.keras", architecture=tmp_path / "model.json")
    assert "ScaleShift" in str(told.value)
    assert "'mine'" in str(told.value)


def test_a_saved_model_stays_as_it_was(tmp_path):
    shutil.copytree(FOLDERS / "tf21-adagrad-sm" / "sm", tmp_path / "sm")
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in tmp_path.rglob("*") if file.is_file()}
    migrate(tmp_path / "sm", tmp_path / "new.keras")
    assert {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in before} == before


SQUEEZE = """
import tensorflow as tf
L = tf.keras.layers

class Squeeze(L.Layer):
    def __init__(self, units=2, **kwargs):
        super().__init__(**kwargs)
        self.down, self.up = L.Dense(units), L.Dense(4)

    def call(self, inputs):
        return inputs + self.up(self.down(inputs))
"""


def test_a_class_that_could_not_tell_its_config_needs_its_arguments_stated(tmp_path):
    (tmp_path / "mine.py").write_text(SQUEEZE)
    case = FOLDERS / "tf24-own_layer_without_config-sm"
    with pytest.raises(GraphError, match=r"--set Squeeze\.units=VALUE"):
        migrate(case / "sm", tmp_path / "new.keras", layers=[tmp_path / "mine.py"])
    recorded = np.load(case / "expected.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    stated = {"Squeeze": {"units": 3}}
    result = migrate(case / "sm", tmp_path / "new.keras", layers=[tmp_path / "mine.py"], arguments=stated, samples=tmp_path / "samples.npz")
    assert (result.proof.kind, result.proof.difference < 1e-5) == ("predictions", True)


def test_text_is_taken_as_samples(tmp_path):
    recorded = np.load(FOLDERS / "tf213-string_adapted-sm" / "expected.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    result = migrate(FOLDERS / "tf213-string_adapted-sm" / "sm", tmp_path / "new.keras", samples=tmp_path / "samples.npz")
    assert (result.proof.kind, result.proof.inputs) == ("predictions", 4)


def test_a_model_that_a_browser_saved_is_read_as_tf_keras(tmp_path):
    """As tfjs-layers 4.22 writes it: the topology is the config itself, layers in the model's order."""
    config = {
        "units": 3,
        "activation": "relu",
        "batch_input_shape": [None, 2],
        "name": "dense_Dense1",
        "dtype": "float32",
        "use_bias": True,
    }
    inner = {"name": "sequential_1", "layers": [{"class_name": "Dense", "config": config}]}
    topology = {"class_name": "Sequential", "config": inner, "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js"}
    values = np.arange(9, dtype="<f4") - 4
    weights = [
        {"name": "dense_Dense1/kernel", "shape": [2, 3], "dtype": "float32"},
        {"name": "dense_Dense1/bias", "shape": [3], "dtype": "float32"},
    ]
    manifest = [{"paths": ["weights.bin"], "weights": weights}]
    stated = {"modelTopology": topology, "format": "layers-model", "weightsManifest": manifest}
    (tmp_path / "model.json").write_text(json.dumps(stated))
    (tmp_path / "weights.bin").write_bytes(values.tobytes())
    migrate(tmp_path / "model.json", tmp_path / "new.keras")
    found = keras.models.load_model(tmp_path / "new.keras")(np.float32([[1, 2]]))
    assert np.allclose(found, np.maximum(np.float32([1, 2]) @ values[:6].reshape(2, 3) + values[6:], 0))

"""Genuine files of the v3 layout become files that plain Keras loads, and that predict what was recorded; or are refused by name."""

import importlib.util
import io
import json
import sys
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
from genuine import sampled

from layerfix.commands.audit import audit
from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.errors import GraphError, LayerfixError
from layerfix.graph.live import load_model
from layerfix.predictions import difference

FILES = Path(__file__).parent / "v3"
LAYERS = Path(__file__).parents[1] / "containers" / "generate" / "v3_layers.py"
CASES = sorted(path.stem for path in FILES.glob("*.keras"))


def own_classes():
    spec = importlib.util.spec_from_file_location("v3_layers", LAYERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {name: value for name, value in vars(module).items() if isinstance(value, type)}


def recorded(case):
    arrays = np.load(FILES / f"{case}.npz")
    xs, ps = ([arrays[name] for name in sorted(arrays.files) if name[0] == stem] for stem in "xp")
    return xs, ps


def changed(case, folder, *, config=None, weights=None):
    """A copy of a file whose config or weights a function has changed."""
    target = folder / f"{case}.keras"
    with zipfile.ZipFile(FILES / f"{case}.keras") as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            if name == "config.json" and config:
                data = json.dumps(config(json.loads(data))).encode()
            if name == "model.weights.h5" and weights:
                stream = io.BytesIO(data)
                with h5py.File(stream, "r+") as file:
                    weights(file)
                data = stream.getvalue()
            copy.writestr(name, data)
    return target


@pytest.mark.parametrize("case", sampled(CASES, 5))
def test_genuine_file_predicts_in_plain_keras_what_was_recorded(case, tmp_path):
    xs, ps = recorded(case)
    custom = "custom" in case
    result = migrate(FILES / f"{case}.keras", tmp_path / "new.keras", layers=[LAYERS] if custom else [])
    loaded = keras.saving.load_model(tmp_path / "new.keras", custom_objects=own_classes() if custom else None, compile=False)
    assert difference(predict(loaded, xs), ps) <= (2e-3 if "mixed" in case else 8e-3 if "bfloat16" in case else 1e-5)
    assert result.weights > 0


@pytest.mark.parametrize("case", ["keras33-masked_merge", "keras33-ops_slices"])
def test_an_h5_of_keras_3_keeps_its_operations_and_the_masks_of_its_release(case, tmp_path):
    xs, ps = recorded(case)
    migrate(FILES / f"{case}.h5", tmp_path / "new.keras")
    assert difference(predict(keras.saving.load_model(tmp_path / "new.keras"), xs), ps) <= 1e-5


@pytest.mark.parametrize("case", ["tf213-frozen", "tf215-mixed_precision"])
def test_the_optimizer_of_a_compiled_file_goes_on(case, tmp_path):
    result = migrate(FILES / f"{case}.keras", tmp_path / "new.keras")
    assert result.optimizer == ("kept", "m, v")
    assert int(keras.saving.load_model(tmp_path / "new.keras").optimizer.iterations) == 2


@pytest.mark.parametrize("case", sampled(CASES, 5))
def test_audit_finds_nothing_lost_in_a_sound_file(case):
    assert audit(FILES / f"{case}.keras").outcome == "clean"


def test_load_model_predicts_what_was_recorded():
    xs, ps = recorded("tf213-bidirectional_lstm")
    assert difference(predict(load_model(FILES / "tf213-bidirectional_lstm.keras"), xs), ps) <= 1e-5


def test_a_group_that_no_layer_claims_is_refused(tmp_path):
    def weights(file):
        file["layers/dense/vars/0"] = np.zeros((3, 3), "float32")

    path = changed("tf215-swapped_convolutions", tmp_path, weights=weights)
    with pytest.raises(GraphError, match=r"dense/vars/0.*no layer of its architecture claims"):
        migrate(path, tmp_path / "new.keras")
    assert not (tmp_path / "new.keras").exists()


def test_a_layer_whose_group_is_gone_is_refused_by_name(tmp_path):
    def weights(file):
        del file["layers/conv2d_transpose_1"]

    with pytest.raises(GraphError, match="Conv2DTranspose 'z1' needs"):
        migrate(changed("tf215-swapped_convolutions", tmp_path, weights=weights), tmp_path / "new.keras")


def test_variables_of_another_shape_are_refused_by_name(tmp_path):
    def weights(file):
        del file["layers/conv2d/vars/1"]
        file["layers/conv2d/vars/1"] = np.zeros(5, "float32")

    with pytest.raises(GraphError, match=r"needs \(4,\), its stored values are \(5,\)"):
        migrate(changed("tf215-swapped_convolutions", tmp_path, weights=weights), tmp_path / "new.keras")


@pytest.mark.parametrize(
    "open_file", [lambda path, new: migrate(path, new), lambda path, new: load_model(path)], ids=["migrate", "load_model"]
)
@pytest.mark.parametrize("place", ["layer", "activation", "initializer"])
def test_a_module_that_a_file_names_is_never_imported(open_file, place, tmp_path, monkeypatch):
    (tmp_path / "named_by_a_file.py").write_text("def linear(x): return x\nclass Dense: pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    evil = {"module": "named_by_a_file", "class_name": "Dense", "config": {}, "registered_name": "Dense"}

    def config(stated):
        entry = next(one for one in stated["config"]["layers"] if one["class_name"] == "EinsumDense")
        if place == "layer":
            entry |= {"module": "named_by_a_file", "class_name": "Mine", "registered_name": "Mine"}
        else:
            entry["config"]["activation" if place == "activation" else "kernel_initializer"] = evil
        return stated

    try:
        open_file(changed("keras315-einsum_and_group", tmp_path, config=config), tmp_path / "new.keras")
    except LayerfixError:
        assert place in ("layer", "activation")
    assert "named_by_a_file" not in sys.modules


def test_a_vocabulary_that_no_file_holds_is_refused_by_name(tmp_path):
    target = tmp_path / "text.keras"
    with zipfile.ZipFile(FILES / "tf213-text.keras") as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            if not name.startswith("assets/"):
                copy.writestr(name, source.read(name))
    with pytest.raises(GraphError, match="vocabulary of TextVectorization"):
        migrate(target, tmp_path / "new.keras")


def test_words_of_the_vocabulary_are_looked_up_as_before(tmp_path):
    migrate(FILES / "tf213-text.keras", tmp_path / "new.keras")
    loaded = keras.saving.load_model(tmp_path / "new.keras")
    layer = next(one for one in loaded.layers if isinstance(one, keras.layers.TextVectorization))
    assert layer(tf.constant([["the dog"]])).numpy()[0, :2].tolist() == [2, 3]

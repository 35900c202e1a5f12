"""`migrate --for`: the written file opens by our own rules and predicts the same; nothing is left where it does not."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import Input, Sequential, layers

from layerfix.commands.migrate import migrate
from layerfix.commands.prove_with import Expected, prove_with
from layerfix.dialects.down.targets import target_of
from layerfix.errors import GraphError, UsageError, VerifyError


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("down") / "new.keras"
    keras.utils.set_random_seed(3)
    Sequential([Input((4,)), layers.Dense(3, "hard_sigmoid"), layers.BatchNormalization(), layers.Dense(2)]).save(path)
    return path


def test_a_legacy_file_states_its_release_and_names_as_bytes(source, tmp_path):
    result = migrate(source, tmp_path / "old.h5", older="tf2.4")
    assert result.proof.kind == "reference"
    assert result.proof.difference < 1e-5
    assert (result.older, result.client) == ("tf2.4", "")
    with h5py.File(tmp_path / "old.h5") as file:
        assert file.attrs["keras_version"] == "2.4.0"
        assert file["model_weights"].attrs["layer_names"].dtype.kind == "S"
        assert json.loads(file.attrs["model_config"])["class_name"] == "Sequential"


def test_a_tensorflow_js_model_is_written_with_its_shard(source, tmp_path):
    (tmp_path / "web").mkdir()
    result = migrate(source, tmp_path / "web/model.json", older="tfjs")
    assert result.proof.difference < 1e-5
    assert sorted(path.name for path in (tmp_path / "web").iterdir()) == ["group1-shard1of1.bin", "model.json"]


def test_what_has_no_equal_leaves_no_file(tmp_path):
    Sequential([Input((4,)), layers.Dense(2, "sparse_plus", name="odd")]).save(tmp_path / "new.keras")
    with pytest.raises(GraphError, match="odd: the activation sparse_plus"):
        migrate(tmp_path / "new.keras", tmp_path / "old.h5", older="tf2.15")
    assert not (tmp_path / "old.h5").exists()


@pytest.mark.parametrize(("name", "older"), [("old.keras", "tf2.10"), ("old.h5", "keras3.3"), ("old.h5", "tfjs")])
def test_an_output_of_another_container_is_refused(source, tmp_path, name, older):
    with pytest.raises(UsageError, match="is no output of --for"):
        migrate(source, tmp_path / name, older=older)


def test_prove_with_needs_an_older_keras(source, tmp_path):
    with pytest.raises(UsageError, match="needs --for"):
        migrate(source, tmp_path / "new2.keras", prove_with=sys.executable)


def interpreter(folder: Path, predicts: str) -> Path:
    """A Python whose Keras predicts what it is told: stands in for an older one, which no test may need."""
    program = folder / "python"
    told = (
        f"import numpy, sys; x = numpy.load('inputs.npz')['x0']; numpy.savez('outputs.npz', version=numpy.array('2.10.0'), p0={predicts})"
    )
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{told}"\n')
    program.chmod(0o755)
    return program


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script as interpreter")
def test_an_older_keras_that_predicts_the_same_is_named(tmp_path):
    x = np.ones((2, 3), np.float32)
    told = prove_with(interpreter(tmp_path, "x * 2"), tmp_path / "f.h5", target_of("tf2.10"), Expected([x], [x * 2], 1e-5))
    assert "TensorFlow 2.10.0 itself loads the file and predicts the same" in told


@pytest.mark.skipif(os.name == "nt", reason="needs a shell script as interpreter")
def test_an_older_keras_that_predicts_something_else_ends_it(tmp_path):
    x = np.ones((2, 3), np.float32)
    with pytest.raises(VerifyError, match="predicts something else"):
        prove_with(interpreter(tmp_path, "x * 3"), tmp_path / "f.h5", target_of("tf2.10"), Expected([x], [x * 2], 1e-5))


def test_a_python_that_is_none_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be run"):
        prove_with(tmp_path / "none", tmp_path / "f.h5", target_of("tf2.10"), Expected([np.ones((1, 1))], [np.ones((1, 1))], 1e-5))

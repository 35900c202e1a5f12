"""`lambdas`: source that a person can review and `--layers` takes; `migrate` without it."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from click.testing import CliRunner

from layerfix.cli.lambdas import command
from layerfix.commands.lambdas import lambdas
from layerfix.commands.migrate import migrate
from layerfix.errors import GraphError
from layerfix.predictions import difference

FILES = Path(__file__).parent / "files"
GENUINE = ["lambda_keras224.h5", "lambda_tf215.h5", "lambda_keras33.keras"]
"""Keras 2.2.4 on Python 3.7, tf.keras 2.15 on 3.11, Keras 3.3 on 3.12; each with predictions recorded before the save."""


def reproduced(model, name):
    with np.load(FILES / f"{name}.npz") as arrays:
        return difference([np.asarray(model(arrays["x0"], training=False))], [arrays["p0"]])


@pytest.mark.parametrize("name", GENUINE)
def test_a_genuine_lambda_becomes_operations_that_plain_keras_loads(name, tmp_path):
    result = migrate(FILES / name, tmp_path / "new.keras")
    assert (result.proof.kind, result.custom) == ("reference", ())
    assert reproduced(keras.saving.load_model(tmp_path / "new.keras", safe_mode=True), name) < 1e-5


@pytest.mark.parametrize("name", GENUINE)
def test_the_written_source_stands_in_for_the_lambda(name, tmp_path):
    found = lambdas(FILES / name)
    assert [read.problem for read in found.lambdas] == [""]
    (tmp_path / "functions.py").write_text(found.document)
    migrate(FILES / name, tmp_path / "new.keras", layers=[tmp_path / "functions.py"])
    scope: dict = {}
    exec(found.document, scope)
    functions = {read.function: scope[read.function] for read in found.lambdas}
    assert reproduced(keras.saving.load_model(tmp_path / "new.keras", custom_objects=functions), name) < 1e-5


def test_reading_can_be_declined(tmp_path):
    with pytest.raises(GraphError, match="never run"):
        migrate(FILES / GENUINE[0], tmp_path / "new.keras", read_lambdas=False)
    assert not list(tmp_path.iterdir())


def test_the_command_shows_what_was_saved_and_writes_the_functions(tmp_path):
    output = tmp_path / "functions.py"
    ran = CliRunner().invoke(command, [str(FILES / GENUINE[0]), "-o", str(output)], standalone_mode=False)
    assert ran.return_value == 0
    assert "as saved: K.expand_dims(x)" in ran.output
    assert "ops.expand_dims(x, -1)" in output.read_text()


def test_the_command_speaks_json():
    ran = CliRunner().invoke(command, [str(FILES / GENUINE[1]), "--format", "json"], standalone_mode=False)
    (read,) = json.loads(ran.output)["lambdas"]
    assert (read["layer"], read["pythons"], read["problem"]) == ("lam", ["3.11"], "")


def test_weights_alone_are_not_said_to_hold_no_lambda(tmp_path):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(GraphError, match="weights without an architecture") as refused:
        lambdas(tmp_path / "w.weights.h5")
    assert "--architecture" in (refused.value.hint or "")

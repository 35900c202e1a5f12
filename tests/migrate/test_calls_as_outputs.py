"""A nested model that is called several times, and whose calls are outputs: Keras 3 counts those from 1, and all others from 0."""

from __future__ import annotations

import json
from itertools import permutations

import h5py
import keras
import numpy as np
import pytest
from keras import Input, Model, Sequential, layers

from layerfix.commands.migrate import migrate
from layerfix.dialects.down.models import say_down
from layerfix.dialects.down.targets import target_of
from layerfix.graph.today import stated


def called(kind: str, order: tuple[int, ...]) -> Model:
    """Three calls of one model; one alone is used inside, the others are outputs in an order."""
    start = Input((3,))
    inner = Sequential([start, layers.Dense(2)]) if kind == "Sequential" else Model(start, layers.Dense(2)(start))
    given = [Input((3,), name=f"given{number}") for number in range(3)]
    calls = [inner(one) for one in given]
    return Model(given, [*(calls[number] for number in order[:2]), layers.subtract([calls[order[2]], calls[order[0]]])])


def predicted(model: Model) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    return [np.asarray(one) for one in model([random.normal(size=(4, 3)).astype("float32") for _ in range(3)])]


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize(("kind", "order"), [("Functional", (0, 2, 1)), ("Functional", (2, 0, 1)), ("Sequential", (1, 0, 2))])
def test_each_output_is_its_own_call(tmp_path, kind, order, suffix):
    model = called(kind, order)
    model.save(tmp_path / f"new{suffix}")
    result = migrate(tmp_path / f"new{suffix}", tmp_path / "up.keras")
    assert result.proof.kind == "reference"
    for one, two in zip(predicted(keras.models.load_model(tmp_path / "up.keras")), predicted(model), strict=True):
        np.testing.assert_allclose(one, two, atol=1e-6)


@pytest.mark.parametrize("kind", ["Functional", "Sequential"])
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_older_keras_counts_all_calls_of_a_nested_model_from_1(kind, order):
    config = say_down(stated(called(kind, order)), target_of("tf2.10")).config["config"]
    (nested,) = (layer for layer in config["layers"] if layer["class_name"] == kind)
    on = [f"given{number}" for number in order[:2]]
    assert [nested["inbound_nodes"][end[1] - 1][0][0] for end in config["output_layers"][:2]] == on


def test_what_goes_back_reads_as_it_was_written(tmp_path):
    called("Functional", (2, 0, 1)).save(tmp_path / "new.keras")
    assert migrate(tmp_path / "new.keras", tmp_path / "old.h5", older="tf2.10").proof.difference < 1e-5
    with h5py.File(tmp_path / "old.h5") as file:
        assert len(json.loads(file.attrs["model_config"])["config"]["output_layers"]) == 3

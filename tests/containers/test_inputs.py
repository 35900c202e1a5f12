"""What a config tells of a model's inputs, and the line that saves them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from genuine import MODELS

from layerfix.containers.inputs import ModelInput, model_inputs, recording
from layerfix.containers.reader import read


def _functional(*names: str, feeds: str = "Dense") -> dict[str, Any]:
    layers: list[dict[str, Any]] = [
        {
            "class_name": "InputLayer",
            "name": name,
            "config": {"name": name, "batch_input_shape": [None, 7], "dtype": "float32"},
            "inbound_nodes": [],
        }
        for name in names
    ]
    inbound = [[[names[0], 0, 0, {}]]]
    layers.append({"class_name": feeds, "name": "next_1", "config": {"input_dim": 500}, "inbound_nodes": inbound})
    return {"class_name": "Model", "config": {"layers": layers, "input_layers": [[name, 0, 0] for name in names]}}


@pytest.mark.parametrize("name", ["resnet-mean", "sequential-mean", "unseeded-plain", "nested-mean"])
def test_the_inputs_of_a_genuine_model_are_those_that_its_samples_fit(name: str) -> None:
    config = read(MODELS / f"{name}.h5").config
    assert config is not None
    (given,) = model_inputs(config)
    with np.load(MODELS / f"{name}.npz") as samples:
        assert given.shape == samples["x"].shape[1:]


def test_several_inputs_come_in_the_order_of_predict_and_get_a_number_each() -> None:
    inputs = model_inputs(_functional("second-one", "2nd"))
    assert [given.name for given in inputs] == ["second-one", "2nd"]
    assert recording(inputs) == 'import numpy as np; np.savez("samples.npz", x0=second_one[:128], x1=input_2nd[:128])'


def test_what_feeds_an_embedding_is_told_to_be_whole_numbers_below_its_size() -> None:
    assert model_inputs(_functional("tokens", feeds="Embedding")) == (ModelInput("tokens", (7,), "int32", 500),)


def test_the_line_is_python_that_runs_though_names_are_keywords_or_have_spaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = recording(model_inputs(_functional("class", "a b")))
    names = [node.value.id for node in ast.walk(ast.parse(line)) if isinstance(node, ast.Subscript)]  # type: ignore[attr-defined]
    assert len(names) == 2
    monkeypatch.chdir(tmp_path)
    exec(line, {name: np.full((200, 7), place) for place, name in enumerate(names)})
    with np.load("samples.npz") as saved:
        assert {name: (saved[name].shape, saved[name].max()) for name in saved.files} == {"x0": ((128, 7), 0), "x1": ((128, 7), 1)}


def test_a_config_without_shapes_tells_no_inputs() -> None:
    layers = [{"class_name": "Dense", "config": {"name": "dense_1", "units": 3}}]
    assert model_inputs({"class_name": "Sequential", "config": layers}) == ()

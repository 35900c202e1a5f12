"""What people store as an architecture: `to_json`, that text once more as JSON, or `get_config`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layerfix.containers.architecture import read_architecture
from layerfix.containers.config import layer_list
from layerfix.errors import ReadError

DENSE = {"class_name": "Dense", "config": {"name": "dense_1", "units": 2}}
GRAPH = {"name": "net", "layers": [{**DENSE, "name": "dense_1"}], "input_layers": [["dense_1", 0, 0]], "output_layers": [["dense_1", 0, 0]]}


def stored(folder: Path, value: Any) -> Path:
    file = folder / "config.json"
    file.write_text(json.dumps(value))
    return file


@pytest.mark.parametrize(
    ("value", "class_name"),
    [
        ({"class_name": "Model", "config": GRAPH, "keras_version": "2.0.8"}, "Model"),
        (json.dumps({"class_name": "Sequential", "config": [DENSE]}), "Sequential"),
        (GRAPH, "Functional"),
        ([DENSE], "Sequential"),
        ({"name": "sequential_1", "layers": [DENSE]}, "Sequential"),
    ],
    ids=["to_json", "to_json in JSON", "get_config of a graph", "get_config of an old Sequential", "get_config of a Sequential"],
)
def test_an_architecture_is_read_in_each_form(tmp_path: Path, value: Any, class_name: str) -> None:
    found = read_architecture(stored(tmp_path, value))
    assert found["class_name"] == class_name
    assert [layer["config"]["name"] for layer in layer_list(found) or ()] == ["dense_1"]


@pytest.mark.parametrize("value", [{"name": "net"}, {"layers": 3}, [1, 2], 7, {"layers": [{"no": "layer"}]}])
def test_other_json_is_no_architecture(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ReadError, match="no Keras architecture"):
        read_architecture(stored(tmp_path, value))

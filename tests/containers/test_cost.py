"""Calls along paths are counted in linear time, and bombs are refused before Keras is imported."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import pytest

from layerfix.containers.cost import calls, refuse_costly
from layerfix.containers.reader import read
from layerfix.errors import HostileError

SAMPLES = sorted((Path(__file__).parents[2] / "sample_models").glob("*.h5"))
ONCE: list[Any] = [[["x", 0, 0, {}]]]
INPUT = {"class_name": "InputLayer", "name": "x", "config": {"name": "x", "batch_input_shape": [None, 1]}, "inbound_nodes": []}


def layer(class_name: str, name: str = "l", nodes: list[Any] = ONCE, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}


def model(*layers: dict[str, Any], name: str = "m") -> dict[str, Any]:
    ends = {"input_layers": [["x", 0, 0]], "output_layers": [[layers[-1]["name"], 0, 0]]}
    return {"class_name": "Model", "config": {"name": name, "layers": [INPUT, *layers], **ends}}


def nested(depth: int) -> dict[str, Any]:
    """A model that calls a model twice that calls a model twice ..."""
    made = model(layer("Dense", units=1))
    for number in range(depth):
        inner = {**made, "name": f"m{number}", "inbound_nodes": [*ONCE, [[f"m{number}", 1, 0, {}]]]}
        made = model(inner, name=f"m{number + 1}")
    return made


def steps(number: int, **config: Any) -> dict[str, Any]:
    return {"class_name": "LSTM", "config": {"name": "l", "batch_input_shape": [None, number, 1], "units": 1, **config}}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers)}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (model(layer("Dense", units=1)), 2),
        (model(layer("Dense", nodes=ONCE * 5, units=1)), 6),
        (nested(3), 37),
        (sequential(steps(700, unroll=True)), 700),
        (sequential(steps(700, unroll=False)), 1),
        (sequential({"class_name": "Bidirectional", "config": {"name": "b", "layer": steps(700, unroll=True)}}), 1401),
    ],
)
def test_calls_are_counted_along_paths(config: dict[str, Any], expected: int) -> None:
    assert calls(config) == expected


def test_counting_takes_no_longer_for_more_paths() -> None:
    assert calls(nested(60)) > 2**60


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_genuine_files_are_far_below_the_budget(path: Path) -> None:
    checkpoint = read(path)
    refuse_costly(checkpoint)
    assert checkpoint.config is None or calls(checkpoint.config) < 300


@pytest.mark.slow
@pytest.mark.parametrize("command", ["migrate", "repair"])
def test_bomb_is_refused_before_keras_is_imported_and_let_through_where_the_user_says_so(command: str, tmp_path: Path) -> None:
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(nested(14))
        file.attrs["keras_version"] = "2.2.4"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"m13"]
        weights.create_group("m13").attrs["weight_names"] = []
    code = f"import sys, layerfix; from layerfix.errors import HostileError\ntry:\n    layerfix.{command}({str(path)!r}, "
    code += f"output={str(tmp_path / ('o.keras' if command == 'migrate' else 'o.h5'))!r})\n"
    code += "except HostileError as error:\n    print(error)\nprint('keras' in sys.modules and 'tensorflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    told, imported = done.stdout.splitlines()
    assert "its graph calls layers 81,9" in told
    assert "LAYERFIX_BUDGET" in told
    assert imported == "False"


def test_budget_is_raised_by_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from dataclasses import replace

    costly = replace(read(SAMPLES[0]), config=nested(11), size=10_000)
    with pytest.raises(HostileError, match="10,23"):
        refuse_costly(costly)
    monkeypatch.setenv("LAYERFIX_BUDGET", "10")
    refuse_costly(costly)
    monkeypatch.setenv("LAYERFIX_BUDGET", "nonsense")
    with pytest.raises(HostileError):
        refuse_costly(costly)

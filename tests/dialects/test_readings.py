"""Lambda layers of a config: where they are, how many tensors they take, and what their reading notes."""

from __future__ import annotations

import base64
import marshal
from types import CodeType
from typing import Any

import pytest

from layerfix.dialects.readings import beyond_arithmetic, lambda_entries, read_lambdas, tensorflow_generation, with_expressions
from layerfix.model import Expression, Unread


def stored(function: Any) -> list[Any]:
    """A function as Keras 2.1 and later store it."""
    code: CodeType = function.__code__
    return [base64.b64encode(marshal.dumps(code)).decode(), None, None]


def lambda_layer(name: str, function: Any = None, nodes: Any = ()) -> dict[str, Any]:
    config = {"name": name, "function": function, "function_type": "lambda", "arguments": {}}
    return {"class_name": "Lambda", "name": name, "config": config, "inbound_nodes": list(nodes)}


def model(*layers: dict[str, Any], name: str = "m") -> dict[str, Any]:
    return {"class_name": "Model", "name": name, "config": {"name": name, "layers": list(layers)}}


@pytest.mark.parametrize(
    ("nodes", "inputs"),
    [
        ([], None),
        ([[["i", 0, 0, {}]]], None),
        ([[["i", 0, 0, {}], ["j", 0, 0, {}]]], 2),
        ([[["i", 0, 0], ["j", 0, 0], ["k", 0, 0]]], 3),
        ([["i", 0, 0, {}]], None),
        ([{"args": [{"class_name": "__keras_tensor__"}], "kwargs": {}}], None),
        ([{"args": [[{"class_name": "__keras_tensor__"}] * 2], "kwargs": {}}], 2),
        ([{"args": [], "kwargs": {}}], None),
        ("odd", None),
    ],
)
def test_a_lambda_is_called_with_one_tensor_or_a_list(nodes: Any, inputs: int | None) -> None:
    layer = {**lambda_layer("l"), "inbound_nodes": nodes}
    assert [(path, count) for path, _, count in lambda_entries(model(layer))] == [("l", inputs)]


def test_lambdas_in_nested_models_and_in_wrappers_are_found_by_their_path() -> None:
    wrapper = {"class_name": "TimeDistributed", "config": {"name": "steps", "layer": lambda_layer("inside")}}
    other = {"class_name": "Bidirectional", "config": {"name": "both", "backward_layer": lambda_layer("back"), "layer": 5}}
    found = lambda_entries(model(model(lambda_layer("deep"), name="inner"), wrapper, other, {"class_name": "Dense", "config": None}))
    assert [path for path, _, _ in found] == ["inner/deep", "steps", "both"]


def test_only_code_is_read_and_bytes_that_are_none_are_told() -> None:
    config = model(
        lambda_layer("twice", stored(lambda x: x * 2)), lambda_layer("named", "halve"), lambda_layer("broken", ["AAAA", None, None])
    )
    config["config"]["layers"][1]["config"]["function_type"] = "function"
    found = read_lambdas(config)
    assert sorted(found) == ["broken", "twice"]
    assert isinstance(found["broken"], str)


def test_a_reading_is_noted_as_a_record_and_the_file_s_config_stays() -> None:
    config = model(lambda_layer("twice", stored(lambda x: x * 2)), lambda_layer("broken", ["AAAA", None, None]), lambda_layer("other"))
    noted = with_expressions(config, read_lambdas(config), 2)["config"]["layers"]
    assert isinstance(noted[0]["expression"], Expression)
    assert noted[0]["expression"].tensorflow == 2
    assert isinstance(noted[1]["expression"], Unread)
    assert "expression" not in noted[2]
    assert "expression" not in config["config"]["layers"][0]


@pytest.mark.parametrize(("version", "known"), [("2.15.0", True), ("2.4.0", False), ("2.2.4", False), (None, False)])
def test_a_function_that_older_releases_computed_otherwise_is_not_read_from_their_files(version: str | None, known: bool) -> None:
    config = model(lambda_layer("words", stored(lambda x: K.ctc_decode(x, K.ones_like(x[:, 0, 0]))[0][0])))  # noqa: F821
    (noted,) = with_expressions(config, read_lambdas(config), 2, version)["config"]["layers"]
    assert isinstance(noted["expression"], Expression) == known
    assert known or "K.ctc_decode, which is known as Keras 2.5 and later compute it" in noted["expression"].reason


def test_what_no_arithmetic_needs_is_named_and_sorted() -> None:
    harmful = stored(lambda x: __import__("os").system(open("f").read()))  # noqa: SIM115
    assert beyond_arithmetic({"function": harmful}) == tuple(sorted(beyond_arithmetic({"function": harmful})))
    assert {"__import__", "open"} <= set(beyond_arithmetic({"function": harmful}))
    assert beyond_arithmetic({"function": stored(lambda x: x + 1)}) == ()
    assert beyond_arithmetic({"function": "halve", "function_type": "function"}) == ()
    assert beyond_arithmetic({"function": ["AAAA", None, None]}) == ()


@pytest.mark.parametrize(
    ("version", "tensorflow1", "generation"),
    [
        ("1.2.2", None, 1),
        ("2.0.9", None, 1),
        ("2.1.6-tf", None, 1),
        ("2.2.4", None, 1),
        ("2.2.4-tf", None, None),
        ("2.2.4-tf", True, 1),
        ("2.2.4-tf", False, 2),
        ("2.3.1", None, None),
        ("2.3.0-tf", None, 2),
        ("2.4.0", None, 2),
        ("3.3.0", None, 2),
        (None, True, None),
        ("odd", None, None),
    ],
)
def test_a_version_tells_which_tensorflow_a_function_calls(version: str | None, tensorflow1: bool | None, generation: int | None) -> None:
    assert tensorflow_generation(version, tensorflow1) == generation

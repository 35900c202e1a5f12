"""What a Lambda's config states as its function, release by release; the code stays bytes."""

from __future__ import annotations

import base64
import hashlib
import marshal
from typing import Any

import pytest

from layerfix.dialects.lambdas import decoded_code, described, find_lambdas, own_name, python_name, stated_function


def named_in_source(x: Any) -> Any:
    return x


TEXT = base64.b64encode(marshal.dumps(named_in_source.__code__)).decode()


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"function": ["c", [1], [2]], "function_type": "lambda"}, ("c", [1], [2])),
        ({"function": ["c"], "function_type": "lambda"}, ("c", None, None)),
        ({"function": ["c", None, None]}, ("c", None, None)),
        ({"function": {"class_name": "__tuple__", "items": ["c", [1], None]}}, ("c", [1], None)),
        ({"function": {"class_name": "__lambda__", "config": {"code": "c", "defaults": [1], "closure": None}}}, ("c", [1], None)),
        ({"function": {"class_name": "__lambda__", "config": "c"}}, (None, None, None)),
        ({"function": {"class_name": "function", "config": "halve"}}, (None, None, None)),
        ({"function": "halve", "function_type": "function"}, (None, None, None)),
        ({"function": "c", "function_type": "lambda"}, ("c", None, None)),
        ({"function": []}, (None, None, None)),
        ({"function": [5, None, None]}, (None, None, None)),
        ({}, (None, None, None)),
    ],
)
def test_code_defaults_and_closure_are_where_each_release_put_them(config: dict[str, Any], expected: Any) -> None:
    assert stated_function(config) == expected


@pytest.mark.parametrize(
    ("stored", "plain"),
    [
        ({"class_name": "__tuple__", "items": [1, [2]]}, [1, [2]]),
        ({"class_name": "__numpy__", "config": {"value": [1.0, 2.0], "dtype": "float32"}}, [1.0, 2.0]),
        ({"type": "ndarray", "value": 0.5}, 0.5),
        ([{"type": "ndarray", "value": [1]}], [[1]]),
        ("text", "text"),
    ],
)
def test_values_that_code_closes_over_are_plain(stored: Any, plain: Any) -> None:
    assert stated_function({"function": ["c", None, [stored]]})[2] == [plain]


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("lambda_1", "lambda_1"),
        ("lambda", "lambda_"),
        ("my-layer/x", "my_layer_x"),
        ("3d", "_3d"),
        ("", "_"),
        ("None", "None_"),
        ("größe", "größe"),
    ],
)
def test_a_layer_s_name_becomes_one_that_a_function_can_have(name: str, python: str) -> None:
    assert python_name(name) == python
    assert python.isidentifier()


def test_code_is_base64_or_text_whose_characters_are_its_bytes() -> None:
    code = marshal.dumps(named_in_source.__code__)
    assert decoded_code(base64.encodebytes(code).decode()) == code
    assert decoded_code(code.decode("raw_unicode_escape")) == code  # keras 2.0.9, generic_utils.py, func_dump
    assert decoded_code("AAA") == b"AAA"


@pytest.mark.parametrize(
    ("function", "name"),
    [
        ([TEXT, None, None], "named_in_source"),
        ({"class_name": "__lambda__", "config": {"code": TEXT}}, None),
        ({"class_name": "function", "config": "halve"}, "halve"),
        ("halve", None),
        ([5], None),
        ([], None),
        (["AAAA"], None),
        (None, None),
    ],
)
def test_the_function_s_own_name_is_found_in_its_code(function: Any, name: str | None) -> None:
    assert own_name({"function": function}) == name


@pytest.mark.parametrize(
    ("config", "kind", "hashed"),
    [
        ({"function": [TEXT, None, None], "function_type": "lambda"}, "code", base64.b64decode(TEXT)),
        ({"function": TEXT, "function_type": "lambda"}, "code", base64.b64decode(TEXT)),
        ({"function": {"class_name": "__lambda__", "config": {"code": TEXT, "defaults": None}}}, "code", base64.b64decode(TEXT)),
        ({"function": "halve", "function_type": "function"}, "name", b"halve"),
        ({"function": {"class_name": "function", "config": "halve"}}, "name", b"halve"),
        ({}, "name", b"None"),
    ],
)
def test_a_fingerprint_is_of_the_code_or_of_the_name(config: dict[str, Any], kind: str, hashed: bytes) -> None:
    found = described("a/l", "l", config, ())
    assert (found.layer, found.kind, found.size) == ("a/l", kind, len(hashed))
    assert found.digest == hashlib.sha256(hashed).hexdigest()


@pytest.mark.parametrize(
    ("given", "known"), [("lambda", True), ("lambda_", True), ("named_in_source", True), (TEXT, True), ("other", False)]
)
def test_a_function_is_given_by_the_layer_s_name_or_by_its_own(given: str, known: bool) -> None:
    assert described("lambda", "lambda", {"function": [TEXT, None, None], "function_type": "lambda"}, {given}).given is known


def test_lambdas_in_wrappers_and_nested_models_are_found() -> None:
    inner = {"class_name": "Lambda", "config": {"name": "l", "function": "halve", "function_type": "function"}}
    wrapper = {"class_name": "TimeDistributed", "config": {"name": "steps", "layer": inner}}
    nested = {"class_name": "Sequential", "name": "n", "config": {"name": "n", "layers": [inner]}}
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": [wrapper, nested, {"class_name": "Dense", "config": None}]}}
    assert [found.layer for found in find_lambdas(model)] == ["steps", "n/l"]

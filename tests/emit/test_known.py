"""Source that is written for a function of a Lambda computes what genuine Keras and TensorFlow gave (`backend_answers`)."""

from __future__ import annotations

import ast
import math
from typing import Any

import keras
import numpy as np
import pytest
from backend_answers import CASES, TENSORS, agrees, answers, used
from keras import ops

from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.modules import canonical
from layerfix.bytecode.tree import Call, Input
from layerfix.emit.expressions import Writer
from layerfix.emit.known import bound, helper_sources, inlined, known_sources


class Spoken:
    """A module or function whose calls are noted as nodes."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Spoken:
        return Spoken(canonical(f"{self._name}.{name}"))

    def __call__(self, *args: Any, **kwargs: Any) -> Call:
        return Call(self._name, args, tuple(kwargs.items()))


def written() -> dict[str, tuple[str, list[str]]]:
    """By call: a file with its function, and the tensors that this takes in their order."""
    found = {}
    for case in CASES:
        names = used(case)
        nodes = {name: Input(place) for place, name in enumerate(names)}
        try:
            node = eval(case, {**{name: Spoken(name) for name in ("K", "tf", "keras")}, **nodes, "np": np})
            writer = Writer("x", 2)
            body = writer.body(node) if isinstance(node, Call) else None
        except (TypeError, NameError, Unreadable):  # operators on nodes, weights, functions that are not known
            continue
        if body is not None:
            lines = [f"    {ast.unparse(ast.fix_missing_locations(statement))}" for statement in body]
            found[case] = ("\n".join([*helper_sources(writer.helpers), "def computed(x):", *lines]), names)
    return found


WRITTEN = written()
OTHERWISE = ("ord=", "preserve_aspect", "rgb_to_grayscale(bytes", "1, 1, 3]", "mean(i,")
"""Parts of calls that are refused when the function runs, and of means of whole numbers, which source cannot know."""


def of_tensorflow_2(case: str) -> list[Any]:
    return [answer for answer in answers(case) if 2 in answer.generations]


def computed(case: str) -> Any:
    source, names = WRITTEN[case]
    scope: dict[str, Any] = {"keras": keras, "ops": ops, "np": np, "math": math}
    exec(source, scope)
    return scope["computed"]([ops.convert_to_tensor(TENSORS[name]) for name in names])


FOLLOWED = [case for case in WRITTEN if of_tensorflow_2(case) and not any(part in case for part in OTHERWISE)]


@pytest.mark.parametrize("case", FOLLOWED)
def test_what_is_written_computes_what_tensorflow_2_gave(case: str) -> None:
    found = computed(case)
    assert all(agrees(found, answer) for answer in of_tensorflow_2(case)), WRITTEN[case][0]


def test_most_calls_are_written() -> None:
    assert len(FOLLOWED) > 180


def known(text: str) -> ast.FunctionDef:
    (node,) = ast.parse(text).body
    assert isinstance(node, ast.FunctionDef)
    return node


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("source", "arguments", "made"),
    [
        ("def f(x, axis=None): return ops.sum(x, axis=axis)", ["a + b"], "ops.sum(a + b)"),
        ("def f(x, y): return x / y", ["a + b", "c - 1"], "(a + b) / (c - 1)"),
        ("def f(x, keepdims=False): return ops.max(x, keepdims=keepdims)", ["a", "True"], "ops.max(a, keepdims=True)"),
        ("def f(x): return x * x", ["a"], "a * a"),
        ("def f(x): return x * x", ["ops.exp(a)"], None),
        ("def f(x):\n    y = x\n    return y", ["a"], None),
        ("def f(x, axis=0): return g(x, axis=0 if axis is None else axis)", ["a", "n"], "g(a, axis=0 if n is None else n)"),
        ("def f(x, axis=0): return g(x, axis=0 if axis is None else axis)", ["a", "-1"], "g(a, axis=-1)"),
    ],
)
def test_one_expression_is_put_in_the_place_of_the_call(source: str, arguments: list[str], made: str | None) -> None:
    function = known(source)
    found = inlined(function, bound(function, "f", list(map(expression, arguments)), {}))
    assert (None if found is None else ast.unparse(found)) == made


@pytest.mark.parametrize(
    ("arguments", "keywords", "told"),
    [
        (["a", "b", "c"], {}, "f is called with 3 arguments"),
        (["a"], {"z": "1"}, "f is called with z"),
        (["a"], {"x": "1"}, "f is called with 1 arguments"),
        ([], {"axis": "1"}, "f is called without x"),
    ],
)
def test_a_call_that_the_function_does_not_take_is_not_written(arguments: list[str], keywords: dict[str, str], told: str) -> None:
    function = known("def f(x, axis=None): return ops.sum(x, axis=axis)")
    with pytest.raises(Unreadable, match=told):
        bound(function, "f", list(map(expression, arguments)), {key: expression(value) for key, value in keywords.items()})


def test_helpers_are_written_without_their_annotations() -> None:
    (source,) = helper_sources({"tf_norm"})
    assert source.startswith("def tf_norm(tensor, ord='euclidean', axis=None, keepdims=False):")


def test_no_known_function_has_a_name_that_a_layer_is_likely_to_have() -> None:
    prefixes = ("K_", "tf_", "keras_", "np_", "math_", "python_", "known_")
    assert [name for name in known_sources() if not name.startswith(prefixes)] == []

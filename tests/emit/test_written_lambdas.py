"""Functions of Lambda layers as source: what a person reads is what is computed, and no text of a file becomes code."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import pytest

from layerfix.bytecode.errors import Unreadable
from layerfix.bytecode.reading import Reading
from layerfix.bytecode.tree import Call, Choice, Cut, Input, Item, Member, encode
from layerfix.emit.expressions import Writer
from layerfix.emit.known import helper_sources, known_sources
from layerfix.emit.lambdas import document, read_lambda

X = Input()
ONE = Call("operator.add", (X, 1))


def written(value: Any, *, tensorflow: int | None = 1, original: bool = False) -> str:
    body = Writer("x", tensorflow, original=original).body(value)
    return "\n".join(ast.unparse(ast.fix_missing_locations(statement)) for statement in body)


@pytest.mark.parametrize(
    ("value", "source"),
    [
        (X, "return x"),
        (Input(1), "return x[1]"),
        (ONE, "return x + 1"),
        (Call("operator.pow", (X, 2)), "return x ** 2"),
        (Call("operator.neg", (X,)), "return -x"),
        (Call("operator.lt", (X, 0.5)), "return x < 0.5"),
        (Call("operator.mul", (X, [0.1, 0.2])), "return x * ops.array([0.1, 0.2])"),
        (Call("operator.sub", (float("inf"), X)), "return float('inf') - x"),
        (Item(X, 0), "return x[0]"),
        (Item(X, (Cut(None, None, None), Cut(1, None, 2))), "return x[:, 1::2]"),
        (Item(Member(X, "shape"), 1), "return x.shape[1]"),
        (Item(Member(X, "_keras_shape"), 1), "return x.shape[1]"),
        (Member(Member(X, "shape"), "ndims"), "return len(x.shape)"),
        (Choice(Call("operator.gt", (Item(Member(X, "shape"), 1), 2)), ONE, X), "return x + 1 if x.shape[1] > 2 else x"),
        (Call("K.mean", (X,), (("axis", -1),)), "return ops.mean(x, axis=-1)"),
        (Call("K.sum", (X,), (("axis", 1), ("keepdims", True))), "return ops.sum(x, axis=1, keepdims=True)"),
        (Call("tf.reduce_mean", (X, 1), (("keep_dims", True), ("name", "m"))), "return ops.mean(x, axis=1, keepdims=True)"),
        (Call("K.reshape", (X, (-1, 4))), "return ops.reshape(x, (-1, 4))"),
        (Call("tf.argmax", (X,), (("axis", None),)), "return ops.argmax(x, axis=0)"),
        (Call("tf.softmax", (X, -1)), "return ops.softmax(x, axis=-1)"),
        (Call("tf.softmax", (X,), (("axis", None),)), "return ops.softmax(x, axis=-1)"),
        (Call("operator.div", (X, 2)), "return x / 2"),
        (Call("operator.mul", (X, Call("operator.div", (Item(Member(X, "shape"), 1), 2)))), "return x * (x.shape[1] // 2)"),
        (
            Call("operator.mul", (X, Call("operator.div", (Call("python.len", (Member(X, "shape"),)), 2.0)))),
            "return x * (len(x.shape) / 2.0)",
        ),
        (Call("python.len", (Member(X, "shape"),)), "return len(x.shape)"),
        (Call("python.abs", (X,)), "return ops.absolute(x)"),
        ([X, ONE], "return [x, x + 1]"),
        ({"a": X}, "return {'a': x}"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_expression_is_written_in_today_s_words(value: Any, source: str) -> None:
    assert written(value) == source


def test_what_is_used_twice_is_computed_once() -> None:
    twice = Call("K.exp", (X,))
    assert written(Call("operator.add", (twice, twice))) == "value_1 = ops.exp(x)\nreturn value_1 + value_1"


def test_what_is_used_in_both_ways_of_a_choice_stays_there() -> None:
    way = Call("K.exp", (X,))
    found = written(Choice(Call("operator.gt", (Item(Member(X, "shape"), 1), 2)), way, Call("operator.neg", (way,))))
    assert found == "return ops.exp(x) if x.shape[1] > 2 else -ops.exp(x)"


def test_the_words_of_the_file_are_kept_where_they_are_asked_for() -> None:
    value = Call("K.mean", (X,), (("axis", -1),))
    assert written(value, original=True) == "return K.mean(x, axis=-1)"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Call("K.unheard_of", (X,)), "not among the known functions"),
        (Call("operator.lshift", (X, 1)), "operator lshift"),
        (Call("K.mean", (X,), (("weights", 1),)), "called with weights"),
        (Call("K.mean", ()), "called without x"),
        (Call("tf.image.resize", (X, (2, 2))), "TensorFlow 1 than in 2"),
        (Call("ops.abs(x); boom", (X,)), "no name that Python takes"),
        (Call("ops.abs", (X,), (("axis=1); boom(a", 1),)), "no name that Python takes"),
        (Call("ops.lambda", (X,)), "no name that Python takes"),
        (Member(X, "shape; boom()"), "no name that Python takes"),
    ],
)
def test_what_is_not_known_exactly_is_not_written(value: Any, told: str) -> None:
    with pytest.raises(Unreadable, match=told):
        written(value, tensorflow=None)


def test_helpers_come_with_those_that_they_call() -> None:
    sources = known_sources()
    called = {name: {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & sources.keys() - {name} for name, node in sources.items()}
    name = next(name for name, others in sorted(called.items()) if others)
    defined = {ast.parse(source).body[0].name for source in helper_sources({name})}  # type: ignore[attr-defined]
    assert defined >= {name, *called[name]}


def reading(value: Any, **more: Any) -> Reading:
    told = Reading("<lambda>", ("x",), ("3.6",), encode(value), "", "", (), ())
    return replace(told, **more)


@pytest.mark.parametrize(
    ("layer", "function"),
    [
        ("scale", "scale"),
        ("outer/scale", "scale"),
        ("lambda", "lambda_"),
        ("my layer-1", "my_layer_1"),
        ("ops", "ops_"),
        ("np", "np_"),
        ("2nd", "_2nd"),
        ("", "_"),
    ],
)
def test_a_layer_s_function_has_a_name_that_python_takes(layer: str, function: str) -> None:
    record, helpers = read_lambda(layer, reading(ONE), 1)
    assert record.function == function
    (defined,) = ast.parse(record.source).body
    assert isinstance(defined, ast.FunctionDef)
    assert defined.name == function
    assert helpers == set()


def test_arguments_that_are_no_names_of_python_get_others() -> None:
    record, _ = read_lambda("a", reading(ONE, arguments=("x; boom()", "y", "y", "class")), 1)
    assert record.source.startswith("def a(x_0, y=None, x_2=None, x_3=None):")
    assert "return x_0 + 1" in record.source


@pytest.mark.parametrize("argument", ["value_1", "ops", "np", "len", "float", "K_relu", "known_sizes"])
def test_an_argument_named_as_what_the_body_uses_gets_another(argument: str) -> None:
    twice = Call("K.exp", (X,))
    record, _ = read_lambda("a", reading(Call("operator.add", (Call("operator.mul", (twice, twice)), X)), arguments=(argument,)), 1)
    assert record.source.startswith("def a(x_0):")
    assert record.source.endswith("    value_1 = ops.exp(x_0)\n    return value_1 * value_1 + x_0\n")


def test_the_whole_file_computes_what_the_layers_did() -> None:
    first, _ = read_lambda("a", reading(ONE), 1)
    second, _ = read_lambda("b", reading(Call("operator.mul", (X, 2))), 1)
    scope: dict[str, Any] = {}
    exec(document([first, second], set(), "old.h5").replace("from keras import ops", ""), scope)
    assert (scope["a"](3), scope["b"](3)) == (4, 6)


EVIL = 'm""" ; __import__("builtins").setattr(__import__("builtins"), "hit", 1) ; """.h5'


@pytest.mark.parametrize("where", ["file", "layer", "problem", "listing", "constant", "argument"])
def test_no_text_of_a_file_becomes_code(where: str) -> None:
    text = EVIL + "\nboom()\r\x0cboom()\u2028boom()"
    told = reading(Call("operator.add", (X, text if where == "constant" else 1)))
    if where in {"problem", "listing"}:
        told = replace(told, expression=None, **{where: text})
    if where == "argument":
        told = replace(told, arguments=(text, text))
    record, _ = read_lambda(text if where == "layer" else "a", told, 1)
    tree = ast.parse(document([record], set(), text if where == "file" else "old.h5"))
    calls = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert calls <= {"NotImplementedError"}
    assert [type(node).__name__ for node in tree.body[1:]] == ["ImportFrom", "FunctionDef"]


def test_two_layers_of_one_name_are_one_function_where_they_compute_the_same_and_none_where_not() -> None:
    one, _ = read_lambda("left/scale", reading(ONE), 1)
    same, _ = read_lambda("right/scale", reading(ONE), 1)
    other, _ = read_lambda("right/scale", reading(Call("operator.mul", (X, 2))), 1)
    assert document([one, same], set(), "old.h5").count("def scale") == 1
    told = document([one, other], set(), "old.h5")
    assert told.count("def scale") == 1
    assert "left/scale and right/scale" in told
    assert "NotImplementedError" in told

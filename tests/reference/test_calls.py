"""Functions of Lambdas in numpy give what genuine Keras and TensorFlow gave, or are named as unknown (`backend_answers`)."""

from __future__ import annotations

import ast
import math
from functools import cache
from typing import Any

import numpy as np
import pytest
from backend_answers import CASES, TENSORS, answers

from layerfix.bytecode.modules import canonical
from layerfix.bytecode.tree import Call, Cut, Input, Item, encode
from layerfix.model import Expression
from layerfix.reference.expressions import lambda_layer
from layerfix.reference.functions import Unsupported

OPERATORS = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Mod: "mod", ast.FloorDiv: "floordiv", ast.Gt: "gt", ast.USub: "neg",
}  # fmt: skip


def node(at: Any) -> Any:
    """A call's syntax as what is read of a Lambda's code; tensors are its inputs, by their place among all."""
    match at:
        case ast.Constant(value):
            return value
        case ast.Name(name):
            return Input(list(TENSORS).index(name))
        case ast.List(items):
            return [node(item) for item in items]
        case ast.Tuple(items):
            return tuple(node(item) for item in items)
        case ast.UnaryOp(operator, value):
            inner = node(value)
            return -inner if isinstance(inner, (int, float)) else Call(f"operator.{OPERATORS[type(operator)]}", (inner,))
        case ast.BinOp(one, operator, other) | ast.Compare(one, [operator], [other]):
            return Call(f"operator.{OPERATORS[type(operator)]}", (node(one), node(other)))
        case ast.Subscript(value, index):
            return Item(node(value), node(index))
        case ast.Slice(start, stop, step):
            return Cut(*(part and node(part) for part in (start, stop, step)))
        case ast.Attribute(ast.Name("np"), "inf"):
            return math.inf
        case ast.Call(function, arguments, keywords):
            named = tuple((str(keyword.arg), node(keyword.value)) for keyword in keywords)
            return Call(canonical(ast.unparse(function)), tuple(map(node, arguments)), named)
    raise TypeError(f"no Lambda is read with {type(at).__name__}")


@cache
def computed(case: str, tensorflow: int) -> Any:
    """What the reference gives; None where it says that it does not know."""
    expression = Expression(encode(node(ast.parse(case, mode="eval").body)), tensorflow)
    try:
        (found,) = lambda_layer(expression, list(TENSORS.values()))
    except Unsupported:
        return None
    return found


def expected(case: str, tensorflow: int) -> list[np.ndarray[Any, Any]]:
    return [answer.values for answer in answers(case) if tensorflow in answer.generations]


WRITTEN = [(case, generation) for case in CASES for generation in (1, 2) if "lambda" not in case and expected(case, generation)]
KNOWN = [pair for pair in WRITTEN if computed(*pair) is not None]


def test_most_calls_are_known() -> None:
    assert len(KNOWN) > 600


@pytest.mark.parametrize(("case", "tensorflow"), KNOWN)
def test_a_call_gives_what_every_genuine_release_gave(case: str, tensorflow: int) -> None:
    found, wanted = computed(case, tensorflow), expected(case, tensorflow)
    assert [found.shape] * len(wanted) == [each.shape for each in wanted]
    assert all(np.allclose(found, each, rtol=1e-5, atol=1e-5, equal_nan=True) for each in wanted), [each.tolist() for each in wanted]

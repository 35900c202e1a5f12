"""Operators in a Lambda's code on tensors, sizes and numbers: what Python and numpy make of them, or why nothing is made."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.bytecode.tree import Call, Choice, Cut, Input, Item, Member, encode
from layerfix.errors import GraphError
from layerfix.graph.lambdas import expression_model
from layerfix.model import Expression, Layer

X = Input()
ROWS = np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]], "float32")
CONSTANT = Call("tf.constant", ([1.0, 2.0, 4.0],))
"""As mean and spread of a feature are kept: a tensor that is the default of an argument."""


def made(node: object, *inputs: Any, tensorflow: int | None = 2) -> keras.Model:
    layer = Layer("Lambda", "lam", {}, expression=Expression(encode(node), tensorflow))
    return expression_model(layer, inputs or (keras.Input((3,)),))


def value(node: object, *arrays: Any) -> Any:
    model = made(node, *(keras.Input(array.shape[1:], dtype=str(array.dtype)) for array in arrays or (ROWS,)))
    return np.asarray(model(list(arrays) if len(arrays) > 1 else (arrays or (ROWS,))[0]))


def op(name: str, *operands: object) -> Call:
    return Call(f"operator.{name}", operands)


@pytest.mark.parametrize(
    ("node", "wanted"),
    [
        (op("add", X, 2.0), ROWS + 2),
        (op("sub", 2.0, X), 2 - ROWS),
        (op("mul", X, [1.0, 0.0, 2.0]), ROWS * [1, 0, 2]),
        (op("div", X, 4.0), ROWS / 4),
        (op("truediv", 1.0, X), 1 / ROWS),
        (op("pow", X, 2), ROWS**2),
        (op("neg", X), -ROWS),
        (op("mod", X, 2.0), ROWS % 2),
        (op("gt", X, 0.0), ROWS > 0),
        (op("le", X, 1.0), ROWS <= 1),
        (op("and", op("gt", X, 0.0), op("lt", X, 2.0)), (ROWS > 0) & (ROWS < 2)),
        (op("or", op("gt", X, 3.0), op("lt", X, 0.0)), (ROWS > 3) | (ROWS < 0)),
        (op("invert", op("gt", X, 0.0)), ~(ROWS > 0)),
        (Item(X, (Cut(None, None, None), Cut(1, None, None))), ROWS[:, 1:]),
        (Item(X, (Cut(None, None, None), 0)), ROWS[:, 0]),
        (Item(X, (Ellipsis, Cut(None, None, -1))), ROWS[..., ::-1]),
        (op("mul", X, Item(Member(X, "shape"), 1)), ROWS * 3),
        (op("mul", X, Member(Item(Member(X, "shape"), 1), "value")), ROWS * 3),
        (op("add", X, Member(Member(X, "shape"), "ndims")), ROWS + 2),
        (op("add", X, op("floordiv", 7, 2)), ROWS + 3),
        (op("add", X, op("div", 7, 2)), ROWS + 3),
        (op("add", X, op("div", 7.0, 2)), ROWS + 3.5),
        (Choice(op("eq", Member(Member(X, "shape"), "rank"), 2), op("add", X, 1.0), op("no such", X)), ROWS + 1),
        (Choice(op("not", op("ne", 1, 1)), op("neg", X), X), -ROWS),
        (op("truediv", op("sub", X, CONSTANT), op("add", CONSTANT, 0.5)), (ROWS - [1, 2, 4]) / [1.5, 2.5, 4.5]),
        (Call("K.mean", (X,), (("axis", 1), ("keep_dims", True))), ROWS.mean(1, keepdims=True)),
        (Call("K.sum", (X,), (("axis", 1), ("name", "total"))), ROWS.sum(1)),
    ],
)  # fmt: skip
def test_what_python_and_numpy_make_of_it(node: object, wanted: Any) -> None:
    found = value(node)
    assert found.shape == np.shape(wanted)
    assert found.dtype.kind == np.asarray(wanted, None if np.asarray(wanted).dtype == bool else "float32").dtype.kind
    assert np.allclose(found, wanted)


def test_several_inputs_are_told_by_their_places() -> None:
    assert np.allclose(value(op("sub", Input(1), Input(0)), ROWS, 3 * ROWS), 2 * ROWS)


def test_several_results_are_several_outputs() -> None:
    assert len(made([op("add", X, 1.0), op("neg", X)]).outputs) == 2


def test_an_output_that_is_the_input_is_copied_so_that_no_mask_goes_on() -> None:
    model = made(X)
    assert model.outputs[0] is not model.inputs[0]
    assert np.array_equal(model(ROWS), ROWS)


def test_a_part_that_stands_in_two_places_is_made_once() -> None:
    shared = op("mul", X, 2.0)
    model = made(op("add", shared, op("neg", shared)))
    assert sum(type(operation).__name__ == "Multiply" for operation in model.operations) == 1


REFUSED = {
    "identity of tensors": (op("eq", X, 0.0), "compares tensors for identity"),
    "identity of arrays": (op("eq", CONSTANT, CONSTANT), "it compares arrays"),
    "not of a tensor": (op("not", X), "compares tensors for identity"),
    "logic of numbers": (op("and", X, X), "and of numbers is not known here"),
    "a size that only a call tells": (op("add", X, op("mul", Item(Member(X, "shape"), 0), 2)), "a size that only a call tells"),
    "a tensor as an index": (Item(X, Call("K.argmax", (X,))), "an index is itself a tensor"),
    "a choice by a tensor": (Choice(X, X, X), "depends on the values of a tensor"),
    "random numbers": (Call("K.random_uniform", ((3,),)), "draws at random"),
    "an unknown function": (Call("K.foldl", (X,)), "K.foldl, which is not among the functions that are known exactly"),
    "a result without the input": (Call("K.constant", (1.0,)), "does not depend on its input"),
    "axes that it has not": (Call("K.permute_dimensions", (X, (0, 2, 1))), "does not become operations of Keras"),
    "division by zero": (op("add", X, op("truediv", 1, 0)), "does not become operations of Keras"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_said_is_refused_with_the_layer_and_what_to_do(case: str) -> None:
    node, told = REFUSED[case]
    with pytest.raises(GraphError, match=told) as refused:
        made(node)
    assert refused.value.where == "lam"
    assert "layerfix lambdas" in (refused.value.hint or "")


def test_whole_numbers_that_python_2_divided_are_refused() -> None:
    with pytest.raises(GraphError, match="Python 2 divided whole numbers in a way of its own"):
        made(op("div", X, 2), keras.Input((3,), dtype="int32"))

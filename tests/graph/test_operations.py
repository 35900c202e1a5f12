"""Operations that stand for TensorFlow functions in a graph, on symbolic tensors and sizes."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import GraphError
from layerfix.graph.operations import Sizes, operation
from layerfix.graph.stated import name_operations, stated_operation
from layerfix.model import Operation, StatedOperation

X = keras.Input((4, 6))
A = np.arange(48, dtype=np.float32).reshape(2, 4, 6)


def run(output: Any) -> np.ndarray[Any, Any]:
    return np.asarray(keras.Function(X, output)(A))


def made(function: str, *args: Any, first: bool = False, **arguments: Any) -> Any:
    return operation(Operation(function, arguments, first))(*args)


def test_an_operation_takes_its_fixed_arguments() -> None:
    np.testing.assert_allclose(run(made("mean", X, axis=1)), A.mean(1))


@pytest.mark.parametrize(("first", "expected"), [(False, A - 10), (True, 10 - A)])
def test_a_constant_may_stand_first(first: bool, expected: np.ndarray[Any, Any]) -> None:
    np.testing.assert_allclose(run(made("subtract", X, 10.0, first=first)), expected)


@pytest.mark.parametrize(("kept", "axes"), [(-1, (0, 1)), ([0, 1], (2,)), (0, (1, 2))])
def test_a_reduction_over_all_axes_but_some_keeps_the_rank(kept: Any, axes: tuple[int, ...]) -> None:
    np.testing.assert_allclose(run(made("max", X, axes_except=kept)), A.max(axes, keepdims=True))


SPEC = [{"start": None, "stop": None, "step": None}, {"start": 1, "stop": None, "step": 2}, 3]


def test_an_index_is_slices_numbers_and_the_ellipsis() -> None:
    np.testing.assert_allclose(run(made("getitem", X, SPEC)), A[:, 1::2, 3])
    np.testing.assert_allclose(run(made("getitem", X, [{"class_name": "__ellipsis__"}, 0])), A[..., 0])
    np.testing.assert_allclose(run(made("getitem", X, [0])), A[0])


def test_sizes_are_values_of_the_graph() -> None:
    sizes = made("shape", X)
    assert sizes == Sizes((None, 4, 6))
    assert made("getitem", sizes, [1]) == 4
    assert made("getitem", sizes, [{"start": 1, "stop": None, "step": None}]) == Sizes((4, 6))
    assert made("stack_values", None, [None, 4, 6]) == Sizes((None, 4, 6))


def test_a_reshape_works_out_the_size_that_is_open_beside_the_batch() -> None:
    assert run(made("reshape", X, Sizes((None, 3, -1)))).shape == (2, 3, 8)
    assert run(made("reshape", X, [-1, 24])).shape == (2, 24)


def test_a_reshape_with_two_open_sizes_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one open size"):
        made("reshape", X, Sizes((-1, None, 6)))


@pytest.mark.parametrize("turned", [{"transpose_b": True}, {"transpose_a": True}])
def test_factors_of_a_product_may_be_transposed(turned: dict[str, bool]) -> None:
    left, right = (A.swapaxes(1, 2) if f"transpose_{side}" in turned else A for side in "ab")
    np.testing.assert_allclose(run(operation(Operation("matmul", {}))(X, X, **turned)), left @ right)


def test_the_rest_of_the_few() -> None:
    np.testing.assert_allclose(run(made("squared_difference", X, 2.0)), (A - 2) ** 2)
    np.testing.assert_allclose(run(made("concatenate_values", None, [X, X])), np.concatenate([A, A], -1))
    np.testing.assert_allclose(run(made("stack_values", None, [X, X])), np.stack([A, A]))
    assert made("identity", X) is X


def test_an_operation_of_keras_3_is_found_by_its_class() -> None:
    stated = stated_operation(StatedOperation("Cumsum", "numpy", {"axis": 1}), "c")
    np.testing.assert_allclose(run(stated(X)), A.cumsum(1))


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("Unheard", {}, "has no operation Unheard among its numpy operations"),
        ("KerasTensor", {}, "has no operation KerasTensor"),
        ("Cumsum", {"flavour": 1}, "operation Cumsum does not take what the file states"),
    ],
)
def test_what_is_no_operation_is_refused_by_name(name: str, settings: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphError, match=told) as refused:
        stated_operation(StatedOperation(name, "numpy", settings), "c")
    assert refused.value.where == "c"


def test_operations_get_names_that_no_layer_has_and_each_its_own() -> None:
    start = keras.Input((3,))
    ends = [keras.ops.exp(keras.ops.exp(start)), keras.layers.Dense(2, name="exp")(start)]
    name_operations(ends, {"exp"})
    names = {ends[0]._keras_history.operation.name}
    inner = ends[0]._keras_history
    names.add(inner.operation._inbound_nodes[inner.node_index].input_tensors[0]._keras_history.operation.name)
    assert names == {"exp_1", "exp_2"}

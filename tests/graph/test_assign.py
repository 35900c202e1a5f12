"""Stored weights into a built model: by owner, by name, and in the orders in which releases of Keras stored them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.errors import GraphError
from layerfix.graph.assign import assign, legacy_order, owners
from layerfix.model import Layer, Model

Stored = dict[str, list[tuple[str, np.ndarray[Any, Any]]]]


def numbered(*shapes: tuple[int, ...]) -> list[np.ndarray[Any, Any]]:
    """Arrays of these shapes, no two numbers in them alike."""
    starts = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
    return [np.arange(start, start + np.prod(shape), dtype=np.float32).reshape(shape) for start, shape in zip(starts, shapes, strict=False)]


def dense(name: str, units: int = 2, **settings: Any) -> tuple[Layer, Any]:
    return Layer("Dense", name, {"units": units, **settings}), keras.layers.Dense(units, name=name)


def chain(*pairs: tuple[Layer, Any], width: int = 3) -> tuple[keras.Model, Model]:
    model = keras.Sequential([keras.Input((width,)), *(live for _, live in pairs)], name="m")
    return model, Model("Sequential", "m", tuple(record for record, _ in pairs))


def held(model: keras.Model, name: str) -> list[list[float]]:
    return [np.asarray(weight).tolist() for weight in model.get_layer(name).weights]


def test_each_owner_s_arrays_go_to_the_layer_of_its_name() -> None:
    model, architecture = chain(dense("a"), dense("b"))
    kernel, bias, second, offset = numbered((3, 2), (2,), (2, 2), (2,))
    stored: Stored = {"b": [("b/kernel:0", second), ("b/bias:0", offset)], "a": [("a/kernel:0", kernel), ("a/bias:0", bias)]}
    places = assign(model, architecture, stored)
    assert held(model, "a") == [kernel.tolist(), bias.tolist()]
    assert held(model, "b") == [second.tolist(), offset.tolist()]
    assert {key: (slot.leaf.path, slot.position) for key, slot in places.items()} == {
        ("a", "a/kernel:0"): ("a", 0),
        ("a", "a/bias:0"): ("a", 1),
        ("b", "b/kernel:0"): ("b", 0),
        ("b", "b/bias:0"): ("b", 1),
    }


def test_a_file_with_other_names_is_taken_in_its_order() -> None:
    model, architecture = chain(dense("a"), dense("b"))
    kernel, bias, second, offset = numbered((3, 2), (2,), (2, 2), (2,))
    assign(model, architecture, {"dense_7": [("k", kernel), ("b", bias)], "drop": [], "dense_8": [("k", second), ("b", offset)]})
    assert held(model, "b") == [second.tolist(), offset.tolist()]


def test_another_number_of_layers_with_weights_is_refused_with_both_numbers() -> None:
    model, architecture = chain(dense("a"), dense("b"))
    with pytest.raises(GraphError, match=r"layers with weights \(1\) are not those of the architecture \(2\)"):
        list(owners(model, architecture, {"x": [("k", np.zeros((3, 2)))]}))


@pytest.mark.parametrize(
    "arrays",
    [
        [("a/kernel:0", np.zeros((3, 4), np.float32)), ("a/bias:0", np.zeros(2, np.float32))],
        [("a/kernel:0", np.zeros((3, 2), np.float32))],
        [],
    ],
    ids=["shape", "fewer", "none"],
)
def test_arrays_that_do_not_fit_are_refused_with_expected_and_found(arrays: list[tuple[str, Any]]) -> None:
    model, architecture = chain(dense("a"))
    with pytest.raises(GraphError, match=r"Expected: a\[0\] \(3, 2\), a\[1\] \(2,\)\. Found: ") as refused:
        assign(model, architecture, {"a": arrays})
    assert refused.value.where == "a"


def nested(*pairs: tuple[Layer, Any], trainable: bool = True) -> tuple[keras.Model, Model]:
    """A model in a model."""
    inner, architecture = chain(*pairs)
    inner = keras.Sequential([keras.Input((3,)), *(live for _, live in pairs)], name="inner")
    record = Layer("Sequential", "inner", {"trainable": trainable}, model=Model("Sequential", "inner", architecture.layers))
    return keras.Sequential([keras.Input((3,)), inner], name="m"), Model("Sequential", "m", (record,))


def normalized(name: str, **settings: Any) -> tuple[Layer, Any]:
    return Layer("BatchNormalization", name, settings), keras.layers.BatchNormalization(name=name)


def test_keras_2_stores_what_is_trained_in_a_nested_model_before_all_moving_statistics() -> None:
    model, architecture = nested(normalized("one"), dense("two"))
    gamma, beta, kernel, bias, mean, variance = numbered((3,), (3,), (3, 2), (2,), (3,), (3,))
    names = ["one/gamma:0", "one/beta:0", "two/kernel:0", "two/bias:0", "one/moving_mean:0", "one/moving_variance:0"]
    assign(model, architecture, {"inner": list(zip(names, [gamma, beta, kernel, bias, mean, variance], strict=True))})
    inner = model.get_layer("inner")
    assert held(inner, "one") == [gamma.tolist(), beta.tolist(), mean.tolist(), variance.tolist()]
    assert held(inner, "two") == [kernel.tolist(), bias.tolist()]


def test_names_tell_arrays_of_one_shape_apart_whatever_their_order() -> None:
    model, architecture = nested(dense("first", 3), dense("second", 3))
    one, b1, two, b2 = numbered((3, 3), (3,), (3, 3), (3,))
    assign(model, architecture, {"inner": [("second/kernel:0", two), ("second/bias:0", b2), ("first/kernel:0", one), ("first/bias:0", b1)]})
    inner = model.get_layer("inner")
    assert held(inner, "first") == [one.tolist(), b1.tolist()]
    assert held(inner, "second") == [two.tolist(), b2.tolist()]


def test_names_of_another_model_whose_numbers_contradict_the_order_are_refused() -> None:
    model, architecture = nested(dense("dense_1", 3), dense("dense_2", 3))
    one, b1, two, b2 = numbered((3, 3), (3,), (3, 3), (3,))
    stored: Stored = {"inner": [("dense_9/kernel:0", one), ("dense_9/bias:0", b1), ("dense_8/kernel:0", two), ("dense_8/bias:0", b2)]}
    with pytest.raises(GraphError, match=r"are not those of the architecture .*, and their order contradicts it") as refused:
        assign(model, architecture, stored)
    assert "the very model that saved the weights" in str(refused.value.hint)


@pytest.mark.parametrize(
    ("pair", "trained", "untrained"),
    [
        (normalized("n"), [0, 1], [2, 3]),
        (normalized("n", trainable=False), [], [0, 1, 2, 3]),
        (dense("d"), [0, 1], []),
        (dense("d", trainable=False), [], [0, 1]),
    ],
)
def test_a_frozen_layer_trains_nothing(pair: tuple[Layer, Any], trained: list[int], untrained: list[int]) -> None:
    record, live = pair
    live.build((None, 3))
    found = legacy_order(record, live, record.name)
    assert [[slot.position for slot in part] for part in found] == [trained, untrained]


def test_both_directions_of_a_bidirectional_are_leaves_of_their_own() -> None:
    inner = Layer("LSTM", "lstm_3", {"units": 2})
    record = Layer("Bidirectional", "both", {}, wrapped={"layer": inner})
    live = keras.layers.Bidirectional(keras.layers.LSTM(2, name="lstm_3"), name="both")
    live.build((None, 4, 3))
    trained, untrained = legacy_order(record, live, "both")
    assert [(slot.leaf.aliases, slot.position) for slot in trained] == [
        ((f"{side}_lstm_3",), position) for side in ("forward", "backward") for position in range(3)
    ]
    assert untrained == []
    assert trained[0].leaf.layer is live.forward_layer

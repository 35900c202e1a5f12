"""Targets by the names people use, arguments that do nothing there, and what a way down collects."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.down.hard_sigmoid import hard_sigmoid
from layerfix.dialects.down.references import Tensor, dtype, is_tensor, shape, tensor, tensors
from layerfix.dialects.down.saying import Saying
from layerfix.dialects.down.settings import does_nothing
from layerfix.dialects.down.targets import target_of
from layerfix.dialects.records import FiredRule
from layerfix.errors import GraphError, UsageError


@pytest.mark.parametrize(
    ("name", "dialect", "numbers", "version", "table", "suffix"),
    [
        ("tf2.4", "tf_keras", (2, 4), "2.4.0", "tf2.4", ".h5"),
        ("tf2.9", "tf_keras", (2, 9), "2.9.0", "tf2.4", ".h5"),
        ("tf2.10", "tf_keras", (2, 10), "2.10.0", "tf2.10", ".h5"),
        ("TensorFlow-2.15.1", "tf_keras", (2, 15), "2.15.0", "tf2.13", ".h5"),
        ("keras2.2.4", "keras2", (2, 2), "2.2.4", "keras2.2.4", ".h5"),
        ("keras2.3", "keras2", (2, 3), "2.3.0", "keras2.2.4", ".h5"),
        ("keras-2.3.1", "keras2", (2, 3), "2.3.1", "keras2.2.4", ".h5"),
        ("keras3.0", "keras3", (3, 0), "3.0.0", "keras3.0", ".keras"),
        ("keras3.3.3", "keras3", (3, 3), "3.3.3", "keras3.3", ".keras"),
        ("keras3.9", "keras3", (3, 9), "3.9.0", "keras3.9", ".keras"),
        (" keras3.14 ", "keras3", (3, 14), "3.14.0", "keras3.9", ".keras"),
        ("tfjs", "tfjs", (0, 0), "2.4.0", "tf2.4", ".json"),
    ],
)
def test_a_name_means_a_release_and_the_classes_it_has(
    name: str, dialect: str, numbers: tuple[int, int], version: str, table: str, suffix: str
) -> None:
    target = target_of(name)
    assert (target.dialect, target.numbers, target.keras_version, target.table, target.suffix) == (dialect, numbers, version, table, suffix)


@pytest.mark.parametrize("name", ["keras2.2.5", "keras2.4", "keras3.15", "tf2.3", "tf2.16", "tf3.0", "tf", "2.4", "keras3"])
def test_a_release_that_is_none_of_these_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=f"--for {name} is no Keras"):
        target_of(name)


@pytest.mark.parametrize(
    ("key", "value", "nothing"),
    [
        ("groups", 1, True),
        ("groups", 2, False),
        ("groups", True, False),
        ("dropout", 0.0, True),
        ("dropout", 0, True),
        ("dropout", 0.1, False),
        ("sparse", False, True),
        ("sparse", 0, False),
        ("sparse", None, False),
        ("seed", 7, True),
        ("seed", None, True),
        ("use_cudnn", "auto", True),
        ("quantization_config", None, True),
        ("quantization_config", {}, False),
        ("score_mode", "concat", False),
        ("of_keras_9", None, False),
    ],
)
def test_an_argument_may_be_left_out_with_the_value_that_does_nothing(key: str, value: Any, nothing: bool) -> None:
    assert does_nothing(key, value) is nothing


def keras_tensor(layer: str, node: int = 0, output: int = 0, size: Any = (None, 3), kind: str = "float32") -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"shape": size, "dtype": kind, "keras_history": [layer, node, output]}}


def test_tensors_of_a_call_come_in_their_order_from_anywhere() -> None:
    one, two, three = (keras_tensor(name) for name in "abc")
    value = [one, {"kwargs": {"mask": two, "n": 3}}, [[three]], "text"]
    assert [tensor(found) for found in tensors(value)] == [Tensor("a", 0, 0), Tensor("b", 0, 0), Tensor("c", 0, 0)]
    assert not is_tensor({"class_name": "Dense", "config": {}})
    assert not is_tensor("a")


@pytest.mark.parametrize(
    "stated",
    [
        [None, 3],
        {"class_name": "__tuple__", "items": [None, 3]},
        {"class_name": "__tuple__", "config": {"value": [None, 3]}},
    ],
)
def test_a_shape_is_a_tuple_however_it_is_written(stated: Any) -> None:
    value = keras_tensor("a", size=stated, kind="int32")
    assert (shape(value), dtype(value)) == ((None, 3), "int32")


def saying(name: str = "tf2.10") -> Saying:
    return Saying(target_of(name), lambda saying, config, path: config)


def test_a_refusal_is_noted_once_and_all_of_them_are_raised_together() -> None:
    work = saying()
    work.fire("rule", "a", "changed")
    for what in ("x", "y", "x"):
        work.refuse("a", what)
    with pytest.raises(GraphError, match=r"tf2\.10 has no equal for a: x; a: y\."):
        work.said({})
    assert work.rules == [FiredRule("rule", "a", "changed")]


@pytest.mark.parametrize(
    ("name", "valid"),
    [("model", "model"), ("a/b.c-d", "a/b.c-d"), ("größe 1", "gr__e_1"), ("_hidden", "hidden"), ("///", "model"), ("", "model")],
)
def test_a_model_s_name_is_one_that_tensorflow_takes(name: str, valid: str) -> None:
    work = saying()
    found = work.model_name(name)
    assert found == valid
    assert bool(work.rules) is (found != name)


@pytest.mark.parametrize(
    ("class_name", "config", "scaled"),
    [
        ("Dense", {"activation": "hard_sigmoid"}, ((0,), 1)),
        ("LSTM", {"activation": "tanh", "recurrent_activation": "hard_sigmoid"}, ((0, 1, 3), 4)),
        ("GRU", {"activation": "tanh", "recurrent_activation": "hard_sigmoid"}, ((0, 1), 3)),
        ("Dense", {"activation": "relu"}, None),
    ],
)
def test_weights_before_hard_sigmoid_take_its_other_slope(class_name: str, config: dict[str, Any], scaled: Any) -> None:
    work = saying()
    hard_sigmoid(work, class_name, config, "layer", True)
    assert work.scaled.get("layer") == scaled
    assert work.refusals == []


@pytest.mark.parametrize(
    ("class_name", "config", "outermost"),
    [
        ("Dense", {"activation": "hard_sigmoid"}, False),
        ("LSTM", {"activation": "hard_sigmoid", "recurrent_activation": "hard_sigmoid"}, True),
        ("LSTM", {"activation": "tanh", "recurrent_activation": "hard_sigmoid"}, False),
        ("Activation", {"activation": "hard_sigmoid"}, True),
        ("LSTMCell", {"activation": "tanh", "recurrent_activation": "hard_sigmoid"}, True),
    ],
)
def test_a_hard_sigmoid_that_no_weights_of_its_own_go_before_is_refused(class_name: str, config: dict[str, Any], outermost: bool) -> None:
    work = saying()
    hard_sigmoid(work, class_name, config, "layer", outermost)
    assert work.refusals == ["layer: hard_sigmoid, which was another function before Keras 3"]
    assert work.scaled == {}


def test_five_sixths_of_the_slope_is_the_older_function() -> None:
    for x in (-4.0, -2.5, -1.0, 0.0, 0.3, 2.5, 4.0):
        older = min(max(0.2 * (x * 5 / 6) + 0.5, 0.0), 1.0)  # tensorflow 2.15, backend.py, on weights times 5/6
        assert older == pytest.approx(min(max(x / 6 + 0.5, 0.0), 1.0))

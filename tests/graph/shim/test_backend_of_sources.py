"""`keras.backend` beyond arithmetic: variables, phases, updates, randomness, and what it refuses (keras 2.2.4, tensorflow_backend.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from layerfix.errors import LayersError
from layerfix.graph.shim.modules import find
from layerfix.graph.trace import Event, frame

K: Any = find("keras.backend")


@pytest.fixture
def events() -> Iterator[list[Event]]:
    """What a layer at work notes."""
    layer = SimpleNamespace(name="own_1", events=[], memory=[], traced=False)
    with frame(layer, "build"):
        yield layer.events


def kinds(events: list[Event]) -> list[str]:
    return [event.kind for event in events]


@pytest.mark.parametrize(
    ("make", "dtype", "value"),
    [
        (lambda: K.variable(2.5), "float32", 2.5),
        (lambda: K.variable([1, 2]), "float32", [1.0, 2.0]),
        (lambda: K.variable(np.array([1.0, 2.0])), "float32", [1.0, 2.0]),
        (lambda: K.variable(np.array([1, 2], "int32")), "int32", [1, 2]),
        (lambda: K.variable(3, dtype="int32"), "int32", 3),
        (lambda: K.zeros((2, 2)), "float32", [[0.0, 0.0], [0.0, 0.0]]),
        (lambda: K.ones((2,), dtype="int32"), "int32", [1, 1]),
        (lambda: K.eye(2), "float32", [[1.0, 0.0], [0.0, 1.0]]),
        (lambda: K.eye((1, 2)), "float32", [[1.0, 0.0]]),
    ],
)
def test_variables_hold_their_value_in_the_dtype_of_keras(make: Callable[[], Any], dtype: str, value: object) -> None:
    made = make()
    assert isinstance(made, keras.Variable)
    assert made.dtype == dtype
    assert K.get_value(made).tolist() == value


def test_a_variable_is_noted_with_its_name_and_its_value(events: list[Event]) -> None:
    K.variable([1.0, 2.0], name="scale")
    (event,) = events
    assert (event.kind, event.detail.name, event.detail.tracked_by) == ("variable", "scale", None)
    assert event.detail.value.tolist() == [1.0, 2.0]


def test_a_variable_filled_at_random_is_noted_with_the_draw_that_filled_it(events: list[Event]) -> None:
    K.variable(K.random_uniform((2, 2), -0.5, 0.5), name="kernel")
    draw, variable = events
    assert (draw.kind, variable.kind) == ("draw", "variable")
    assert draw.subject == {"class_name": "RandomUniform", "config": {"minval": -0.5, "maxval": 0.5, "seed": None}}
    assert variable.detail.token is draw.detail
    assert variable.detail.value is None


def test_what_numpy_drew_is_no_fixed_value(events: list[Event]) -> None:
    K.variable(np.random.normal(size=(2,)))
    assert events[0].detail.value is None


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: K.random_normal((3,), 1.0, 2.0), "RandomNormal"),
        (lambda: K.truncated_normal((3,), 1.0, 2.0), "TruncatedNormal"),
        (lambda: K.random_uniform_variable((3,), -1.0, 1.0), "RandomUniform"),
        (lambda: K.random_normal_variable((3,), 0.0, 1.0), "RandomNormal"),
        (lambda: K.random_binomial((3,), 0.5), "RandomUniform"),
        (lambda: K.dropout(tf.ones((3,)), 0.5), "RandomUniform"),
    ],
)
def test_each_random_tensor_without_a_seed_is_one_draw(make: Callable[[], Any], name: str, events: list[Event]) -> None:
    assert make().shape == (3,)
    assert [event.subject["class_name"] for event in events if event.kind == "draw"] == [name]


def test_a_seed_of_its_own_draws_nothing_from_numpy(events: list[Event]) -> None:
    K.random_uniform((3,), seed=7)
    K.dropout(tf.ones((3,)), 0.5, seed=7)
    assert events == []


def test_a_coin_falls_on_zeros_and_ones() -> None:
    assert set(np.asarray(K.random_binomial((200,), 0.5)).tolist()) == {0.0, 1.0}
    assert np.asarray(K.random_binomial((50,), 1.0)).tolist() == [1.0] * 50


def test_values_are_set_one_by_one_and_in_batches(events: list[Event]) -> None:
    one, two = K.variable(1.0), K.variable(2.0)
    K.set_value(one, 3.0)
    K.batch_set_value([(one, 4.0), (two, 5.0)])
    assert [float(value) for value in K.batch_get_value([one, two])] == [4.0, 5.0]
    assert kinds(events) == ["variable", "variable", "stated", "stated", "stated"]


@pytest.mark.parametrize(
    ("update", "value"),
    [
        (lambda x: K.update(x, 7.0), 7.0),
        (lambda x: K.update_add(x, 1.0), 3.0),
        (lambda x: K.update_sub(x, 1.0), 1.0),
        (lambda x: K.moving_average_update(x, 4.0, 0.75), 2.5),
    ],
)
def test_an_update_moves_a_variable_in_training_alone(update: Callable[[Any], Any], value: float, events: list[Event]) -> None:
    variable = K.variable(2.0)
    assert float(update(variable)) == value
    assert float(K.get_value(variable)) == 2.0
    assert kinds(events) == ["variable", "moved"]


class Phases(keras.layers.Layer):
    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return inputs * 0 + K.in_train_phase(lambda: 1.0, lambda: 2.0) + 10 * K.in_test_phase(1.0, 2.0) + 100 * K.learning_phase()


def test_the_phase_is_that_of_the_running_call() -> None:
    x = np.zeros((1, 1), "float32")
    assert float(Phases()(x, training=True)[0, 0]) == 1 + 20 + 100
    assert float(Phases()(x, training=False)[0, 0]) == 2 + 10
    assert K.learning_phase() == 0


def test_a_phase_that_is_told_wins() -> None:
    assert K.in_train_phase(1.0, 2.0, training=True) == 1.0
    assert K.in_train_phase(1.0, 2.0, training=False) == 2.0
    assert K.in_test_phase(1.0, 2.0, training=True) == 2.0


def test_both_branches_of_a_phase_draw(events: list[Event]) -> None:
    K.in_train_phase(lambda: K.random_normal((2,)), lambda: K.random_uniform((2,)), training=False)
    assert sorted(event.subject["class_name"] for event in events) == ["RandomNormal", "RandomUniform"]


def test_facts_about_tensors() -> None:
    x = tf.ones((2, 3), "int32")
    assert (K.int_shape(x), K.ndim(x), K.dtype(x), K.count_params(x)) == ((2, 3), 2, "int32", 6)
    assert np.asarray(K.shape(x)).tolist() == [2, 3]
    assert K.is_keras_tensor(keras.KerasTensor((2,)))
    assert not K.is_tensor(np.ones(2))
    assert not K.is_sparse(x)
    assert K.is_sparse(tf.sparse.from_dense([[0, 1]]))


def test_facts_about_keras() -> None:
    assert (K.backend(), K.image_data_format(), K.image_dim_ordering()) == ("tensorflow", "channels_last", "tf")
    assert (K.epsilon(), K.floatx()) == (1e-7, "float32")
    assert K.cast_to_floatx([1, 2]).dtype == np.float32


def test_a_stopped_gradient_of_several_tensors_is_a_list() -> None:
    stopped = K.stop_gradient([tf.ones(1), K.variable(2.0)])
    assert [float(tf.reduce_sum(value)) for value in stopped] == [1.0, 2.0]
    with tf.GradientTape() as tape:
        x = tf.Variable(3.0)
        y = x * K.stop_gradient(x)
    assert float(tape.gradient(y, x)) == 3.0


def test_a_name_scope_stands_around_what_is_made_in_it(events: list[Event]) -> None:
    with K.name_scope("gate"):
        K.zeros((1,))
    assert [(event.kind, event.subject) for event in (events[0], events[2])] == [("enter", "gate"), ("exit", "gate")]


@pytest.mark.parametrize(("name", "call"), [("placeholder", lambda: K.placeholder((1,))), ("gradients", lambda: K.gradients(1, 2))])
def test_what_has_no_equal_today_is_refused_by_name(name: str, call: Callable[[], object]) -> None:
    with pytest.raises(NotImplementedError, match=rf"K\.{name} has no equal"):
        call()


def test_a_function_may_be_made_and_not_called() -> None:
    probe = K.function([], [])
    with pytest.raises(LayersError, match=r"K\.function has no equal"):
        probe([1])


def test_a_condition_of_fewer_axes_chooses_whole_samples() -> None:
    chosen = K.switch(tf.constant([True, False]), tf.ones((2, 2)), tf.zeros((2, 2)))
    assert np.asarray(chosen).tolist() == [[1.0, 1.0], [0.0, 0.0]]


def test_a_condition_without_axes_takes_functions_too() -> None:
    assert float(K.switch(tf.constant(1), lambda: tf.constant(5.0), lambda: tf.constant(6.0))) == 5.0
    assert float(K.switch(tf.constant(0), tf.constant(5.0), tf.constant(6.0))) == 6.0


def test_tensorflow_behind_the_backend_is_that_of_legacy_source() -> None:
    """`K.tf.where`: a condition of one axis chose samples in TensorFlow 1 (1.15, ops/array_ops.py)."""
    chosen = K.tf.where(tf.constant([True, False]), tf.ones((2, 2)), tf.zeros((2, 2)))
    assert np.asarray(chosen).tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert np.asarray(K.tf.log(tf.constant([1.0]))).tolist() == [0.0]

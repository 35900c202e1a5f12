"""Recurrent layers of the reference, step by step, against their equations written out for one unit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerfix.reference.functions import Unsupported
from layerfix.reference.recurrent import recurrent

STEPS = np.array([[[1.0], [2.0], [3.0]]])
"""One sequence of three steps."""
TWO_OF_THREE = np.array([[True, False, True]])
COUNTING = {"units": 1, "activation": "linear", "use_bias": False}
"""With kernel 1 and recurrent kernel 1, a sum; with recurrent kernel 10, digits."""
DIGITS = [np.array([[1.0]]), np.array([[10.0]])]


def values(
    config: dict[str, Any],
    weights: list[NDArray[Any]],
    *states: NDArray[Any],
    name: str = "SimpleRNN",
    mask: NDArray[Any] | None = None,
    tf: bool = False,
    x: NDArray[Any] = STEPS,
) -> list[list[float]]:
    return [np.asarray(value).ravel().tolist() for value, _ in recurrent(name, config, [x, *states], weights, mask, tf)]


def sigmoid(x: float) -> float:
    return float(1 / (1 + np.exp(-x)))


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({}, [[123]]),
        ({"return_sequences": True}, [[1, 12, 123]]),
        ({"go_backwards": True}, [[321]]),
        ({"go_backwards": True, "return_sequences": True}, [[3, 32, 321]]),
        ({"return_state": True}, [[123], [123]]),
    ],
)
def test_steps_are_taken_in_order(setting: dict[str, Any], expected: list[list[float]]) -> None:
    assert values({**COUNTING, **setting}, DIGITS) == expected


def test_a_given_state_is_where_it_starts() -> None:
    assert values(COUNTING, DIGITS, np.array([[4.0]])) == [[4123]]


def test_the_bias_is_added_at_each_step_and_the_activation_is_tanh_unless_stated() -> None:
    weights = [*DIGITS, np.array([0.5])]
    assert values({"units": 1, "activation": "linear"}, weights) == [[123 + 55.5]]
    (found,) = values({"units": 1}, weights, x=STEPS[:, :1])
    assert found == pytest.approx([np.tanh(1.5)])


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ({}, [[13]]),
        ({"return_sequences": True}, [[1, 1, 13]]),
        ({"return_sequences": True, "zero_output_for_mask": True}, [[1, 0, 13]]),
        ({"return_state": True}, [[13], [13]]),
    ],
)
def test_a_masked_step_changes_no_state_and_repeats_the_output(setting: dict[str, Any], expected: list[list[float]]) -> None:
    assert values({**COUNTING, **setting}, DIGITS, mask=TWO_OF_THREE) == expected


def test_a_sequence_masked_at_its_end_gives_its_last_true_step() -> None:
    mask = np.array([[True, True, False]])
    assert values(COUNTING, DIGITS, mask=mask) == [[12]]
    assert values(COUNTING, DIGITS, mask=np.zeros((1, 3), bool)) == [[0]]


def test_sequences_hand_on_their_mask_and_last_steps_do_not() -> None:
    (_, kept), *_ = recurrent("SimpleRNN", {**COUNTING, "return_sequences": True}, [STEPS], DIGITS, TWO_OF_THREE, False)
    assert kept is TWO_OF_THREE
    assert recurrent("SimpleRNN", COUNTING, [STEPS], DIGITS, TWO_OF_THREE, False)[0][1] is None


LSTM = [np.array([[0.1, 0.2, 0.3, 0.4]]), np.array([[0.5, 0.6, 0.7, 0.8]]), np.array([0.0, 1.0, 0.0, 0.25])]


@pytest.mark.parametrize(
    ("recurrent_activation", "gate"),
    [("sigmoid", sigmoid), ("hard_sigmoid", lambda x: min(max(0.2 * x + 0.5, 0), 1))],
)
def test_lstm_has_its_gates_in_the_order_input_forget_candidate_output(recurrent_activation: str, gate: Any) -> None:
    hidden = carry = 0.0
    for x in (1.0, 2.0, 3.0):
        forget = gate(0.2 * x + 0.6 * hidden + 1)
        entered = gate(0.1 * x + 0.5 * hidden) * np.tanh(0.3 * x + 0.7 * hidden)
        carry, hidden = (
            forget * carry + entered,
            gate(0.4 * x + 0.8 * hidden + 0.25) * np.tanh(forget * carry + entered),
        )
    config = {"units": 1, "recurrent_activation": recurrent_activation, "return_state": True}
    output, state, cell = values(config, LSTM, name="LSTM")
    assert output == state == pytest.approx([hidden])
    assert cell == pytest.approx([carry])


GRU = [np.array([[0.1, 0.2, 0.3]]), np.array([[0.5, 0.6, 0.7]])]


@pytest.mark.parametrize("after", [False, True])
def test_gru_resets_before_or_after_the_product(after: bool) -> None:
    hidden = 0.0
    for x in (1.0, 2.0, 3.0):
        update, reset = sigmoid(0.1 * x + 0.5 * hidden), sigmoid(0.2 * x + 0.6 * hidden)
        new = np.tanh(0.3 * x + 0.7 * reset * hidden)
        hidden = update * hidden + (1 - update) * new
    config = {"units": 1, "use_bias": False, "recurrent_activation": "sigmoid", "reset_after": after}
    (found,) = values(config, GRU, name="GRU")
    assert found == pytest.approx([hidden])


def test_gru_that_resets_after_has_two_biases_and_resets_the_second() -> None:
    config = {"units": 1, "recurrent_activation": "sigmoid", "reset_after": True}
    biases = np.array([[0.0, 0.0, 0.5], [0.0, 0.0, 2.0]])
    (found,) = values(config, [*GRU, biases], name="GRU", x=STEPS[:, :1])
    expected = (1 - sigmoid(0.1)) * np.tanh(0.3 + 0.5 + sigmoid(0.2) * 2)
    assert found == pytest.approx([expected])


def test_cudnn_kernels_are_transposed_and_their_two_biases_are_one_in_lstm() -> None:
    random = np.random.default_rng(0)
    plain = [random.normal(size=size) for size in ((2, 8), (2, 8), (8,))]
    kernel = np.concatenate([part.reshape(part.shape[::-1], order="F").T for part in np.split(plain[0], 4, 1)], 1)
    turned = np.concatenate([part.T for part in np.split(plain[1], 4, 1)], 1)
    halves = np.concatenate([plain[2] - 1, np.ones(8)])
    x = random.normal(size=(2, 3, 2))
    settled = {"units": 2, "activation": "tanh", "recurrent_activation": "sigmoid"}
    expected = recurrent("LSTM", settled, [x], plain, None, False)[0][0]
    found = recurrent("CuDNNLSTM", {"units": 2}, [x], [kernel, turned, halves], None, False)[0][0]
    np.testing.assert_allclose(found, expected)


def both(merge: str | None, **inner: Any) -> dict[str, Any]:
    return {
        "layer": {"class_name": "SimpleRNN", "config": {**COUNTING, **inner}},
        "merge_mode": merge,
    }


@pytest.mark.parametrize(
    ("merge", "expected"),
    [("concat", [123, 321]), ("sum", [444]), ("mul", [123 * 321]), ("ave", [222])],
)
def test_both_directions_are_merged(merge: str, expected: list[float]) -> None:
    assert values(both(merge), DIGITS * 2, name="Bidirectional") == [expected]


def test_both_directions_tell_the_same_step_side_by_side() -> None:
    (found,) = values(both("concat", return_sequences=True), DIGITS * 2, name="Bidirectional")
    assert found == [1, 321, 12, 32, 123, 3]


@pytest.mark.parametrize(("tf", "masked"), [(False, [1, 3]), (True, [0, 0])])
def test_at_a_masked_step_tf_keras_gives_zeros_and_keras_repeats(tf: bool, masked: list[float]) -> None:
    (found,) = values(both("concat", return_sequences=True), DIGITS * 2, name="Bidirectional", mask=TWO_OF_THREE, tf=tf)
    assert found == [1, 31, *masked, 13, 3]


@pytest.mark.parametrize(
    "config",
    [both(None), both("concat", return_state=True)],
    ids=["two outputs", "states"],
)
def test_a_bidirectional_with_more_outputs_is_left_to_others(config: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="Bidirectional"):
        values(config, DIGITS * 2, name="Bidirectional")


def cell(recurrent_kernel: float) -> tuple[dict[str, Any], list[NDArray[Any]]]:
    config = {"class_name": "SimpleRNNCell", "config": COUNTING}
    return config, [np.array([[1.0]]), np.array([[recurrent_kernel]])]


def test_stacked_cells_feed_each_other_and_the_last_one_is_the_output() -> None:
    (first, one), (second, two) = cell(10), cell(0)
    stacked = {"class_name": "StackedRNNCells", "config": {"cells": [first, second]}}
    config = {"cell": stacked, "return_sequences": True}
    assert values(config, [*one, *two], name="RNN") == [[1, 12, 123]]
    (second, two) = cell(1)
    assert values({"cell": stacked}, [*one, *two], name="RNN") == [[1 + 12 + 123]]
    assert values({"cell": first}, one, name="RNN") == [[123]]


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("SimpleRNN", {**COUNTING, "stateful": True}),
        ("SimpleRNN", {**COUNTING, "time_major": True}),
        ("RNN", {"cell": {"class_name": "OwnCell", "config": {}}}),
        ("RNN", {"cell": {"class_name": "StackedRNNCells", "config": {"cells": [], "reverse_state_order": True}}}),
    ],
)
def test_what_the_reference_does_not_follow_is_said(name: str, config: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        values(config, DIGITS, name=name)


def test_a_convolutional_lstm_over_one_pixel_is_an_lstm() -> None:
    kernel, recurrent_kernel, bias = LSTM
    config = {"recurrent_activation": "sigmoid", "padding": "valid"}
    pictures = STEPS.reshape(1, 3, 1, 1, 1)
    weights = [kernel.reshape(1, 1, 1, 4), recurrent_kernel.reshape(1, 1, 1, 4), bias]
    plain = values({"units": 1, "recurrent_activation": "sigmoid"}, LSTM, name="LSTM")
    found = values(config, weights, name="ConvLSTM2D", x=pictures)
    np.testing.assert_allclose(found, plain)


def test_the_state_of_a_convolutional_lstm_reaches_as_far_as_its_kernel() -> None:
    """A pixel lights up at the first step alone: after one step it is seen at its neighbours."""
    pictures = np.zeros((1, 2, 1, 5, 1))
    pictures[0, 0, 0, 2] = 1
    weights = [np.ones((1, 1, 1, 4)), np.ones((1, 3, 1, 4)), np.zeros(4)]
    config = {"padding": "valid", "return_sequences": True, "recurrent_activation": "sigmoid"}
    (value, _), *_ = recurrent("ConvLSTM2D", config, [pictures], weights, None, False)
    assert (value[0, :, 0, :, 0] > 0).tolist() == [[False, False, True, False, False], [False, True, True, True, False]]

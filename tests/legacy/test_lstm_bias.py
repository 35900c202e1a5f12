"""An LSTM's bias does not start as its `bias_initializer` alone says."""

import pytest

from layerfix.legacy.draws import draws as stock_draws
from layerfix.legacy.weights import weights as stock_weights


def bias(class_name, **config):
    """The bias of a recurrent layer as the tables state it."""
    return next(weight for weight in stock_weights(class_name, {"units": 4, **config}) if weight.role == "bias")


@pytest.mark.parametrize(("class_name", "gates"), [("LSTM", 4), ("LSTMCell", 4), ("ConvLSTM2D", 4), ("CuDNNLSTM", 8)])
def test_the_forget_gate_starts_at_one(class_name, gates):
    initializer = bias(class_name).initializer
    assert initializer["class_name"] == "UnitForgetBias"
    assert initializer["config"] == {"bias_initializer": {"class_name": "Zeros", "config": {}}, "gates": gates}


@pytest.mark.parametrize(("class_name", "config"), [("LSTM", {"unit_forget_bias": False}), ("GRU", {}), ("SimpleRNN", {})])
def test_other_biases_start_as_they_say(class_name, config):
    assert bias(class_name, **config).initializer["class_name"] == "Zeros"


def test_a_random_bias_is_drawn_in_two_pieces():
    draws = [draw for draw in stock_draws("LSTM", {"units": 4, "bias_initializer": "uniform"}, first_call=True) if draw.role == "bias"]
    assert len(draws) == 2

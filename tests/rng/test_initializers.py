"""Which stream a legacy initializer drew from, release by release."""

import numpy as np
import pytest

from layerfix.rng.initializers import constant_value, fans, stream

HE_NORMAL = {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal", "seed": None}}


def test_glorot_uniform_has_the_float32_limit_of_its_fans():
    drawn = stream("glorot_uniform", (1, 16, 16), "2.2.4")
    assert (drawn.kind, drawn.high) == ("uniform", float(np.float32(np.sqrt(6 / 32))))
    assert drawn.low == -drawn.high
    assert drawn.draws_seed


DEVIATION = 0.87962566103423978


@pytest.mark.parametrize(("version", "divisor"), [("2.0.9", 1.0), ("2.1.6", 1.0), ("2.2.0", DEVIATION), ("2.2.5", DEVIATION)])
def test_normal_scaling_divides_by_the_truncated_deviation_from_2_2_0_on(version, divisor):
    drawn = stream(HE_NORMAL, (3, 8, 16), version)
    assert drawn.kind == "truncated_normal"
    assert drawn.stddev == float(np.float32(np.sqrt(2.0 / 24) / divisor))


def test_short_name_and_serialised_form_are_one_stream():
    assert stream("he_normal", (9, 4), "2.2.4") == stream(HE_NORMAL, (9, 4), "2.2.4")


def test_receptive_field_took_the_first_two_axes_before_2_0_6():
    assert fans((3, 16, 8), (2, 0, 5)) == (16 * 48, 8 * 48)
    assert fans((3, 16, 8), (2, 0, 6)) == (48, 24)
    assert fans((3, 3, 4, 8), (2, 0, 5)) == fans((3, 3, 4, 8), (2, 0, 6))


def test_a_seed_in_the_config_draws_nothing_from_numpy():
    drawn = stream({"class_name": "RandomUniform", "config": {"minval": -1, "maxval": 1, "seed": 5}}, (4,), "2.1.0")
    assert (drawn.seed, drawn.draws_seed, drawn.random) == (5, False, True)


@pytest.mark.parametrize(("version", "reseeds"), [("2.2.4", True), ("2.2.5", False)])
def test_seeded_orthogonal_reset_the_global_generator_before_2_2_5(version, reseeds):
    assert stream({"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": 3}}, (4, 4), version).reseeds_numpy is reseeds


def test_identity_is_square_then_repeated_then_padded():
    assert stream("identity", (2, 4), "2.2.2").kind == "unknown"
    repeated, padded = stream("identity", (2, 4), "2.2.4"), stream("identity", (2, 4), "2.2.5")
    assert np.array_equal(constant_value(repeated, (2, 4)), np.tile(np.eye(2), (1, 2)))
    assert np.array_equal(constant_value(padded, (2, 4)), np.eye(2, 4))


def test_lstm_bias_is_one_for_the_forget_gate_only():
    drawn = stream({"class_name": "UnitForgetBias", "config": {"bias_initializer": {"class_name": "Zeros", "config": {}}}}, (12,), "2.2.4")
    assert constant_value(drawn, (12,)).tolist() == [0] * 3 + [1] * 3 + [0] * 6


def test_cudnn_keeps_two_biases_and_ones_in_the_second():
    drawn = stream({"class_name": "UnitForgetBias", "config": {"bias_initializer": "zeros", "gates": 8}}, (16,), "2.2.4")
    assert constant_value(drawn, (16,)).tolist() == [0] * 10 + [1] * 2 + [0] * 4


TENTH = {"class_name": "Constant", "config": {"value": 0.1}}


@pytest.mark.parametrize(("initializer", "value"), [("zeros", 0), ("ones", 1), (TENTH, np.float32(0.1))])
def test_constants_fill_the_shape(initializer, value):
    assert np.array_equal(constant_value(stream(initializer, (2, 3), "2.2.4"), (2, 3)), np.full((2, 3), value, np.float32))


@pytest.mark.parametrize("initializer", [None, "my_init", {"class_name": "VarianceScaling", "config": {"mode": "fan_odd"}}])
def test_what_no_release_knows_is_unknown(initializer):
    assert stream(initializer, (3, 3), "2.2.4").kind == "unknown"

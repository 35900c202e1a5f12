"""Stored arrays of a legacy layer become those of what stands for it today, each by the layer's own definition."""

import numpy as np
import pytest

from layerfix.dialects.relay import RELAYS, relaid, stored_count
from layerfix.errors import GraphError
from layerfix.model import Layer, Relay

RNG = np.random.default_rng(5)


def random(*shape):
    return RNG.normal(size=shape).astype("float32")


def changed(relay, arrays, shapes=()):
    return relaid(Layer("Dense", "d", {}, relay=relay), arrays, shapes)


def same(found, expected):
    return len(found) == len(expected) and all(np.allclose(one, other, atol=1e-6) for one, other in zip(found, expected, strict=True))


def test_a_layer_stored_as_today_keeps_its_arrays_and_counts_them_by_today():
    arrays, plain = [random(2, 3)], Layer("Dense", "d", {})
    assert relaid(plain, arrays, [(2, 3)])[0] is arrays[0]
    assert (stored_count(plain, 2), stored_count(Layer("Dense", "d", {}, relay=Relay("pruned", count=5)), 2)) == (2, 5)


def test_the_two_biases_of_cudnn_lstm_add_up_and_its_recurrent_gates_are_turned():
    kernel, recurrent, bias = random(2, 12), random(3, 12), random(24)
    found = changed(Relay("cudnn_lstm", 3), [kernel, recurrent, bias])
    assert same(found[1:], [np.hstack([gate.T for gate in np.hsplit(recurrent, 4)]), bias[:12] + bias[12:]])
    gate = np.hsplit(kernel, 4)[0]  # its numbers in C order are today's in Fortran order (keras 2.2.4, saving.py, transpose_input)
    assert found[0][:, :3].ravel(order="F").tolist() == gate.ravel().tolist()


def test_cudnn_gru_keeps_both_biases_as_rows():
    found = changed(Relay("cudnn_gru", 3), [random(2, 9), random(3, 9), np.arange(18.0)])
    assert found[2].tolist() == np.arange(18.0).reshape(2, 9).tolist()


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_theano_kernels_are_flipped_in_space_alone(rank):
    kernel, bias = random(*[3, 2, 4][:rank], 2, 5), random(5)
    assert same(changed(Relay("theano_convolution", 2), [kernel, bias]), [np.flip(kernel, tuple(range(rank))), bias])


@pytest.mark.parametrize(("name", "made", "today"), [("keras1_lstm", "icfo", "ifco"), ("keras1_gru", "zrh", "zrh")])
@pytest.mark.parametrize("by_name", [False, True])
def test_gates_of_keras_1_stand_side_by_side_in_either_order_that_it_stored(name, made, today, by_name):
    gates = {gate: (random(2, 3), random(3, 3), random(3)) for gate in made}
    in_turn = [array for gate in made for array in gates[gate]]
    sorted_by_name = [gates[gate][part] for part in (1, 0, 2) for gate in sorted(made)]
    found = changed(Relay(name, 3 * len(made)), sorted_by_name if by_name else in_turn)
    assert same(found, [np.concatenate([gates[gate][part] for gate in today], -1) for part in range(3)])


def test_convolutions_of_keras_1_bring_their_filters_last_and_turn_what_theano_trained():
    kernel = random(5, 2, 3, 4)  # filters, channels, rows, columns
    plain = changed(Relay("keras1_convolution", 1, channels_first=True), [kernel])[0]
    turned = changed(Relay("keras1_convolution", 1, channels_first=True, flip=True), [kernel])[0]
    assert plain[1, 2, 0, 4] == kernel[4, 0, 1, 2]
    assert np.array_equal(turned, plain[::-1, ::-1])


def test_a_one_dimensional_convolution_of_keras_1_is_told_from_its_older_layout():
    newer = random(3, 1, 2, 5)  # length, 1, channels, filters
    older = newer.transpose(3, 2, 0, 1)
    for kernel in (newer, older):
        assert np.array_equal(changed(Relay("keras1_conv1d", 1, length=3), [kernel])[0], newer[:, 0])


def test_weight_normalization_is_its_direction_times_its_length():
    g, v, bias = np.array([2.0, 0.5], "float32"), random(3, 2), random(2)
    known = [g, v, bias, np.array(True), np.zeros(1), np.zeros(1)]
    found = changed(Relay("weight_normalization", 6), known, [(3, 2), (2,)])
    assert np.allclose(np.linalg.norm(found[0], axis=0), g, atol=1e-6)
    assert same(found[1:], [bias])
    with pytest.raises(GraphError, match="g was never set"):
        changed(Relay("weight_normalization", 6, data_init=True), [*known[:3], np.array(False), *known[4:]], [(3, 2), (2,)])


def test_channel_scale_has_ones_where_no_gamma_was_stored_and_one_number_for_all_channels():
    beta = np.array([3.0], "float32")
    assert same(changed(Relay("channel_scale", 1, scale=False), [beta], [(4,), (4,)]), [np.ones(4), np.full(4, 3.0)])


@pytest.mark.parametrize("dense", [False, True])
def test_locally_connected_kernels_multiply_the_patches_that_the_selector_gathers(dense):
    length, size, channels, filters = 5, 2, 3, 4
    places = length - size + 1
    kernel = random(places, size * channels, filters)
    matrix = np.zeros((length, channels, places, filters), "float32")
    for place in range(places):
        matrix[place : place + size, :, place] = kernel[place].reshape(size, channels, filters)
    relay = Relay("locally_connected", 1, size=(size,), strides=(1,), dense_matrix=dense)
    selector, found = changed(relay, [matrix if dense else kernel], [(size, channels, size), (places, channels * size, filters)])
    x = random(length, channels)
    expected = np.stack([x[place : place + size].ravel() @ kernel[place] for place in range(places)])
    patches = np.stack([np.einsum("sc,scm->cm", x[place : place + size], selector).ravel() for place in range(places)])
    assert np.allclose(np.stack([patches[place] @ found[place] for place in range(places)]), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("relay", "stored", "kept"),
    [
        ("pruned", 5, [0, 1]),
        ("spectral_normalization", 3, [0, 2, 1]),
        ("keras1_highway", 4, [0, 2, 1, 3]),
    ],
)
def test_other_layouts_only_choose_and_order(relay, stored, kept):
    arrays = [np.full(2, float(number)) for number in range(stored)]
    found = changed(Relay(relay, stored), arrays, [(2,)] * len(kept))
    assert [array[0] for array in found] == kept


@pytest.mark.parametrize(
    ("stored", "scale", "shapes", "kept"),
    [(4, True, 2, [0, 1]), (3, True, 1, [0]), (2, False, 0, [])],
)
def test_a_normalization_by_the_batch_leaves_its_moving_averages(stored, scale, shapes, kept):
    arrays = [np.full(2, float(number)) for number in range(stored)]
    found = changed(Relay("without_moving_averages", stored, untrained=2, scale=scale), arrays, [(2,)] * shapes)
    assert [array[0] for array in found] == kept


def test_a_normalization_with_beta_alone_scales_by_one():
    relay = Relay("without_moving_averages", 3, untrained=2, scale=False)
    ones, beta = changed(relay, [np.full(2, 7.0), np.zeros(2), np.zeros(2)], [(2,)] * 2)
    assert ones.tolist() == [1.0, 1.0]
    assert beta.tolist() == [7.0, 7.0]


def test_arrays_of_another_layout_are_refused_by_the_layers_name():
    with pytest.raises(GraphError, match="layout cudnn_lstm") as refused:
        changed(Relay("cudnn_lstm", 3), [random(2, 12), random(3, 12)])
    assert refused.value.where == "d"


def test_every_layout_has_a_function_of_its_name():
    assert all(function.__name__ == name for name, function in RELAYS.items())
    assert len(RELAYS) > 15

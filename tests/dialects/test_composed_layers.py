"""What stands for a layer that today's Keras lacks computes that layer's own formula, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from architectures import built, functional, rules, said, sequential
from numpy.typing import NDArray

from layerfix.dialects.relay import relaid
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import Call, Relay

Array = NDArray[Any]
RNG = np.random.default_rng(21)


def random(*shape: int) -> Array:
    return RNG.normal(size=shape).astype("float32")


def computed(class_name: str, config: dict[str, Any], arrays: list[Array], x: Array, version: str, backend: str = "tensorflow") -> Array:
    """The outputs of the first layer's stand-in, given the arrays that the legacy layer stored."""
    stated = sequential((class_name, config), shape=list(x.shape[1:]))
    record = upgrade(stated, version, backend).model.layers[1]
    layer = built(stated, version, backend).layers[0]
    if arrays:
        holder = next((part for part in record.model.layers if part.relay), record) if record.model else record
        layer.set_weights(relaid(holder, arrays, [tuple(weight.shape) for weight in layer.weights]))
    return np.asarray(layer(x))


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


@pytest.mark.parametrize("bias", [True, False])
def test_highway_lets_its_gate_choose_between_a_dense_layer_and_its_input(bias: bool) -> None:
    x, kernel, carry = random(5, 3), random(3, 3), random(3, 3)
    biases = [random(3), random(3)] if bias else []
    gate = sigmoid(x @ carry + (biases[1] if bias else 0))
    value = np.tanh(x @ kernel + (biases[0] if bias else 0))
    config = {"activation": "tanh", "bias": bias, "W_regularizer": None}
    found = computed("Highway", config, [kernel, carry, *biases], x, "1.2.2")
    np.testing.assert_allclose(found, gate * value + (1 - gate) * x, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
def test_maxout_is_the_largest_of_its_features(bias: bool) -> None:
    x, kernel, offset = random(5, 3), random(4, 3, 2), random(4, 2)
    expected = np.max([x @ kernel[number] + (offset[number] if bias else 0) for number in range(4)], axis=0)
    config = {"output_dim": 2, "nb_feature": 4, "bias": bias, "W_regularizer": None}
    found = computed("MaxoutDense", config, [kernel, offset] if bias else [kernel], x, "1.2.2")
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def local1d(x: Array, kernel: Array, size: int, step: int) -> Array:
    """keras 2.2.4, backend/tensorflow_backend.py, local_conv1d: at each place a kernel of its own, (places, size * channels, filters)."""
    return np.stack(
        [x[:, at * step : at * step + size].reshape(len(x), -1) @ kernel[at] for at in range((x.shape[1] - size) // step + 1)], axis=1
    )


@pytest.mark.parametrize("step", [1, 2])
def test_locally_connected_1d_has_a_kernel_for_each_place(step: int) -> None:
    x = random(2, 7, 3)
    places = (7 - 3) // step + 1
    kernel, bias = random(places, 9, 4), random(places, 4)
    config = {"filters": 4, "kernel_size": [3], "strides": [step], "activation": "relu"}
    found = computed("LocallyConnected1D", config, [kernel, bias], x, "2.2.4")
    np.testing.assert_allclose(found, np.maximum(local1d(x, kernel, 3, step) + bias, 0), rtol=1e-5, atol=1e-5)


def test_locally_connected_2d_reads_its_patches_row_by_row() -> None:
    x, kernel = random(2, 4, 5, 2), random(3 * 3, 2 * 3 * 2, 3)
    found = computed("LocallyConnected2D", {"filters": 3, "kernel_size": [2, 3], "use_bias": False}, [kernel], x, "2.2.4")
    expected = np.stack(
        [x[:, row : row + 2, column : column + 3].reshape(2, -1) @ kernel[3 * row + column] for row in range(3) for column in range(3)], 1
    )
    np.testing.assert_allclose(found, expected.reshape(2, 3, 3, 3), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("more", [{"data_format": "channels_first"}, {"padding": "same"}, {"implementation": 3}])
def test_other_locally_connected_layers_are_refused(more: dict[str, Any]) -> None:
    with pytest.raises(GraphError, match="channels_first, padding or implementation 3 has no equal"):
        rules(("LocallyConnected1D", {"filters": 2, "kernel_size": [2], **more}))


def bilinear1(x: Array, rows: int, columns: int) -> Array:
    """TensorFlow 1's resize_bilinear without aligned corners: sampled at i / size, the last row and column repeated."""

    def along(values: Array, size: int, axis: int) -> Array:
        places = np.arange(values.shape[axis] * size) / size
        low = places.astype(int)
        high = np.minimum(low + 1, values.shape[axis] - 1)
        part = (places - low).reshape([-1 if number == axis else 1 for number in range(values.ndim)])
        return np.asarray(np.take(values, low, axis) * (1 - part) + np.take(values, high, axis) * part)

    return along(along(x, rows, 1), columns, 2)


@pytest.mark.parametrize("size", [[2, 2], [2, 1], [3, 2], [4, 4]])
def test_bilinear_upsampling_of_tensorflow_1_is_sampled_from_the_left(size: list[int]) -> None:
    x = random(2, 3, 4, 2)
    config = {"size": size, "interpolation": "bilinear", "data_format": "channels_last"}
    found = computed("UpSampling2D", config, [], x, "2.2.4")
    np.testing.assert_allclose(found, bilinear1(x, *size), rtol=1e-5, atol=1e-5)


def correlated(x: Array, kernel: Array, step: int) -> Array:
    size = len(kernel)
    return np.stack([np.einsum("nsc,scf->nf", x[:, at : at + size], kernel) for at in range(0, x.shape[1] - size + 1, step)], axis=1)


@pytest.mark.parametrize(("size", "step", "padding"), [(2, 1, (1, 0)), (4, 1, (2, 1)), (3, 2, (1, 1)), (5, 3, (2, 2))])
def test_theano_pads_half_the_kernel_before_and_convolves(size: int, step: int, padding: tuple[int, int]) -> None:
    """keras 2.2.4, theano_backend.py: border_mode "half" or a cut "full" convolution, with a flipped kernel."""
    x, kernel, bias = random(2, 8, 2), random(size, 2, 3), random(3)
    config = {"filters": 3, "kernel_size": [size], "strides": [step], "padding": "same"}
    found = computed("Conv1D", config, [kernel, bias], x, "2.2.4", "theano")
    expected = correlated(np.pad(x, [(0, 0), padding, (0, 0)]), kernel[::-1], step) + bias
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("size", "widths"), [(2, [1, 0]), (3, [1, 1]), (5, [3, 1]), (4, [3, 0])])
def test_theano_s_pooling_pads_with_the_lowest_number(size: int, widths: list[int]) -> None:
    (found,) = upgrade(
        sequential(("MaxPooling1D", {"pool_size": [size], "padding": "same"}), shape=[8, 3]), "2.2.4", "theano"
    ).model.layers[1:]
    assert found.model is not None
    pad = found.model.layers[1].operation
    assert pad is not None
    assert pad.arguments["pad_width"] == [[0, 0], widths, [0, 0]]
    assert pad.arguments["constant_values"] == float(np.finfo("float32").min)


@pytest.mark.parametrize(
    ("class_name", "config", "told"),
    [
        ("AveragePooling2D", {"pool_size": [2, 2], "padding": "same"}, "AveragePooling2D with padding 'same'"),
        ("SeparableConv2D", {"filters": 2, "kernel_size": [3, 3], "padding": "same"}, "SeparableConv2D with padding 'same'"),
        ("Conv3DTranspose", {"filters": 2, "kernel_size": [3, 3, 3]}, "Conv3DTranspose trained on Theano"),
        ("Conv2DTranspose", {"filters": 2, "kernel_size": [2, 2], "strides": [4, 4], "padding": "same"}, "of this size and strides"),
        ("ConvLSTM2D", {"filters": 2, "kernel_size": [2, 2], "padding": "same"}, "ConvLSTM2D with padding 'same'"),
    ],
)
def test_what_theano_did_otherwise_in_unknown_ways_is_refused(class_name: str, config: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphError, match=told):
        rules((class_name, config), backend="theano", shape=[8, 8, 3])


@pytest.mark.parametrize(
    ("class_name", "config", "relay"),
    [
        ("Conv2D", {"filters": 2, "kernel_size": [3, 3]}, Relay("theano_convolution", 2)),
        ("Conv2D", {"filters": 2, "kernel_size": [3, 3], "use_bias": False}, Relay("theano_convolution", 1)),
        ("Conv2D", {"filters": 2, "kernel_size": [3, 3], "padding": "same"}, Relay("theano_convolution", 2)),
        ("Conv2DTranspose", {"filters": 2, "kernel_size": [3, 3], "padding": "same"}, Relay("theano_convolution", 2)),
        ("SeparableConv2D", {"filters": 2, "kernel_size": [3, 3]}, None),
        ("DepthwiseConv2D", {"kernel_size": [3, 3]}, None),
        ("Dense", {"units": 2}, None),
    ],
)
def test_only_kernels_that_theano_flipped_are_turned(class_name: str, config: dict[str, Any], relay: Relay | None) -> None:
    layer = upgrade(sequential((class_name, config), shape=[8, 8, 3]), "2.2.4", "theano").model.layers[1]
    assert layer.relay == relay
    assert upgrade(sequential((class_name, config), shape=[8, 8, 3]), "2.2.4", "tensorflow").model.layers[1].relay is None


def test_a_transposed_convolution_of_theano_is_whole_with_its_ends_cut_off() -> None:
    config = {"filters": 2, "kernel_size": [5, 3], "strides": [2, 1], "padding": "same"}
    parts = said(upgrade(sequential(("Conv2DTranspose", config), shape=[8, 8, 3]), "2.2.4", "theano").model.layers[1]).parts
    assert [part.class_name for part in parts] == ["InputLayer", "Conv2DTranspose", "Cropping2D"]
    assert (parts[1].settings["padding"], parts[2].settings["cropping"]) == ("valid", [[2, 1], [1, 1]])


@pytest.mark.parametrize(
    ("class_name", "activation", "composed"),
    [("Conv2D", "relu", True), ("Conv2D", "softmax", True), ("ConvLSTM2D", "tanh", True), ("ConvLSTM2D", "softmax", False)],
)
def test_channels_come_last_only_where_that_keeps_the_numbers(class_name: str, activation: str, composed: bool) -> None:
    config = {"filters": 2, "kernel_size": [3, 3], "data_format": "channels_first", "activation": activation}
    shape = [3, 8, 8] if class_name == "Conv2D" else [4, 3, 8, 8]
    assert ("channels_first" in rules((class_name, config), shape=shape)) is composed


def test_channels_first_computes_as_channels_last_of_turned_pictures() -> None:
    x, kernel, bias = random(2, 3, 5, 6), random(3, 3, 3, 2), random(2)
    config = {"filters": 2, "kernel_size": [3, 3], "activation": "softmax"}
    first = computed("Conv2D", {**config, "data_format": "channels_first"}, [kernel, bias], x, "2.2.4")
    plain = {**config, "activation": "linear", "data_format": "channels_last"}
    last = computed("Conv2D", plain, [kernel, bias], x.transpose(0, 2, 3, 1), "2.2.4").transpose(0, 3, 1, 2)
    powers = np.exp(last - last.max(-1, keepdims=True))  # legacy Keras took the last axis, which is the width here
    np.testing.assert_allclose(first, powers / powers.sum(-1, keepdims=True), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("version", "unmasked"), [("2.4.0", True), ("2.9.0", True), ("2.10.0", False), ("3.3.0", False)])
def test_attention_before_2_10_takes_no_notice_of_masks(version: str, unmasked: bool) -> None:
    attention = {"class_name": "MultiHeadAttention", "name": "a", "config": {"name": "a", "num_heads": 1, "key_dim": 2}}
    attention["inbound_nodes"] = [[["m", 0, 0, {"value": ["m", 0, 0]}]]]
    mask = {"class_name": "Masking", "name": "m", "config": {"name": "m", "mask_value": 0.0}, "inbound_nodes": [[["i", 0, 0, {}]]]}
    layer = upgrade(functional(mask, attention, shape=[4, 3]), version, "tensorflow").model.layer("a")
    assert layer.unmasked is unmasked
    assert all(isinstance(call, Call) for call in layer.calls)


@pytest.mark.parametrize(
    ("inner", "version", "refused"),
    [
        (("Embedding", {"input_dim": 9, "output_dim": 3, "mask_zero": True}), "2.2.4", True),
        (("Embedding", {"input_dim": 9, "output_dim": 3, "mask_zero": True}), "2.15.0", True),
        (("Embedding", {"input_dim": 9, "output_dim": 3, "mask_zero": False}), "2.2.4", False),
        (("Embedding", {"input_dim": 9, "output_dim": 3, "mask_zero": True}), "2.0.9", False),
        (("Masking", {"mask_value": 0.0}), "2.2.4", True),
    ],
)
def test_masks_that_a_wrapped_layer_makes_at_each_step_are_refused(inner: tuple[str, dict[str, Any]], version: str, refused: bool) -> None:
    wrapped = {"layer": {"class_name": inner[0], "config": {"name": "inner", **inner[1]}}}
    problems: list[GraphError] = []
    upgrade(sequential(("TimeDistributed", wrapped), shape=[7, 5]), version, "tensorflow", problems=problems)
    assert [error.message for error in problems if "makes a mask at each step" in error.message] == [
        f"a TimeDistributed {inner[0]} makes a mask at each step, which today's TimeDistributed hands on to no layer."
    ] * refused

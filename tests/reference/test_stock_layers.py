"""Stock layers of the reference on values that can be followed by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

from layerfix.reference.functions import Unsupported
from layerfix.reference.layers import LAYERS

RAMP = np.arange(1.0, 7.0).reshape(1, 6, 1)
"""One sequence of six steps and one channel: 1 to 6."""
SQUARE = np.arange(1.0, 17.0).reshape(1, 4, 4, 1)
"""One picture of four rows, 1 to 16."""
ONES = np.ones((2, 2, 1, 1))
"""A kernel that adds the four pixels of its window."""


def computed(name: str, config: Mapping[str, Any], inputs: Sequence[ArrayLike], weights: Sequence[ArrayLike] = ()) -> NDArray[Any]:
    return LAYERS[name](config, [np.asarray(x, float) for x in inputs], [np.asarray(w, float) for w in weights])


def channels_first(x: NDArray[Any]) -> NDArray[Any]:
    return np.moveaxis(x, -1, 1)


@pytest.mark.parametrize(
    ("name", "config", "x", "expected"),
    [
        ("Dropout", {"rate": 0.5}, [[1, 2]], [[1, 2]]),
        ("GaussianNoise", {"stddev": 9.0}, [[1, 2]], [[1, 2]]),
        ("AlphaDropout", {"rate": 0.5}, [[1, 2]], [[1, 2]]),
        ("ActivityRegularization", {"l1": 1.0}, [[1, 2]], [[1, 2]]),
        ("Activation", {"activation": "relu"}, [[-1, 2]], [[0, 2]]),
        ("Activation", {"activation": "linear"}, [[-1, 2]], [[-1, 2]]),
        ("Activation", {"activation": "hard_sigmoid"}, [[-3, -2.5, 0, 1, 2.5]], [[0, 0, 0.5, 0.7, 1]]),
        ("Activation", {"activation": "softmax"}, [[0, np.log(3)]], [[0.25, 0.75]]),
        ("LeakyReLU", {"alpha": 0.25}, [[-4, 4]], [[-1, 4]]),
        ("LeakyReLU", {"alpha": {"class_name": "__numpy__", "value": 0.5}}, [[-4, 4]], [[-2, 4]]),
        ("LeakyReLU", {"negative_slope": 0.5}, [[-4, 4]], [[-2, 4]]),
        ("ELU", {"alpha": 2.0}, [[np.log(0.5), 3]], [[-1, 3]]),
        ("ELU", {}, [[np.log(0.5), 3]], [[-0.5, 3]]),
        ("ThresholdedReLU", {"theta": 1.5}, [[1.5, 1.6, -9]], [[0, 1.6, 0]]),
        ("ReLU", {"max_value": None, "negative_slope": 0.0, "threshold": 0.0}, [[-1, 0, 7]], [[0, 0, 7]]),
        ("ReLU", {"max_value": 6.0}, [[-1, 5, 7]], [[0, 5, 6]]),
        ("ReLU", {"negative_slope": 0.5, "threshold": 1.0}, [[-1, 0.5, 2]], [[-1, -0.25, 2]]),
        ("Softmax", {"axis": 1}, [[[0.0, 5.0], [np.log(3), 5.0]]], [[[0.25, 0.5], [0.75, 0.5]]]),
        ("Softmax", {}, [[1000.0, 1000.0]], [[0.5, 0.5]]),
        ("Flatten", {}, [[[1, 2], [3, 4]]], [[1, 2, 3, 4]]),
        ("Flatten", {"data_format": "channels_first"}, [[[1, 2], [3, 4]]], [[1, 3, 2, 4]]),
        ("Reshape", {"target_shape": [2, 2]}, [[1, 2, 3, 4]], [[[1, 2], [3, 4]]]),
        ("Reshape", {"target_shape": [-1, 1]}, [[1, 2]], [[[1], [2]]]),
        ("Permute", {"dims": [2, 1]}, [[[1, 2], [3, 4]]], [[[1, 3], [2, 4]]]),
        ("RepeatVector", {"n": 2}, [[1, 2]], [[[1, 2], [1, 2]]]),
        ("UnitNormalization", {"axis": -1}, [[3, 4]], [[0.6, 0.8]]),
        ("UnitNormalization", {"axis": [-1]}, [[0, 0]], [[0, 0]]),
    ],
)
def test_a_layer_without_weights_is_its_definition(name: str, config: dict[str, Any], x: ArrayLike, expected: ArrayLike) -> None:
    np.testing.assert_allclose(computed(name, config, [x]), expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "config", "expected"),
    [
        ("Add", {}, [[5, 8]]),
        ("Subtract", {}, [[-1, -2]]),
        ("Multiply", {}, [[6, 15]]),
        ("Maximum", {}, [[3, 5]]),
        ("Minimum", {}, [[2, 3]]),
        ("Average", {}, [[2.5, 4]]),
        ("Concatenate", {"axis": -1}, [[2, 3, 3, 5]]),
        ("Concatenate", {}, [[2, 3, 3, 5]]),
        ("Concatenate", {"axis": 0}, [[2, 3], [3, 5]]),
        ("Dot", {"axes": 1}, [[21]]),
        ("Dot", {"axes": -1, "normalize": False}, [[21]]),
    ],
)
def test_two_inputs_are_merged(name: str, config: dict[str, Any], expected: ArrayLike) -> None:
    np.testing.assert_allclose(computed(name, config, [[[2, 3]], [[3, 5]]]), expected)


def test_a_dot_of_sequences_sums_over_the_axes_it_names() -> None:
    a, b = np.arange(12.0).reshape(2, 3, 2), np.arange(8.0).reshape(2, 2, 2)
    np.testing.assert_allclose(computed("Dot", {"axes": [2, 1]}, [a, b]), a @ b)
    np.testing.assert_allclose(computed("Dot", {"axes": 2}, [a, b]), a @ b.transpose(0, 2, 1))
    np.testing.assert_allclose(computed("Dot", {"axes": [-1, -1]}, [a, b[:, 0]]), np.einsum("bij,bj->bi", a, b[:, 0]))


def test_a_normalized_dot_is_the_cosine() -> None:
    np.testing.assert_allclose(computed("Dot", {"axes": 1, "normalize": True}, [[[3, 0]], [[1, 1]]]), [[0.5**0.5]])


def test_more_than_two_inputs_are_merged_from_the_left() -> None:
    three = [[[9.0]], [[3.0]], [[2.0]]]
    assert computed("Subtract", {}, three) == [[4]]
    assert computed("Add", {}, three) == [[14]]
    assert computed("Average", {}, three) == pytest.approx(14 / 3)


def test_dense_multiplies_adds_and_activates_the_last_axis() -> None:
    kernel, bias = [[1, 2], [3, 4]], [-8, 0.5]
    np.testing.assert_allclose(computed("Dense", {"activation": "relu"}, [[[1, 1]]], [kernel, bias]), [[0, 6.5]])
    np.testing.assert_allclose(computed("Dense", {}, [[[[1, 1], [0, 1]]]], [kernel]), [[[4, 6], [3, 4]]])
    np.testing.assert_allclose(computed("TimeDistributedDense", {}, [[[1, 1], [0, 1]]], [kernel]), [[4, 6], [3, 4]])


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, [3, 5, 7, 9, 11]),
        ({"strides": [2]}, [3, 7, 11]),
        ({"strides": 2, "padding": "same"}, [3, 7, 11]),
        ({"padding": "same"}, [3, 5, 7, 9, 11, 6]),
        ({"padding": "causal"}, [1, 3, 5, 7, 9, 11]),
        ({"dilation_rate": [2]}, [4, 6, 8, 10]),
        ({"dilation_rate": 2, "padding": "causal"}, [1, 2, 4, 6, 8, 10]),
    ],
)
def test_a_kernel_of_two_ones_adds_neighbours(config: dict[str, Any], expected: list[float]) -> None:
    kernel = np.ones((2, 1, 1))
    np.testing.assert_allclose(computed("Conv1D", config, [RAMP], [kernel]).ravel(), expected)


def test_the_odd_place_of_same_padding_is_behind() -> None:
    first = np.array([1.0, 0, 0, 0]).reshape(2, 2, 1, 1)
    same = computed("Conv2D", {"padding": "same"}, [SQUARE], [first])
    np.testing.assert_allclose(same, SQUARE)
    strided = computed("Conv2D", {"padding": "same", "strides": [2, 2]}, [SQUARE], [np.eye(3).reshape(3, 3, 1, 1)])
    np.testing.assert_allclose(strided[0, :, :, 0], [[1 + 6 + 11, 3 + 8], [9 + 14, 11 + 16]])


def test_a_convolution_is_no_flip_and_channels_first_is_the_same_turned() -> None:
    kernel = np.arange(2 * 2 * 1 * 3.0).reshape(2, 2, 1, 3)
    expected, bias = np.zeros((1, 3, 3, 3)), np.array([10.0, 20.0, 30.0])
    for row, column in np.ndindex(3, 3):
        patch = SQUARE[0, row : row + 2, column : column + 2, 0]
        expected[0, row, column] = (patch[..., None] * kernel[:, :, 0]).sum((0, 1)) + bias
    np.testing.assert_allclose(computed("Conv2D", {}, [SQUARE], [kernel, bias]), expected)
    turned = computed("Conv2D", {"data_format": "channels_first"}, [channels_first(SQUARE)], [kernel, bias])
    np.testing.assert_allclose(turned, channels_first(expected))


def test_groups_see_their_own_channels_alone() -> None:
    x = np.stack([RAMP[..., 0], 10 * RAMP[..., 0]], -1)
    found = computed("Conv1D", {"groups": 2}, [x], [np.array([1.0, 2.0]).reshape(1, 1, 2)])
    np.testing.assert_allclose(found, x * [1, 2])


def test_a_cube_is_convolved() -> None:
    cube = np.arange(27.0).reshape(1, 3, 3, 3, 1)
    found = computed("Conv3D", {"strides": [1, 1, 1]}, [cube], [np.ones((3, 3, 3, 1, 1)), [1]])
    assert found.ravel().tolist() == [cube.sum() + 1]


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"strides": [1]}, [1, 12, 23, 30]),
        ({"strides": [2]}, [1, 10, 2, 20, 3, 30]),
        ({"strides": [1], "padding": "same"}, [1, 12, 23]),
        ({"strides": [2], "padding": "same"}, [1, 10, 2, 20, 3, 30]),
    ],
)
def test_a_transposed_convolution_adds_the_kernel_at_each_place(config: dict[str, Any], expected: list[float]) -> None:
    kernel = np.array([1.0, 10.0]).reshape(2, 1, 1)
    found = computed("Conv1DTranspose", config, [[[[1], [2], [3]]]], [kernel])
    np.testing.assert_allclose(found.ravel(), expected)


def test_the_kernel_of_a_transposed_convolution_has_its_filters_before_its_channels() -> None:
    kernel = np.arange(6.0).reshape(1, 1, 3, 2)
    found = computed("Conv2DTranspose", {"strides": 1}, [[[[[1.0, 10.0]]]]], [kernel, [0, 0, 100]])
    np.testing.assert_allclose(found.ravel(), [10, 32, 154])


@pytest.mark.parametrize("setting", [{"output_padding": 1}, {"dilation_rate": [2]}, {"strides": [3]}])
def test_transposed_convolutions_beyond_the_definition_are_left_to_others(setting: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="transposed convolutions"):
        computed("Conv1DTranspose", setting, [RAMP], [np.ones((2, 1, 1))])


def test_a_depthwise_convolution_keeps_channels_apart_and_multiplies_them() -> None:
    x = np.stack([RAMP[..., 0], 10 * RAMP[..., 0]], -1)
    kernel = np.array([[[1.0, 2.0], [3.0, 4.0]]])
    found = computed("DepthwiseConv1D", {"padding": "valid"}, [x], [kernel, [0, 0, 0, 1]])
    np.testing.assert_allclose(found[0, 0], [1, 2, 30, 41])


def test_a_separable_convolution_is_depthwise_and_then_pointwise() -> None:
    x = np.stack([SQUARE[..., 0], -SQUARE[..., 0]], -1)
    deep, point = np.ones((2, 2, 2, 1)), np.array([[1.0, 0.0], [0.0, 3.0]]).reshape(1, 1, 2, 2)
    found = computed("SeparableConv2D", {"padding": "valid", "activation": "relu"}, [x], [deep, point, [5, 0]])
    np.testing.assert_allclose(found[0, 0, 0], [1 + 2 + 5 + 6 + 5, 0])


def test_a_locally_connected_kernel_is_its_place_s_own() -> None:
    kernel = np.array([[[1.0], [0.0]], [[0.0], [1.0]], [[1.0], [1.0]]])
    config = {"kernel_size": [2], "strides": [2]}
    np.testing.assert_allclose(computed("LocallyConnected1D", config, [RAMP], [kernel]).ravel(), [1, 4, 11])
    with pytest.raises(Unsupported, match="LocallyConnected"):
        computed("LocallyConnected1D", {**config, "implementation": 2}, [RAMP], [kernel])


@pytest.mark.parametrize(
    ("name", "config", "expected"),
    [
        ("MaxPooling1D", {"pool_size": 2}, [2, 4, 6]),
        ("MaxPooling1D", {"pool_size": [3], "strides": [2], "padding": "same"}, [3, 5, 6]),
        ("MaxPooling1D", {"pool_size": 2, "strides": None}, [2, 4, 6]),
        ("AveragePooling1D", {"pool_size": 2}, [1.5, 3.5, 5.5]),
        ("AveragePooling1D", {"pool_size": 3, "strides": 2, "padding": "same"}, [2, 4, 5.5]),
        ("AveragePooling1D", {"pool_size": 4, "strides": 4}, [2.5]),
        ("UpSampling1D", {"size": 2}, [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]),
        ("ZeroPadding1D", {"padding": 1}, [0, 1, 2, 3, 4, 5, 6, 0]),
        ("ZeroPadding1D", {"padding": [0, 2]}, [1, 2, 3, 4, 5, 6, 0, 0]),
        ("Cropping1D", {"cropping": [1, 2]}, [2, 3, 4]),
        ("Cropping1D", {"cropping": 1}, [2, 3, 4, 5]),
        ("GlobalMaxPooling1D", {}, [6]),
        ("GlobalAveragePooling1D", {}, [3.5]),
    ],
)
def test_a_sequence_is_pooled_padded_and_cut(name: str, config: dict[str, Any], expected: list[float]) -> None:
    np.testing.assert_allclose(computed(name, config, [RAMP]).ravel(), expected)


@pytest.mark.parametrize(
    ("name", "config", "expected"),
    [
        ("MaxPooling2D", {"pool_size": [2, 2]}, [[6, 8], [14, 16]]),
        ("MaxPooling2D", {"pool_size": [1, 4]}, [[4], [8], [12], [16]]),
        ("AveragePooling2D", {"pool_size": [2, 2]}, [[3.5, 5.5], [11.5, 13.5]]),
        ("Cropping2D", {"cropping": [[1, 0], [0, 2]]}, [[5, 6], [9, 10], [13, 14]]),
        ("Cropping2D", {"cropping": [1, 2]}, np.zeros((2, 0))),
        ("Cropping2D", {"cropping": 1}, [[6, 7], [10, 11]]),
    ],
)
def test_a_picture_is_pooled_and_cut_whichever_way_its_channels_lie(name: str, config: dict[str, Any], expected: ArrayLike) -> None:
    np.testing.assert_allclose(computed(name, config, [SQUARE])[0, :, :, 0], expected)
    turned = computed(name, {**config, "data_format": "channels_first"}, [channels_first(SQUARE)])
    np.testing.assert_allclose(turned[0, 0], expected)


def test_padding_of_pictures_is_top_bottom_then_left_right() -> None:
    found = computed("ZeroPadding2D", {"padding": [[1, 0], [0, 2]]}, [np.ones((1, 1, 1, 1))])[0, :, :, 0]
    np.testing.assert_array_equal(found, [[0, 0, 0], [1, 0, 0]])


def test_upsampled_pixels_are_repeated_along_each_axis() -> None:
    found = computed("UpSampling2D", {"size": [1, 2]}, [[[[[1], [2]]]]])
    assert found.ravel().tolist() == [1, 1, 2, 2]


def test_bilinear_upsampling_has_its_pixels_centres_half_a_pixel_in_or_at_their_corners() -> None:
    row = [[[[0.0], [4.0]]]]
    config = {"size": [1, 2], "interpolation": "bilinear"}
    found = computed("UpSampling2D", {**config, "half_pixels": True}, [row])
    np.testing.assert_allclose(found.ravel(), [0, 1, 3, 4])
    found = computed("UpSampling2D", {**config, "half_pixels": False}, [row])
    np.testing.assert_allclose(found.ravel(), [0, 2, 4, 4])
    with pytest.raises(Unsupported, match="bilinear"):
        computed("UpSampling2D", config, [row])


@pytest.mark.parametrize("name", ["GlobalMaxPooling2D", "GlobalAveragePooling2D"])
def test_global_pooling_that_keeps_its_dimensions_is_left_to_others(name: str) -> None:
    with pytest.raises(Unsupported, match="keeps its dimensions"):
        computed(name, {"keepdims": True}, [SQUARE])


def test_batch_normalization_uses_the_moving_statistics() -> None:
    gamma, beta, mean, variance = [2.0], [1.0], [10.0], [4.0]
    config = {"epsilon": 0.0}
    assert computed("BatchNormalization", config, [[[14.0]]], [gamma, beta, mean, variance]) == [[5.0]]
    assert computed("BatchNormalization", {**config, "scale": False}, [[[14.0]]], [beta, mean, variance]) == [[3.0]]
    assert computed("BatchNormalization", {**config, "center": False}, [[[14.0]]], [gamma, mean, variance]) == [[4.0]]


def test_batch_normalization_by_another_axis_scales_along_it() -> None:
    x = np.ones((1, 2, 3))
    weights = [[1.0, 2.0], [0.0, 0.0], [0.0, 0.0], [1.0, 1.0]]
    for axis in (1, [1], -2):
        found = computed("BatchNormalization", {"axis": axis, "epsilon": 0.0}, [x], weights)
        np.testing.assert_allclose(found, [[[1, 1, 1], [2, 2, 2]]])


def test_layer_normalization_uses_the_sample_s_own_statistics() -> None:
    x = [[[1.0, 3.0], [10.0, 30.0]]]
    config = {"axis": -1, "epsilon": 0.0}
    np.testing.assert_allclose(computed("LayerNormalization", config, [x], [[1, 2], [0, 5]]), [[[-1, 7], [-1, 7]]])
    both = computed("LayerNormalization", {**config, "axis": [1, 2], "scale": False, "center": False}, [x])
    np.testing.assert_allclose([both.mean(), both.std()], [0, 1], atol=1e-12)
    with pytest.raises(Unsupported, match="root mean square"):
        computed("LayerNormalization", {"rms_scaling": True}, [x])


def test_group_normalization_takes_neighbouring_channels_together() -> None:
    x = [[[1.0, 3.0, 10.0, 30.0]]]
    config = {"groups": 2, "epsilon": 0.0, "axis": -1}
    weights = [[1, 1, 1, 1], [0, 0, 0, 1]]
    np.testing.assert_allclose(computed("GroupNormalization", config, [x], weights), [[[-1, 1, -1, 2]]])
    with pytest.raises(Unsupported, match="other axes"):
        computed("GroupNormalization", {**config, "axis": 1}, [x], weights)


def test_an_embedding_looks_up_rows() -> None:
    table = [[0.0, 0.5], [1.0, 1.5], [2.0, 2.5]]
    np.testing.assert_array_equal(computed("Embedding", {}, [[[2, 0]]], [table]), [[[2, 2.5], [0, 0.5]]])


def test_prelu_has_a_slope_for_each_place() -> None:
    np.testing.assert_allclose(computed("PReLU", {}, [[[-2, -2, 3]]], [[0.5, 2, 9]]), [[-1, -4, 3]])


def test_einsum_dense_adds_its_bias_along_the_axes_it_names() -> None:
    x, kernel = np.ones((1, 2, 3)), np.ones((3, 4))
    config = {"equation": "abc,cd->abd", "bias_axes": "d"}
    found = computed("EinsumDense", config, [x], [kernel, [0, 1, 2, 3]])
    np.testing.assert_allclose(found, [[[3, 4, 5, 6]] * 2])
    config = {"equation": "abc,cd->abd", "bias_axes": "b", "activation": "relu"}
    found = computed("EinsumDense", config, [x], [kernel, [-9, 1]])
    np.testing.assert_allclose(found, [[[0] * 4, [4] * 4]])


@pytest.mark.parametrize("activation", ["sparsemax", {"class_name": "Own", "config": {}}, 3])
def test_an_activation_of_somebody_else_is_named(activation: Any) -> None:
    with pytest.raises(Unsupported, match="activation"):
        computed("Activation", {"activation": activation}, [[1.0]])


def test_an_activation_may_be_said_as_keras_3_says_a_function() -> None:
    said = {"module": "builtins", "class_name": "function", "config": "relu"}
    assert computed("Activation", {"activation": said}, [[-1.0]]) == [0]

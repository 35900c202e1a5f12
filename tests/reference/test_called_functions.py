"""What Lambda layers and operation layers call, in numpy: every function on a value that can be followed by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from layerfix.reference.calls import CALLS
from layerfix.reference.functions import Unsupported, pads
from layerfix.reference.operations import operation

A = np.array([[1.0, -2.0], [3.0, 4.0]])
PICTURE = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(1, 2, 2, 1)


@pytest.mark.parametrize(
    ("name", "arguments", "settings", "expected"),
    [
        ("K.mean", [A], {}, 1.5),
        ("K.mean", [A], {"axis": -1}, [-0.5, 3.5]),
        ("K.mean", [A], {"axis": [0, 1], "keepdims": True}, [[1.5]]),
        ("K.std", [A], {"axis": 0}, [1, 3]),
        ("K.var", [A], {"axis": 0}, [1, 9]),
        ("tf.reduce_sum", [A, 1], {}, [-1, 7]),
        ("tf.reduce_logsumexp", [np.log([[1.0, 3.0]])], {"axis": 1}, [math.log(4)]),
        ("K.logsumexp", [[[1000.0, 1000.0]] @ np.eye(2)], {}, 1000 + math.log(2)),
        ("tf.moments", [A, [0]], {}, ([2, 1], [1, 9])),
        ("K.any", [A > 3], {"axis": 0}, [False, True]),
        ("K.all", [A > -1], {"axis": 0}, [True, False]),
        ("K.argmax", [A], {}, [0, 1]),
        ("tf.argmax", [A], {}, [1, 1]),
        ("K.cumsum", [A], {}, [[1, -2], [4, 2]]),
        ("K.sqrt", [np.array([-4.0, 9.0])], {}, [0, 3]),
        ("K.clip", [A, 0, 3], {}, [[1, 0], [3, 3]]),
        ("K.clip", [A, 3, 0], {}, [[3, 3], [3, 3]]),
        ("K.clip", [A, None, 3], {}, [[1, -2], [3, 3]]),
        ("K.relu", [A], {}, [[1, 0], [3, 4]]),
        ("K.relu", [A], {"alpha": 0.5, "max_value": 3.5}, [[1, -1], [3, 3.5]]),
        ("K.relu", [A], {"threshold": 3.0}, [[0, 0], [0, 4]]),
        ("K.l2_normalize", [np.array([[3.0, 4.0]])], {"axis": -1}, [[0.6, 0.8]]),
        ("K.expand_dims", [A], {}, A[..., None]),
        ("K.squeeze", [A[..., None], -1], {}, A),
        ("K.permute_dimensions", [A, (1, 0)], {}, [[1, 3], [-2, 4]]),
        ("K.concatenate", [[A, A]], {}, [[1, -2, 1, -2], [3, 4, 3, 4]]),
        ("K.stack", [[A, A]], {"axis": 1}, np.stack([A, A], 1)),
        ("K.repeat", [A, 2], {}, [[[1, -2]] * 2, [[3, 4]] * 2]),
        ("K.repeat_elements", [A, 2, 0], {}, [[1, -2], [1, -2], [3, 4], [3, 4]]),
        ("K.reverse", [A, 1], {}, [[-2, 1], [4, 3]]),
        ("K.reverse", [A, [0, 1]], {}, [[4, 3], [-2, 1]]),
        ("K.flatten", [A], {}, [1, -2, 3, 4]),
        ("K.batch_flatten", [A[..., None]], {}, A),
        ("K.reshape", [A, (-1, 4)], {}, [[1, -2, 3, 4]]),
        ("K.gather", [A, [1, 0]], {}, [[3, 4], [1, -2]]),
        ("K.one_hot", [np.array([2, 0]), 3], {}, [[0, 0, 1], [1, 0, 0]]),
        ("K.dot", [A, A], {}, A @ A),
        ("K.batch_dot", [A, A], {"axes": 1}, [[5], [25]]),
        ("K.batch_dot", [A[None], A[None]], {}, (A @ A)[None]),
        ("K.batch_dot", [A[None], A[None]], {"axes": (2, 2)}, (A @ A.T)[None]),
        ("K.switch", [np.array([True, False]), A, -A], {}, [[1, -2], [-3, -4]]),
        ("K.temporal_padding", [A[None]], {}, [[[0, 0], [1, -2], [3, 4], [0, 0]]]),
        ("K.spatial_2d_padding", [PICTURE], {"padding": ((0, 0), (1, 0))}, [[[[0], [1], [2]], [[0], [3], [4]]]]),
        ("K.hard_sigmoid", [np.array([0.0, 1.0, 9.0])], {}, [0.5, 0.7, 1]),
        ("tf.divide_no_nan", [A, np.array([0.0, 2.0])], {}, [[0, -1], [0, 2]]),
        ("tf.squared_difference", [A, 1.0], {}, [[0, 9], [4, 9]]),
        ("tf.add_n", [[A, A, A]], {}, 3 * A),
        ("tf.rsqrt", [np.array([4.0])], {}, [0.5]),
        ("tf.erf", [np.array([0.5])], {}, [math.erf(0.5)]),
        ("tf.relu6", [np.array([-1.0, 7.0])], {}, [0, 6]),
        ("tf.leaky_relu", [np.array([-1.0, 7.0])], {}, [-0.2, 7]),
        ("tf.crelu", [np.array([[-1.0, 7.0]])], {}, [[0, 7, 1, 0]]),
        ("tf.log_softmax", [np.array([[0.0, math.log(3)]])], {}, [[math.log(0.25), math.log(0.75)]]),
        ("tf.log_softmax", [np.array([[0.0, 2000.0]])], {}, [[-2000, 0]]),
        ("tf.norm", [np.array([[3.0, -4.0]])], {"axis": 1}, [5]),
        ("tf.norm", [np.array([[3.0, -4.0]])], {"ord": 1, "axis": 1}, [7]),
        ("tf.norm", [np.array([[3.0, -4.0]])], {"ord": np.inf, "axis": 1}, [4]),
        ("tf.clip_by_value", [A, 0, 3], {}, [[1, 0], [3, 3]]),
        ("tf.gelu", [np.array([1.0])], {}, [0.8413447460685429]),
        ("tf.gelu", [np.array([1.0])], {"approximate": True}, [0.8411919906082768]),
        ("tf.cast", [np.array([1.9, -1.9]), "int32"], {}, [1, -1]),
        ("tf.squeeze", [A[None]], {"axis": [0]}, A),
        ("tf.transpose", [A], {}, A.T),
        ("tf.concat", [[A, A], 0], {}, [[1, -2], [3, 4], [1, -2], [3, 4]]),
        ("tf.unstack", [A], {"axis": 1}, [[1, 3], [-2, 4]]),
        ("tf.split", [A, 2], {"axis": 1}, [[[1], [3]], [[-2], [4]]]),
        ("tf.split", [np.arange(4.0), [1, 3]], {}, ([0], [1, 2, 3])),
        ("tf.tile", [A, [1, 2]], {}, [[1, -2, 1, -2], [3, 4, 3, 4]]),
        ("tf.repeat", [A, 2], {"axis": 1}, [[1, 1, -2, -2], [3, 3, 4, 4]]),
        ("tf.pad", [np.array([1.0, 2, 3]), [[2, 0]]], {}, [0, 0, 1, 2, 3]),
        ("tf.pad", [np.array([1.0, 2, 3]), [[2, 0]]], {"mode": "REFLECT"}, [3, 2, 1, 2, 3]),
        ("tf.pad", [np.array([1.0, 2, 3]), [[2, 0]]], {"mode": "symmetric"}, [2, 1, 1, 2, 3]),
        ("tf.gather", [A, [1]], {"axis": 1}, [[-2], [4]]),
        ("tf.where/2", [A > 0, A, 0.0], {}, [[1, 0], [3, 4]]),
        ("tf.matmul", [A, A], {"transpose_b": True}, A @ A.T),
        ("tf.slice", [A, [0, 1], [-1, 1]], {}, [[-2], [4]]),
        ("tf.strided_slice", [np.arange(6.0), [1], [5]], {"strides": [2]}, [1, 3]),
        ("tf.depth_to_space", [np.arange(4.0).reshape(1, 1, 1, 4), 2], {}, [[[[0], [1]], [[2], [3]]]]),
        ("tf.space_to_depth", [PICTURE, 2], {}, [[[[1, 2, 3, 4]]]]),
        ("tf.max_pool", [PICTURE, 2, 2, "VALID"], {}, [[[[4]]]]),
        ("tf.avg_pool", [PICTURE, [1, 2, 2, 1], [1, 1, 1, 1], "SAME"], {}, [[[[2.5], [3]], [[3.5], [4]]]]),
        ("tf.image.rgb_to_grayscale", [np.ones((1, 1, 1, 3))], {}, [[[[0.9999]]]]),
        ("tf.image.flip_left_right", [PICTURE], {}, [[[[2], [1]], [[4], [3]]]]),
        ("tf.image.flip_up_down", [PICTURE], {}, [[[[3], [4]], [[1], [2]]]]),
        ("ops.normalize", [np.array([[3.0, 4.0]])], {}, [[0.6, 0.8]]),
        ("ops.absolute", [A], {}, [[1, 2], [3, 4]]),
        ("ops.swapaxes", [A, 0, 1], {}, A.T),
        ("keras.activations.relu", [A], {"max_value": 2}, [[1, 0], [2, 2]]),
        ("keras.applications.vgg16.preprocess_input", [np.full((1, 3), 128.0)], {}, [[24.061, 11.221, 4.32]]),
        ("keras.applications.mobilenet.preprocess_input", [np.array([0, 127.5, 255])], {}, [-1, 0, 1]),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_a_called_function_is_its_definition(name: str, arguments: list[Any], settings: dict[str, Any], expected: Any) -> None:
    found = CALLS[name](*arguments, **settings)
    if isinstance(expected, tuple):
        assert [np.asarray(part).tolist() for part in found] == [list(part) for part in expected]
    else:
        np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "settings", "expected"),
    [
        ("tf.image.resize/1", {}, [0, 2, 4, 4]),
        ("tf.image.resize/2", {}, [0, 1, 3, 4]),
        ("tf.image.resize/1", {"align_corners": True}, [0, 4 / 3, 8 / 3, 4]),
        ("tf.image.resize_nearest_neighbor", {}, [0, 0, 4, 4]),
        ("tf.image.resize/2", {"method": "nearest"}, [0, 0, 4, 4]),
    ],
)
def test_generations_of_tensorflow_resize_from_another_corner(name: str, settings: dict[str, Any], expected: list[float]) -> None:
    row = np.array([0.0, 4.0]).reshape(1, 1, 2, 1)
    np.testing.assert_allclose(CALLS[name](row, (1, 4), **settings).ravel(), expected)


@pytest.mark.parametrize(
    ("name", "arguments", "settings"),
    [
        ("tf.norm", [A], {"ord": "fro"}),
        ("tf.image.resize/2", [PICTURE, (4, 4)], {"antialias": True}),
        ("tf.image.resize/2", [PICTURE, (4, 4)], {"method": "bicubic"}),
        ("K.resize_images/2", [PICTURE, 2, 2, "channels_last"], {"interpolation": "bilinear"}),
        ("K.batch_dot", [A[None, None], A[None, None]], {}),
        ("ops.normalize", [A], {"order": 1}),
    ],
)
def test_a_setting_beyond_the_definition_is_said(name: str, arguments: list[Any], settings: dict[str, Any]) -> None:
    with pytest.raises(Unsupported):
        CALLS[name](*arguments, **settings)


@pytest.mark.parametrize(
    ("name", "operands", "settings", "expected"),
    [
        ("math.multiply", [A, 2.0], {}, 2 * A),
        ("math.multiply", [A], {"y": 2.0, "name": None}, 2 * A),
        ("__operators__.radd", [A, 1.0], {}, A + 1),
        ("math.rsub", [A, 1.0], {}, 1 - A),
        ("Subtract", [A, [[1.0, 1.0]]], {"name": "subtract_3", "trainable": True, "dtype": "float32"}, A - 1),
        ("Multiply", [A], {"x2": 3.0}, 3 * A),
        ("nn.relu", [A], {}, [[1, 0], [3, 4]]),
        ("math.reduce_mean", [A], {"axis": [1], "keepdims": True}, [[-0.5], [3.5]]),
        ("Max", [A], {"axis": 0, "keepdims": False}, [3, 4]),
        ("concat", [[A, A]], {"axis": 0}, [[1, -2], [3, 4], [1, -2], [3, 4]]),
        ("Concatenate", [A, A], {"axis": -1}, [[1, -2, 1, -2], [3, 4, 3, 4]]),
        ("reshape", [A], {"shape": [-1, 1, 2]}, [[[1, -2]], [[3, 4]]]),
        ("Reshape", [A], {"newshape": [None, 2, 1]}, A[..., None]),
        ("transpose", [A], {"perm": [1, 0]}, A.T),
        ("ExpandDims", [A], {"axis": 1}, A[:, None]),
        ("squeeze", [A[:, None]], {"axis": [1]}, A),
        ("nn.softmax", [np.log([[1.0, 3.0]])], {}, [[0.25, 0.75]]),
        (
            "__operators__.getitem",
            [A],
            {"slice_spec": [{"start": None, "stop": None, "step": None}, {"start": 1, "stop": None, "step": None}]},
            [[-2], [4]],
        ),
        ("__operators__.getitem", [A], {"slice_spec": [{"start": 0, "stop": 1, "step": None}, 1]}, [-2]),
        (
            "GetItem",
            [A, [{"class_name": "__ellipsis__", "config": {}}, {"class_name": "__slice__", "config": {"stop": 1}}]],
            {},
            [[1], [3]],
        ),
    ],
)
def test_an_operation_is_what_its_name_says(name: str, operands: list[Any], settings: dict[str, Any], expected: Any) -> None:
    np.testing.assert_allclose(operation(name, operands, settings), expected, atol=1e-12)


@pytest.mark.parametrize(
    ("name", "settings"),
    [("math.unheard_of", {}), ("math.reduce_mean", {"axis": 0, "weights": 1}), ("nn.relu", {"alpha": 1})],
)
def test_an_operation_or_argument_that_is_not_known_is_said(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="the operation"):
        operation(name, [A], settings)


@pytest.mark.parametrize(
    ("length", "size", "stride", "dilation", "padding", "expected"),
    [
        (5, 3, 1, 1, "valid", (0, 0)),
        (5, 3, 1, 1, "same", (1, 1)),
        (5, 2, 1, 1, "same", (0, 1)),
        (4, 3, 2, 1, "same", (0, 1)),
        (5, 3, 2, 1, "same", (1, 1)),
        (5, 1, 3, 1, "same", (0, 0)),
        (5, 3, 1, 2, "same", (2, 2)),
        (5, 3, 1, 2, "causal", (4, 0)),
    ],
)
def test_places_are_added_as_tensorflow_does(
    length: int, size: int, stride: int, dilation: int, padding: str, expected: tuple[int, int]
) -> None:
    assert pads(length, size, stride, dilation, padding) == expected

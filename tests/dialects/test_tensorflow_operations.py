"""Functions of TensorFlow that stand in a graph compute today what TensorFlow computes, their defaults included."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from architectures import built, called, functional

from layerfix.errors import GraphError

X = np.random.default_rng(3).normal(size=(2, 3, 4)).astype("float32")
CASES: list[tuple[str, dict[str, Any]]] = [
    *((f"math.{name}", {"y": 2.0}) for name in ("add", "subtract", "multiply", "maximum", "minimum", "floordiv")),
    *((f"math.{name}", {"y": 2.0}) for name in ("squared_difference", "floormod", "divide_no_nan", "greater")),
    *((f"math.{name}", {}) for name in ("reduce_mean", "reduce_sum", "reduce_max", "reduce_min", "reduce_prod")),
    ("math.reduce_logsumexp", {"axis": 2}),
    *((f"math.{name}", {"axis": [1, 2], "keepdims": True}) for name in ("reduce_std", "reduce_variance")),
    *((f"math.{name}", {}) for name in ("sigmoid", "tanh", "softplus", "exp", "square", "abs", "negative", "sin", "cos", "tan")),
    *((f"math.{name}", {}) for name in ("floor", "ceil", "round", "expm1", "erf", "sign", "reciprocal")),
    *((f"nn.{name}", {}) for name in ("relu", "relu6", "elu", "selu", "silu", "swish", "softsign", "leaky_relu")),
    *((f"nn.{name}", {}) for name in ("gelu", "softmax", "log_softmax", "l2_normalize")),
    ("nn.gelu", {"approximate": True}),
    ("nn.leaky_relu", {"alpha": 0.05}),
    ("nn.softmax", {"axis": 1}),
    ("math.l2_normalize", {"axis": 1}),
    ("math.argmax", {}),
    ("math.argmax", {"axis": -1}),
    ("math.cumsum", {}),
    ("math.cumsum", {"axis": 2}),
    ("clip_by_value", {"clip_value_min": -0.5, "clip_value_max": 0.25}),
    ("cast", {"dtype": "int32"}),
    ("expand_dims", {"axis": -1}),
    ("transpose", {"perm": [0, 2, 1]}),
    ("transpose", {}),
    ("reshape", {"shape": [-1, 12]}),
    ("tile", {"multiples": [1, 2, 1]}),
    ("repeat", {"repeats": 2, "axis": 1}),
    ("reverse", {"axis": [1]}),
    ("roll", {"shift": 1, "axis": 2}),
    ("gather", {"indices": [1, 0]}),
    ("gather", {"indices": [2, 0], "axis": 1}),
    ("pad", {"paddings": [[0, 0], [1, 2], [0, 1]]}),
    ("pad", {"paddings": [[0, 0], [1, 2], [0, 1]], "mode": "REFLECT"}),
    ("pad", {"paddings": [[0, 0], [1, 0], [0, 0]], "constant_values": 5.0}),
    ("norm", {"axis": 1}),
    ("norm", {"axis": [1, 2], "keepdims": True}),
    ("linalg.matmul", {"b": np.eye(4).tolist()}),
    ("zeros_like", {}),
    ("ones_like", {}),
    ("stop_gradient", {}),
]


def of_tensorflow(function: str, given: dict[str, Any]) -> Any:
    module: Any = tf
    for part in function.split("."):
        module = getattr(module, part)
    return module(tf.constant(X), **given)


@pytest.mark.parametrize(("function", "given"), CASES, ids=lambda value: value if isinstance(value, str) else ",".join(value))
def test_a_function_computes_what_tensorflow_computes(function: str, given: dict[str, Any]) -> None:
    model = built(functional(called(function, **given), shape=[3, 4]), "2.4.0")
    expected = of_tensorflow(function, given)
    found = np.asarray(model(X))
    assert found.shape == tuple(expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("function", "given", "told"),
    [
        ("math.unheard_of", {}, r"math\.unheard_of has no equal"),
        ("math.cumsum", {"exclusive": True}, "exclusive=True"),
        ("nn.l2_normalize", {"axis": 1, "epsilon": 0.5}, r"epsilon=0\.5"),
        ("norm", {"ord": 1}, "ord=1"),
        ("gather", {"indices": [0], "batch_dims": 1}, "batch_dims=1"),
    ],
)
def test_a_function_or_an_argument_without_an_equal_is_refused_by_name(function: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphError, match=told):
        built(functional(called(function, **given), shape=[3, 4]), "2.4.0")


@pytest.mark.parametrize(("function", "expected"), [("math.subtract", 1 - X), ("math.truediv", 1 / X), ("math.pow", np.float32(1) ** X)])
def test_a_number_may_come_first(function: str, expected: Any) -> None:
    layer = called(function)
    layer["inbound_nodes"] = [["_CONSTANT_VALUE", -1, 1.0, {"y": ["i", 0, 0]}]]
    np.testing.assert_allclose(built(functional(layer, shape=[3, 4]), "2.4.0")(X), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ([{"start": None, "stop": None, "step": None}, 1], X[:, 1]),
        ([{"start": None, "stop": None, "step": None}, {"start": 1, "stop": None, "step": None}], X[:, 1:]),
        ([{"class_name": "__ellipsis__"}, {"start": None, "stop": None, "step": 2}], X[..., ::2]),
        ([{"class_name": "__ellipsis__"}, None], X[..., None]),
    ],
)
def test_a_slice_is_cut_as_it_was(spec: list[Any], expected: Any) -> None:
    layer = called("__operators__.getitem", slice_spec=spec)
    np.testing.assert_array_equal(built(functional({**layer, "class_name": "SlicingOpLambda"}, shape=[3, 4]), "2.4.0")(X), expected)


def node(op: str, attributes: dict[str, Any], constants: dict[str, Any]) -> dict[str, Any]:
    """A node of TensorFlow on the input, as tf.keras 1.13 to 2.3 wrote it."""
    stated = {"name": "n", "op": op, "input": ["i", *(f"n/{number}" for number in constants)], "attr": attributes}
    config = {"name": "n", "trainable": True, "dtype": "float32", "node_def": stated, "constants": constants}
    return {"class_name": "TensorFlowOpLayer", "name": "n", "config": config, "inbound_nodes": [[["i", 0, 0, {}]]]}


@pytest.mark.parametrize(
    ("op", "attributes", "constants", "expected"),
    [
        ("AddV2", {"T": {"type": "DT_FLOAT"}}, {"1": 2.0}, X + 2),
        ("Sub", {}, {"0": 1.0}, 1 - X),
        ("RealDiv", {}, {"1": 4.0}, X / 4),
        ("Pow", {}, {"1": 2.0}, X**2),
        ("Neg", {}, {}, -X),
        ("Softmax", {}, {}, tf.nn.softmax(X)),
        ("Mean", {"keep_dims": {"b": True}}, {"1": [1]}, X.mean(1, keepdims=True)),
        ("Max", {"keep_dims": {"b": False}}, {"1": [1, 2]}, X.max((1, 2))),
        ("ArgMax", {}, {"1": 2}, X.argmax(2)),
        ("ExpandDims", {}, {"1": -1}, X[..., None]),
        ("Transpose", {}, {"1": [0, 2, 1]}, X.transpose(0, 2, 1)),
        ("Reshape", {}, {"1": [-1, 12]}, X.reshape(-1, 12)),
        ("Tile", {}, {"1": [1, 1, 2]}, np.tile(X, (1, 1, 2))),
        ("Pad", {}, {"1": [[0, 0], [1, 0], [0, 0]]}, np.pad(X, [(0, 0), (1, 0), (0, 0)])),
        ("LeakyRelu", {"alpha": {"f": 0.25}}, {}, np.where(X > 0, X, X / 4)),
        ("LeakyRelu", {"alpha": {"f": 0.0}}, {}, np.maximum(X, 0)),
        ("Cast", {"DstT": {"type": "DT_INT32"}}, {}, X.astype("int32")),
        ("GatherV2", {}, {"1": [1, 0], "2": 1}, X[:, [1, 0]]),
        (
            "StridedSlice",
            {"begin_mask": {"i": "1"}, "end_mask": {"i": "1"}, "shrink_axis_mask": {"i": "2"}},
            {"1": [0, 1], "2": [0, 2], "3": [1, 1]},
            X[:, 1],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_node_computes_what_tensorflow_computes(op: str, attributes: dict[str, Any], constants: dict[str, Any], expected: Any) -> None:
    model = built(functional(node(op, attributes, constants), shape=[3, 4]), "2.3.0-tf")
    np.testing.assert_allclose(model(X), expected, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("op", "constants"), [("MirrorPad", {"1": [[0, 0], [1, 1], [0, 0]]}), ("Mean", {})])
def test_a_node_without_an_equal_or_without_all_its_inputs_is_refused(op: str, constants: dict[str, Any]) -> None:
    stated = node(op, {}, constants)
    stated["config"]["node_def"]["input"] = ["i", "n/axis"]
    with pytest.raises(GraphError, match=op):
        built(functional(stated, shape=[3, 4]), "2.3.0-tf")


@pytest.mark.parametrize(
    ("function", "shape", "given"),
    [
        ("nn.depth_to_space", (2, 3, 8), {"block_size": 2}),
        ("nn.space_to_depth", (4, 6, 3), {"block_size": 2, "data_format": "NHWC"}),
        ("compat.v1.depth_to_space", (2, 3, 9), {"block_size": 3}),
    ],
)
def test_blocks_become_channels_and_back(function: str, shape: tuple[int, ...], given: dict[str, Any]) -> None:
    pictures = np.random.default_rng(4).normal(size=(2, *shape)).astype("float32")
    model = built(functional(called(function, **given), shape=[*shape]), "2.4.0")
    expected = getattr(tf.nn, function.rpartition(".")[2])(pictures, **given)
    assert np.array_equal(model(pictures), expected)


def test_blocks_of_pictures_of_open_sizes_are_refused() -> None:
    with pytest.raises(GraphError, match="open sizes"):
        built(functional(called("nn.depth_to_space", block_size=2), shape=[None, None, 4]), "2.4.0")

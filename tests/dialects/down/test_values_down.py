"""Initializers, regularizers, policies, activations and operations of today in an older Keras' words."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.down.graphs import Graph, layer_order
from layerfix.dialects.down.operations import operation
from layerfix.dialects.down.saying import Saying
from layerfix.dialects.down.targets import target_of
from layerfix.dialects.down.values import activation, plain, policy


def saying(name: str = "tf2.10") -> Saying:
    return Saying(target_of(name), lambda saying, config, path: config)


def stock(kind: str, class_name: str, **config: Any) -> dict[str, Any]:
    return {"module": f"keras.{kind}", "class_name": class_name, "config": config, "registered_name": None}


@pytest.mark.parametrize(
    ("target", "value", "said"),
    [
        ("tf2.10", stock("initializers", "GlorotUniform", seed=None), {"class_name": "GlorotUniform", "config": {"seed": None}}),
        ("keras2.2.4", stock("initializers", "GlorotUniform", seed=3),
         {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": 3}}),
        ("keras2.2.4", stock("initializers", "HeNormal", seed=None),
         {"class_name": "VarianceScaling", "config": {"scale": 2.0, "mode": "fan_in", "distribution": "normal", "seed": None}}),
        ("keras2.2.4", stock("initializers", "VarianceScaling", scale=1.0, mode="fan_in", distribution="truncated_normal", seed=None),
         {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_in", "distribution": "normal", "seed": None}}),
        ("keras2.2.4", stock("regularizers", "L2", l2=0.5), {"class_name": "L1L2", "config": {"l1": 0.0, "l2": 0.5}}),
        ("tf2.10", stock("regularizers", "L2", l2=0.5), {"class_name": "L2", "config": {"l2": 0.5}}),
        ("tf2.10", stock("constraints", "MaxNorm", max_value=2, axis=0), {"class_name": "MaxNorm", "config": {"max_value": 2, "axis": 0}}),
        ("tf2.10", {"class_name": "__tuple__", "items": [1, [2]]}, [1, [2]]),
        ("tf2.10", {"module": "my.code", "class_name": "Gate", "registered_name": "Mine>Gate", "config": {"a": 1}},
         {"class_name": "Mine>Gate", "config": {"a": 1}}),
        ("tf2.10", {"plain": [1, {"more": None}]}, {"plain": [1, {"more": None}]}),
        ("tf2.10", 5, 5),
    ],
)  # fmt: skip
def test_an_object_is_its_class_and_config_in_that_release_s_words(target: str, value: Any, said: Any) -> None:
    work = saying(target)
    assert plain(work, value, "layer") == said
    assert work.refusals == []


@pytest.mark.parametrize(
    ("target", "value", "refused"),
    [
        ("keras2.2.4", stock("initializers", "OrthogonalInitializer9"), "layer: the initializer OrthogonalInitializer9"),
        ("keras2.2.4", stock("regularizers", "OrthogonalRegularizer", factor=0.1), "layer: the regularizer OrthogonalRegularizer"),
        ("tf2.4", stock("initializers", "Zeros", of_keras_9=1), "layer: of_keras_9=1 of the initializer Zeros"),
        ("tf2.4", stock("initializers", "GlorotUniform", seed=None, input_axes=[0]),
         "layer: input_axes=[0] of the initializer GlorotUniform"),
    ],
)  # fmt: skip
def test_an_object_without_an_equal_is_refused_by_name(target: str, value: Any, refused: str) -> None:
    work = saying(target)
    plain(work, value, "layer")
    assert work.refusals == [refused]


def dtype_policy(name: str, class_name: str = "DTypePolicy") -> dict[str, Any]:
    return {"module": "keras", "class_name": class_name, "config": {"name": name}, "registered_name": None}


@pytest.mark.parametrize(
    ("target", "value", "said", "refused"),
    [
        ("tf2.10", dtype_policy("float32"), "float32", []),
        ("tf2.10", "float32", "float32", []),
        ("tf2.10", dtype_policy("mixed_float16"), {"class_name": "Policy", "config": {"name": "mixed_float16"}}, []),
        ("keras2.2.4", dtype_policy("mixed_float16"), {"class_name": "Policy", "config": {"name": "mixed_float16"}},
         ["layer: the dtype policy mixed_float16"]),
        ("tf2.10", dtype_policy("int8_from_float32", "QuantizedDTypePolicy"), "float32", ["layer: the dtype policy QuantizedDTypePolicy"]),
    ],
)  # fmt: skip
def test_a_policy_is_a_name_or_a_policy_of_tf_keras(target: str, value: Any, said: Any, refused: list[str]) -> None:
    work = saying(target)
    assert policy(work, value, "layer") == said
    assert work.refusals == refused


@pytest.mark.parametrize(
    ("target", "value", "said", "refused"),
    [
        ("tf2.10", None, "linear", []),
        ("tf2.10", "relu", "relu", []),
        ("tf2.10", "silu", "swish", []),
        ("keras2.2.4", "silu", "silu", ["layer: the activation silu"]),
        ("keras2.2.4", "gelu", "gelu", ["layer: the activation gelu"]),
        ("tf2.10", "hard_shrink", "hard_shrink", ["layer: the activation hard_shrink"]),
        ("tfjs", "gelu", "gelu", ["layer: the activation gelu"]),
        (
            "tf2.10",
            {"class_name": "function", "config": "mine"},
            {"class_name": "function", "config": "mine"},
            ["layer: the activation mine"],
        ),
        ("tf2.10", {"class_name": "ReLU", "config": {}}, {"class_name": "ReLU", "config": {}}, ["layer: the activation ReLU"]),
    ],
)
def test_an_activation_is_a_name_that_the_release_knows(target: str, value: Any, said: Any, refused: list[str]) -> None:
    work = saying(target)
    assert activation(work, value, "layer") == said
    assert work.refusals == refused


def tensor(layer: str, node: int = 0, size: Any = (None, 3), kind: str = "float32") -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"shape": list(size), "dtype": kind, "keras_history": [layer, node, 0]}}


def made(class_name: str, *args: Any, **config: Any) -> dict[str, Any]:
    node = {"args": list(args), "kwargs": config.pop("kwargs", {})}
    return {"module": "keras.src.ops.numpy", "class_name": class_name, "name": "op", "config": config, "inbound_nodes": [node]}


GRAPH = Graph(frozenset({"inner"}), {"inner": 1, "x": 1, "y": 1})


@pytest.mark.parametrize(
    ("entry", "function", "call"),
    [
        (made("Add", tensor("x"), 2.0), "math.add", ["x", 0, 0, {"y": 2.0}]),
        (made("Subtract", 1.0, tensor("x")), "math.subtract", ["_CONSTANT_VALUE", -1, 1.0, {"y": ["x", 0, 0]}]),
        (made("Multiply", tensor("inner"), tensor("y")), "math.multiply", ["inner", 1, 0, {"y": ["y", 0, 0]}]),
        (made("Mean", tensor("x"), axis=[1], keepdims=True), "math.reduce_mean", ["x", 0, 0, {"axis": [1], "keepdims": True}]),
        (made("Clip", tensor("x"), x_min=0.0, x_max=1.0), "clip_by_value", ["x", 0, 0, {"clip_value_min": 0.0, "clip_value_max": 1.0}]),
        (made("Transpose", tensor("x"), axes=[1, 0]), "transpose", ["x", 0, 0, {"perm": [1, 0]}]),
        (made("Tile", tensor("x", kind="int32"), repeats=[1, 2]), "tile", ["x", 0, 0, {"multiples": [1, 2]}]),
        (made("Concatenate", [tensor("x"), tensor("y")], axis=-1), "concat", [["x", 0, 0, {"axis": -1}], ["y", 0, 0, {"axis": -1}]]),
    ],
)
def test_an_operation_is_tensorflow_s_function_with_its_arguments(entry: dict[str, Any], function: str, call: Any) -> None:
    found = operation(saying(), entry, GRAPH.of, "op")
    assert found is not None
    assert (found["class_name"], found["config"]["function"], found["inbound_nodes"]) == ("TFOpLambda", function, [call])


@pytest.mark.parametrize(
    ("entry", "refused"),
    [
        (made("Einsum", tensor("x")), "op: the operation Einsum"),
        (made("Sqrt", tensor("x", kind="int32")), "op: the operation Sqrt of whole numbers"),
        (made("Add", tensor("x"), tensor("y", kind="int32")), "op: the operation Add of different dtypes"),
        (made("Max", tensor("x"), axis=1, initial=0.0), "op: initial=0.0 of the operation Max"),
        (made("Matmul", tensor("x"), tensor("y", size=(3,))), "op: the operation Matmul"),
        (made("Add", tensor("x"), kwargs={"x2": tensor("y")}), "op: the operation Add with tensors by name"),
        (made("Concatenate", [tensor("x"), 1.0], axis=-1), "op: the operation Concatenate of tensors and numbers together"),
        (made("GetItem", tensor("x"), [tensor("y")]), "op: an index that is no slice and no whole number"),
    ],
)
def test_an_operation_that_means_something_else_there_is_refused(entry: dict[str, Any], refused: str) -> None:
    work = saying()
    operation(work, entry, GRAPH.of, "op")
    assert work.refusals == [refused]


def test_a_slice_keeps_its_start_stop_and_step() -> None:
    cut = {"class_name": "__slice__", "config": {"start": 1, "stop": None, "step": 2}}
    found = operation(saying(), made("GetItem", tensor("x"), {"class_name": "__tuple__", "items": [cut, 0, None]}), GRAPH.of, "op")
    assert found is not None
    assert found["class_name"] == "SlicingOpLambda"
    assert found["inbound_nodes"] == [["x", 0, 0, {"slice_spec": [{"start": 1, "stop": None, "step": 2}, 0, None]}]]


@pytest.mark.parametrize(
    ("entry", "class_name"),
    [
        (made("Add", tensor("x"), tensor("y")), "Add"),
        (made("Relu", tensor("x")), "Activation"),
        (made("Concatenate", [tensor("x"), tensor("y")], axis=-1), "Concatenate"),
        (made("Add", tensor("x"), tensor("y", size=(None, 1))), None),
        (made("Add", tensor("x"), 2.0), None),
        (made("Gelu", tensor("x")), None),
    ],
)
def test_multi_backend_keras_has_layers_alone(entry: dict[str, Any], class_name: str | None) -> None:
    work = saying("keras2.2.4")
    found = operation(work, entry, GRAPH.of, "op")
    assert (found and found["class_name"]) == class_name
    assert bool(work.refusals) is (class_name is None)


def test_calls_of_a_nested_model_are_counted_behind_its_making() -> None:
    graph = Graph(frozenset({"inner"}), {"inner": 2, "x": 1})
    assert graph.reference("inner", 0, 0) == ["inner", 1, 0]
    assert graph.reference("inner", 5, 0) == ["inner", 2, 0]
    assert graph.reference("x", 0, 1) == ["x", 0, 1]


def entry(name: str, *sources: str) -> dict[str, Any]:
    node = {"args": [[tensor(source) for source in sources]], "kwargs": {}}
    return {"name": name, "class_name": "Dense", "inbound_nodes": [node] if sources else []}


@pytest.mark.parametrize(
    ("layers", "outputs", "order"),
    [
        ([entry("i"), entry("a", "i"), entry("b", "a")], ["b"], ["i", "a", "b"]),
        ([entry("i"), entry("b", "i"), entry("a", "i"), entry("sum", "a", "b")], ["sum"], ["i", "a", "b", "sum"]),
        ([entry("i"), entry("a", "i"), entry("b", "a"), entry("sum", "i", "b")], ["sum"], ["i", "a", "b", "sum"]),
        ([entry("i"), entry("a", "i"), entry("b", "a")], ["b", "a"], ["i", "a", "b"]),
        ([entry("i"), entry("spare"), entry("a", "i")], ["a"], ["i", "a"]),
    ],
    ids=["a chain", "by the way back from the output", "the deepest first", "two outputs", "what nothing needs is not there"],
)
def test_layers_are_loaded_by_their_depth(layers: list[dict[str, Any]], outputs: list[str], order: list[str]) -> None:
    assert layer_order(layers, [("i", 0)], [(name, 0) for name in outputs]) == order


def test_a_graph_of_ten_thousand_layers_is_walked_without_recursion() -> None:
    chain = [entry("l0"), *(entry(f"l{number}", f"l{number - 1}") for number in range(1, 10_000))]
    assert layer_order(chain, [("l0", 0)], [("l9999", 0)])[:2] == ["l0", "l1"]

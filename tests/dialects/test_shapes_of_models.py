"""What model configs have looked like since 2015, and what each becomes: names, inputs, counts of calls."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.keras2.models import first_shape, is_model, plain_dtype
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import Layer, Model, Tensor, tensors


def layer(class_name: str, name: str, *nodes: Any, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": list(nodes)}


def start(name: str = "i", shape: tuple[int, ...] = (3,)) -> dict[str, Any]:
    return layer("InputLayer", name, batch_input_shape=[None, *shape], dtype="float32")


def graph(*layers: dict[str, Any], name: str = "m", class_name: str = "Model", out: Any = None, inputs: Any = None) -> dict[str, Any]:
    ends = {"input_layers": inputs or [[layers[0]["name"], 0, 0]], "output_layers": out or [[layers[-1]["name"], 0, 0]]}
    return {"class_name": class_name, "name": name, "config": {"name": name, "layers": list(layers), **ends}, "inbound_nodes": []}


def read(config: dict[str, Any], version: str = "2.2.4") -> Model:
    return upgrade(config, version, "tensorflow").model


def on(name: str, call: int = 0, **given: Any) -> list[list[Any]]:
    return [[name, call, 0, given]]


def dense(name: str, *nodes: Any) -> dict[str, Any]:
    return layer("Dense", name, *nodes, units=3)


@pytest.mark.parametrize("class_name", ["Model", "Container", "Network", "Functional", "MyModel"])
def test_every_name_of_a_graph_is_functional_today(class_name: str) -> None:
    found = upgrade(graph(start(), dense("d", on("i")), class_name=class_name), "2.2.4", "tensorflow")
    assert found.model.kind == "Functional"
    assert ("model_class" in {rule.name for rule in found.rules}) is (class_name != "Functional")


@pytest.mark.parametrize(
    ("entry", "model"),
    [
        ({"class_name": "Sequential", "config": []}, True),
        ({"class_name": "Sequential", "config": {"name": "s", "layers": []}}, True),
        ({"class_name": "Sequential", "config": {"name": "s"}}, False),
        ({"class_name": "Mine", "config": {"layers": [], "input_layers": [], "output_layers": []}}, True),
        ({"class_name": "Mine", "config": {"layers": []}}, False),
        ({"class_name": "Dense", "config": None}, False),
    ],
)
def test_a_model_is_told_by_its_class_or_by_its_keys(entry: Any, model: bool) -> None:
    assert is_model(entry) is model


def inner(name: str = "inner", calls: int = 1, first: int = 1) -> dict[str, Any]:
    """A nested model called on `i`, as Keras 2 counts its calls: number 0 is its own making."""
    return {**graph(start("j"), dense("d", on("j")), name=name), "inbound_nodes": [on("i")] * calls}


@pytest.mark.parametrize(
    ("calls", "stated", "today"),
    [
        (1, [1], [0]),
        (1, [0], [0]),
        (1, [4], [0]),
        (2, [1, 2], [0, 1]),
        (2, [0, 1], [0, 1]),
        (2, [1, 3], [0, 1]),
        (2, [2, 1], [1, 0]),
        (3, [3], [2]),
    ],
    ids=str,
)
def test_calls_of_a_nested_model_count_from_0(calls: int, stated: list[int], today: list[int]) -> None:
    add = layer("Add", "sum", [["inner", call, 0, {}] for call in stated])
    found = read(graph(start(), inner(calls=calls), add))
    assert [tensor.call for tensor in tensors(found.layer("sum").calls[0].args)] == today


def test_ends_and_keyword_arguments_are_counted_too() -> None:
    state = layer("LSTM", "l", [["i", 0, 0, {"initial_state": [["inner", 1, 0], ["inner", 1, 0]]}]], units=3)
    found = read(graph(start(shape=(2, 3)), inner(), state, out=[["inner", 1, 0], ["l", 0, 0]]))
    assert found.outputs == [Tensor("inner", 0, 0), Tensor("l", 0, 0)]
    assert found.layer("l").calls[0].kwargs == {"initial_state": [Tensor("inner", 0, 0)] * 2}


def test_calls_of_a_plain_layer_are_left_as_they_are_before_keras_3() -> None:
    shared = dense("d", on("i"), on("i"))
    found = read(graph(start(), shared, layer("Add", "sum", [["d", 0, 0, {}], ["d", 1, 0, {}]])))
    assert [tensor.call for tensor in tensors(found.layer("sum").calls[0].args)] == [0, 1]


def test_names_with_slashes_get_other_ones_that_are_free() -> None:
    found = read(graph(start(), dense("a/b", on("i")), dense("a_b", on("a/b")), dense("c", on("a/b"))))
    renamed = found.layers[1]
    assert (renamed.name, renamed.legacy_name, renamed.settings["name"]) == ("a_b_", "a/b", "a_b_")
    assert [layer.calls[0].args[0].layer for layer in found.layers[2:]] == ["a_b_", "a_b_"]


def test_a_model_s_own_slash_goes_as_well() -> None:
    assert read(graph(start(), dense("d", on("i")), name="scope/m")).name == "scope_m"


def test_losses_and_metrics_of_the_graph_are_left_out_with_what_only_they_need() -> None:
    """tensorflow 2.4, base_layer.py: add_loss and add_metric are layers behind functions."""
    square = layer("TFOpLambda", "square", ["d", 0, 0, {}], function="math.square")
    mean = layer("TFOpLambda", "mean", ["square", 0, 0, {}], function="math.reduce_mean")
    used = layer("TFOpLambda", "used", ["d", 0, 0, {}], function="math.exp")
    term = layer("AddLoss", "add_loss", on("mean"))
    metric = layer("AddMetric", "add_metric", on("used"))
    found = read(graph(start(), dense("d", on("i")), square, mean, used, term, metric, out=[["used", 0, 0]]), "2.4.0")
    assert [layer.name for layer in found.layers] == ["i", "d", "used"]


@pytest.mark.parametrize(("version", "lost"), [("2.1.6-tf", True), ("2.2.4-tf", False), ("2.2.4", False), ("2.1.6", False)])
def test_masks_end_with_a_nested_model_in_tensorflow_1_12(version: str, lost: bool) -> None:
    embedding = layer("Embedding", "e", on("i"), input_dim=4, output_dim=3, mask_zero=True)
    nested = {**graph(start("j", (None, 3)), dense("d", on("j")), name="inner"), "inbound_nodes": [on("e")]}  # type: ignore[arg-type]
    assert read(graph(start(shape=(5,)), embedding, nested), version).layer("inner").mask_lost is lost


def sequential(*layers: dict[str, Any], **more: Any) -> Any:
    return {"class_name": "Sequential", "config": {"name": "s", "layers": list(layers), **more}}


def bare(class_name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": "first", **config}}


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (sequential(bare("Dense", batch_input_shape=[None, 3])), ([None, 3], "float32", "first_input")),
        (sequential(bare("Dense", batch_input_shape=[None, 3], dtype="float64")), ([None, 3], "float64", "first_input")),
        (sequential(bare("Embedding", batch_input_shape=[None, 9], dtype="float32")), ([None, 9], "int32", "first_input")),
        (sequential(bare("Dense", batch_input_shape=[None, 3], input_dtype="int64")), ([None, 3], "int64", "first_input")),
        (
            sequential(bare("TimeDistributed", layer=bare("Dense", batch_input_shape=[None, 4, 3]))),
            ([None, 4, 3], "float32", "first_input"),
        ),
        (sequential(bare("Dense"), build_input_shape=[None, 7]), ([None, 7], "float32", "first_input")),
        (sequential(bare("Embedding"), build_input_shape=[None, 7]), ([None, 7], "int32", "first_input")),
        (sequential(bare("Dense"), build_input_shape=[[None, 7], [None, 2]]), None),
        (sequential(bare("Dense")), None),
        (sequential(sequential(bare("Dense", batch_input_shape=[None, 5]))), ([None, 5], "float32", "first_input")),
        (sequential(graph(start("a", (2,)), start("b", (6,)), inputs=[["b", 0, 0]])), ([None, 6], "float32", "m_input")),
    ],
)
def test_the_input_of_a_sequential_is_found_wherever_it_stood(model: Any, expected: Any) -> None:
    assert first_shape(model) == expected


@pytest.mark.parametrize(
    ("dtype", "plain"),
    [
        (None, "float32"),
        ("float16", "float16"),
        ({"class_name": "Policy", "config": {"name": "mixed_float16"}}, "mixed_float16"),
        ({"class_name": "DTypePolicy", "config": {"name": "float32"}, "module": "keras"}, "float32"),
        ({"class_name": "Policy", "config": {}}, "float32"),
    ],
)
def test_a_policy_is_its_name(dtype: Any, plain: str) -> None:
    assert plain_dtype(dtype) == plain


def test_an_input_layer_says_its_shape_in_today_s_word_and_nothing_of_its_raggedness() -> None:
    stated = layer("InputLayer", "i", batch_input_shape=[2, 3], dtype=None, sparse=False, ragged=False, input_dtype="float32")
    found = read(graph(stated, dense("d", on("i")))).layers[0]
    assert dict(found.settings) == {"name": "i", "batch_shape": [2, 3], "dtype": "float32", "sparse": False}


def test_a_nameless_sequential_in_another_is_named_by_its_place() -> None:
    nested = {"class_name": "Sequential", "config": [bare("Dense", units=2, batch_input_shape=[None, 3])]}
    found = read({"class_name": "Sequential", "config": [nested]}, "2.0.9")
    assert [one.name for one in found.layers if one.model] == ["sequential_in_0"]


@pytest.mark.parametrize("config", [{"class_name": "Dense", "config": {}}, {"class_name": "Sequential", "config": {"name": "s"}}, {}])
def test_a_config_without_layers_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(GraphError, match="lists no layers"):
        upgrade(config, "2.2.4", "tensorflow")


def test_problems_are_collected_layer_by_layer_where_they_are_wanted() -> None:
    problems: list[GraphError] = []
    lstm = layer("LSTM", "l", on("i"), units=2, time_major=True)
    pool = layer("AveragePooling1D", "p", on("l"), padding="same")
    upgrade(graph(start(shape=(4, 3)), lstm, pool), "2.4.0", "theano", problems=problems)
    assert [error.where for error in problems] == ["l", "p"]


def test_layers_keep_their_order_and_their_records() -> None:
    found = read(graph(start(), dense("z", on("i")), dense("a", on("z"))))
    assert [(type(one), one.name) for one in found.layers] == [(Layer, "i"), (Layer, "z"), (Layer, "a")]
    assert [one.name for one in found.weighted] == ["z", "a"]
    with pytest.raises(KeyError):
        found.layer("none")

"""Names of weights whose lists are lost, as each release makes them (read from genuine files of that release)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.names import Names, Unknown, float_of, promises
from layerfix.scavenge.tree import Tree

INPUT = {"class_name": "InputLayer", "config": {"name": "input", "batch_input_shape": [None, 7, 4]}}


def text(value: str) -> Value:
    return Value("text", (), texts=(value.encode(),))


def functional(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Functional", "config": {"name": "model", "layers": [INPUT, *layers]}}


def made(version: str, owner: str, *layers: dict[str, Any], lists: dict[str, tuple[str, ...]] | None = None) -> tuple[str, ...]:
    root = {"model_config": text(json.dumps(functional(*layers))), "keras_version": text(version)}
    held = {
        f"model_weights/{name}": {"weight_names": Value("S40", (len(names),), b"".join(n.encode().ljust(40, b"\0") for n in names))}
        for name, names in (lists or {}).items()
    }
    named = Tree(attributes={"": root, **held})
    expected = promises(named)
    return Names(named, expected).of(owner, expected[owner])


def layer(kind: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **config}}


DENSE = layer("Dense", "dense", units=3)
WRAPPED = layer("TimeDistributed", "word", layer=layer("Dense", "inner", units=3))
GRU_CELL = layer("GRUCell", "gru_cell", units=3)
MOVING = layer("ConvLSTM2D", "moving", filters=2, kernel_size=[2, 2])


@pytest.mark.parametrize(
    ("version", "expected"),
    [("2.2.4", "dense/kernel:0"), ("2.4.0", "dense/kernel:0"), ("2.15.0", "dense/kernel:0"), ("3.15.1", "dense/kernel")],
)
def test_a_dense_layer(version: str, expected: str) -> None:
    assert made(version, "dense", DENSE)[0] == expected


@pytest.mark.parametrize(
    ("version", "expected"), [("2.2.4", "word/kernel:0"), ("2.15.0", "word/kernel:0"), ("3.15.1", "word/inner/kernel")]
)
def test_a_layer_for_each_step(version: str, expected: str) -> None:
    assert made(version, "word", WRAPPED)[0] == expected


@pytest.mark.parametrize(
    ("version", "expected"), [("2.2.4", "moving/kernel:0"), ("2.15.0", "moving/kernel:0"), ("3.15.1", "moving/conv_lstm_cell/kernel")]
)
def test_a_convolutional_recurrent_layer(version: str, expected: str) -> None:
    assert made(version, "moving", MOVING)[0] == expected


@pytest.mark.parametrize(("version", "expected"), [("2.2.4", "lstm/kernel:0"), ("2.15.0", "lstm/lstm_cell/kernel:0")])
def test_a_recurrent_layer(version: str, expected: str) -> None:
    assert made(version, "lstm", layer("LSTM", "lstm", units=3))[0] == expected


def test_a_cell_that_the_session_counted_is_named_by_another_list_or_not_at_all() -> None:
    with pytest.raises(Unknown):
        made("2.4.0", "lstm", layer("LSTM", "lstm", units=3))
    lists = {"other": ("lstm/lstm_cell_4/kernel:0",)}
    assert made("2.4.0", "lstm", layer("LSTM", "lstm", units=3), lists=lists)[0] == "lstm/lstm_cell_4/kernel:0"


@pytest.mark.parametrize(
    "hard",
    [
        ("3.15.1", layer("TimeDistributed", "both", layer=layer("LSTM", "lstm", units=3))),
        ("2.4.0", layer("Bidirectional", "both", layer=layer("LSTM", "lstm", units=3))),
        ("2.4.0", layer("RNN", "both", cell={"class_name": "StackedRNNCells", "config": {"cells": [GRU_CELL]}})),
        ("3.15.1", layer("RNN", "both", cell={"class_name": "GRUCell", "config": {"units": 3}})),
    ],
    ids=["a cell in a layer in a layer", "cells that the session counted", "a stack without a name", "a cell without a name"],
)
def test_what_no_rule_names_is_not_made_up(hard: tuple[str, dict[str, Any]]) -> None:
    version, made_of = hard
    with pytest.raises(Unknown):
        made(version, "both", made_of)


@pytest.mark.parametrize(
    ("version", "inner", "expected"),
    [
        ("2.2.4", "lstm_1", ("both/forward_lstm_1/kernel:0", "both/backward_lstm_1/bias:0")),
        ("2.15.0", "lstm", ("both/forward_lstm/lstm_cell/kernel:0", "both/backward_lstm/lstm_cell/bias:0")),
        ("3.15.1", "forward_lstm", ("both/forward_lstm/lstm_cell/kernel", "both/backward_lstm/lstm_cell/bias")),
    ],
)
def test_a_layer_in_both_directions(version: str, inner: str, expected: tuple[str, str]) -> None:
    backward = layer("LSTM", inner.replace("forward", "backward"), units=3)
    config = {"layer": layer("LSTM", inner, units=3), **({"backward_layer": backward} if version[0] == "3" else {})}
    names = made(version, "both", layer("Bidirectional", "both", **config))
    assert (len(names), names[0], names[-1]) == (6, *expected)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("2.2.4", ("pile/kernel:0", "pile/bias:0", "pile/kernel_1:0", "pile/bias_1:0")),
        ("2.15.0", ("pile/stack/a/kernel:0", "pile/stack/a/bias:0", "pile/stack/b/kernel:0", "pile/stack/b/bias:0")),
        ("3.15.1", ("pile/stack/a/kernel", "pile/stack/a/bias", "pile/stack/b/kernel", "pile/stack/b/bias")),
    ],
)
def test_stacked_cells(version: str, expected: tuple[str, ...]) -> None:
    stack = {"name": "stack", "cells": [layer("GRUCell", "a", units=3), layer("LSTMCell", "b", units=2)]}
    names = made(version, "pile", layer("RNN", "pile", cell={"class_name": "StackedRNNCells", "config": stack}))
    assert tuple(name for name in names if "recurrent" not in name) == expected


def test_attention_has_the_same_names_in_every_release() -> None:
    heads = layer("MultiHeadAttention", "heads", num_heads=2, key_dim=3)
    assert made("2.4.0", "heads", heads)[0] == "heads/query/kernel:0"
    assert made("3.15.1", "heads", heads)[-1] == "heads/attention_output/bias"


def test_layers_of_a_nested_sequential_model_bear_its_name_in_keras_3_alone() -> None:
    part = {"class_name": "Sequential", "config": {"name": "encoder", "layers": [INPUT, DENSE]}}
    assert made("3.15.1", "encoder", part) == ("encoder/dense/kernel", "encoder/dense/bias")
    assert made("2.15.0", "encoder", part) == ("dense/kernel:0", "dense/bias:0")


HALF_INPUT = {"class_name": "InputLayer", "config": {"name": "in", "dtype": "float16", "sparse": False}}
POLICY = {"class_name": "Dense", "config": {"name": "d", "dtype": {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}}}


@pytest.mark.parametrize(
    ("layers", "known", "told"),
    [
        ([], [], ("<f4", "<f4")),
        ([HALF_INPUT], [], ("<f2", "<f2")),
        ([HALF_INPUT, POLICY], [], ("<f4", "")),
        ([HALF_INPUT], ["<f4", "<i8"], ("", "<f2")),
        ([{"class_name": "Dense", "config": {"name": "d", "dtype": "bfloat16"}}], [], ("", "")),
    ],
    ids=["nothing stated", "inputs alone", "a policy of layers", "described otherwise", "no type of numpy"],
)
def test_floats_that_nothing_describes_have_the_type_that_all_others_have(layers: list[object], known: list[str], told: object) -> None:
    named = Tree(given={"model_config": {"class_name": "Functional", "config": {"layers": layers}}})
    assert float_of(named, known) == told


def test_without_a_config_the_type_of_an_optimizers_numbers_is_not_known() -> None:
    assert float_of(Tree(), ["<f2", "<f2"]) == ("<f2", "")

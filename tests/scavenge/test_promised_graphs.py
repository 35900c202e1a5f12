"""Weights that a config of tf.keras or Keras 3 promises: attention, cells, models inside of others, outputs of which there are several."""

from __future__ import annotations

from typing import Any

import pytest
from test_promised import of, sequential

from layerfix.scavenge.promised import promised


def functional(*layers: tuple[str, str, dict[str, Any], list[Any]], outputs: list[Any] | None = None) -> dict[str, Any]:
    """A model of tf.keras: name, class, arguments and inbound nodes of each layer."""
    inputs = [
        ("a", "InputLayer", {"batch_input_shape": [None, 6, 8]}, []),
        ("b", "InputLayer", {"batch_input_shape": [None, 5, 10]}, []),
    ]
    rows = [
        {"name": name, "class_name": kind, "config": {"name": name, **config}, "inbound_nodes": nodes}
        for name, kind, config, nodes in (*inputs, *layers)
    ]
    return {"class_name": "Functional", "config": {"name": "model", "layers": rows, **({"output_layers": outputs} if outputs else {})}}


HEADS = {"num_heads": 2, "key_dim": 3}
CROSS = ("cross", "MultiHeadAttention", HEADS, [[["a", 0, 0, {"value": ["b", 0, 0]}]]])


def test_attention_to_another_input_takes_keys_and_values_of_its_width() -> None:
    found = of(functional(CROSS, ("end", "Dense", {"units": 1}, [[["cross", 0, 0, {}]]])), "cross")
    assert (found["query/kernel"], found["key/kernel"], found["value/bias"]) == ((8, 2, 3), (10, 2, 3), (2, 3))
    assert found["attention_output/kernel"] == (2, 3, 8)


def test_attention_with_widths_of_its_own_for_values_and_outputs() -> None:
    wide = ("cross", "MultiHeadAttention", {**HEADS, "value_dim": 4, "output_shape": 7, "use_bias": False}, CROSS[3])
    config = functional(wide, ("end", "Dense", {"units": 1}, [[["cross", 0, 0, {}]]]))
    assert of(config, "cross") == {
        "query/kernel": (8, 2, 3),
        "key/kernel": (10, 2, 3),
        "value/kernel": (10, 2, 4),
        "attention_output/kernel": (2, 4, 7),
    }
    assert of(config, "end")["kernel"] == (7, 1)


def test_attention_whose_values_no_config_tells_has_no_shapes_for_them() -> None:
    found = of(functional(("heads", "MultiHeadAttention", HEADS, [[["a", 0, 0, {}]]])), "heads")
    assert (found["query/kernel"], found["key/kernel"], found["value/kernel"]) == ((8, 2, 3), None, None)


def test_keras_3_states_what_attention_was_built_for() -> None:
    config = functional(("heads", "MultiHeadAttention", HEADS, [[["a", 0, 0, {}]]]))
    config["config"]["layers"][-1]["build_config"] = {"shapes_dict": {"query_shape": [None, 6, 8], "value_shape": [None, 5, 9]}}
    assert of(config, "heads")["key/kernel"] == (9, 2, 3)


@pytest.mark.parametrize("config", [{"use_gate": True, **HEADS}, {"score_mode": "concat"}])
def test_attention_with_weights_by_other_rules_is_left_out(config: dict[str, Any]) -> None:
    kind = "MultiHeadAttention" if "num_heads" in config else "Attention"
    assert "heads" not in promised(functional(("heads", kind, config, [[["a", 0, 0, {}], ["a", 0, 0, {}]]])))


def test_attention_without_heads_has_a_scale_or_nothing() -> None:
    pair = [[["a", 0, 0, {}], ["a", 0, 0, {}]]]
    assert of(functional(("dot", "Attention", {"use_scale": True}, pair)), "dot") == {"scale": ()}
    assert of(functional(("dot", "Attention", {}, pair)), "dot") == {}
    assert of(functional(("sum", "AdditiveAttention", {}, pair)), "sum") == {"scale": (8,)}


def test_each_stacked_cell_is_given_what_the_one_before_puts_out() -> None:
    cells = [{"class_name": kind, "config": {"units": units}} for kind, units in (("SimpleRNNCell", 7), ("LSTMCell", 5))]
    stack = {"cell": {"class_name": "StackedRNNCells", "config": {"cells": cells}}}
    config = sequential(("RNN", stack), ("Dense", {"units": 1}), shape=(None, 9, 4))
    assert list(of(config).values()) == [(4, 7), (7, 7), (7,), (7, 20), (5, 20), (20,)]
    assert of(config, "l1")["kernel"] == (5, 1)


def test_a_cell_of_another_class_is_left_out() -> None:
    cell = {"class_name": "MyCell", "config": {"units": 5}}
    assert "l0" not in promised(sequential(("RNN", {"cell": cell}), shape=(None, 9, 4)))


def test_a_layer_back_of_its_own_has_its_own_shapes() -> None:
    ways = {"layer": {"class_name": "GRU", "config": {"units": 3}}, "backward_layer": {"class_name": "GRU", "config": {"units": 5}}}
    found = of(sequential(("Bidirectional", ways), shape=(None, 9, 4)))
    assert (found["forward/kernel"], found["backward/kernel"]) == ((4, 9), (4, 15))


def test_a_class_of_another_package_is_not_taken_for_keras_own() -> None:
    config = sequential(("Mine>Dense", {"units": 3}))
    config["config"]["layers"][1]["registered_name"] = "Mine>Dense"
    assert "l0" not in promised(config)


def test_a_second_output_has_no_shape() -> None:
    both = ("both", "LSTM", {"units": 4, "return_state": True, "return_sequences": True}, [[["a", 0, 0, {}]]])
    flat = [("flat", "Flatten", {}, [[["both", 0, 1, {}]]]), ("end", "Dense", {"units": 2}, [[["flat", 0, 0, {}]]])]
    assert of(functional(both, *flat), "end")["kernel"] is None


def test_a_layer_that_is_called_with_other_shapes_again_puts_out_nothing_known() -> None:
    flat = ("flat", "Flatten", {}, [[["a", 0, 0, {}]], [["b", 0, 0, {}]]])
    assert of(functional(flat, ("end", "Dense", {"units": 2}, [[["flat", 1, 0, {}]]])), "end")["kernel"] is None


@pytest.mark.parametrize(
    ("outputs", "expected"), [([["wide", 0, 0]], (9, 2)), (["wide", 0, 0], (9, 2)), ([["wide", 0, 0], ["side", 0, 0]], None)]
)
def test_a_model_inside_puts_out_what_it_states_and_not_its_last_layer(outputs: list[Any], expected: tuple[int, ...] | None) -> None:
    wide = ("wide", "Dense", {"units": 9}, [[["a", 0, 0, {}]]])
    inner = functional(wide, ("side", "Dense", {"units": 4}, [[["a", 0, 0, {}]]]), outputs=outputs)["config"]
    inner["layers"].pop(1)
    config = functional(("part", "Functional", inner, [[["a", 0, 0, {}]]]), ("end", "Dense", {"units": 2}, [[["part", 0, 0, {}]]]))
    assert of(config, "end")["kernel"] == expected


def test_attention_that_gives_its_scores_too_puts_out_nothing_known() -> None:
    told = ("cross", "MultiHeadAttention", HEADS, [[["a", 0, 0, {"value": ["b", 0, 0], "return_attention_scores": True}]]])
    assert of(functional(told, ("end", "Dense", {"units": 1}, [[["cross", 0, 1, {}]]])), "end")["kernel"] is None

"""Whose a class is: what a package registered, or another module holds, is nobody's stock layer, whatever its name."""

from __future__ import annotations

from typing import Any

import pytest
from architectures import functional

from layerfix.dialects.rules import note_owners, without_notes
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.graph.build import build_model
from layerfix.model import Expression, Layer, Relay
from layerfix.reference.reading import stated_model


def entry(class_name: str, **stated: Any) -> dict[str, Any]:
    config = {"name": "own", **stated.pop("config", {})}
    return {"class_name": class_name, "name": "own", "config": config, "inbound_nodes": [[["i", 0, 0, {}]]], **stated}


def read(layer: dict[str, Any], version: str = "2.13.0", custom: tuple[str, ...] = ()) -> Layer:
    return upgrade(functional(layer, shape=[4]), version, "tensorflow", custom=custom).model.layer("own")


@pytest.mark.parametrize(
    ("class_name", "stated", "custom"),
    [
        ("Softmax", {}, False),
        ("Softmax", {"module": "keras.layers", "registered_name": None}, False),
        ("Softmax", {"module": "keras.src.layers.activation.softmax", "registered_name": "Softmax"}, False),
        ("Softmax", {"module": "tf_keras.layers", "registered_name": None}, False),
        ("Softmax", {"module": None, "registered_name": "Softmax"}, False),
        ("Custom>Softmax", {}, True),
        ("Mine>Softmax", {}, True),
        ("Softmax", {"module": "my.layers", "registered_name": "Softmax"}, True),
        ("Softmax", {"module": "__main__", "registered_name": "Mine>Softmax"}, True),
        ("Softmax", {"module": None, "registered_name": "Mine>Softmax"}, True),
        ("Softmax", {"module": "keras_cv.layers", "registered_name": "keras_cv>Softmax"}, True),
        ("Custom>MaxPool2D", {}, True),
    ],
)
def test_a_stock_name_is_stock_only_where_keras_says_so(class_name: str, stated: dict[str, Any], custom: bool) -> None:
    found = read(entry(class_name, **stated))
    assert found.custom is custom
    assert found.class_name == class_name.rpartition(">")[2]


@pytest.mark.parametrize("version", ["2.4.0", "2.13.0", "3.3.0"])
def test_a_class_of_a_stock_name_takes_no_rule_of_the_stock_class(version: str) -> None:
    stated = {"module": "my.layers", "registered_name": "Mine>LeakyReLU", "config": {"alpha": 0.5, "steep": True}}
    found = read(entry("Mine>LeakyReLU" if version == "2.4.0" else "LeakyReLU", **stated), version)
    assert dict(found.settings) == {"name": "own", "alpha": 0.5, "steep": True}


def test_a_class_that_the_user_gives_is_that_one() -> None:
    assert read(entry("Mine>Softmax"), custom=("Softmax",)).custom


def test_classes_of_tensorflow_addons_are_known_by_their_package() -> None:
    config = {"groups": 2, "axis": -1, "epsilon": 0.001, "center": True, "scale": True}
    assert not read(entry("Addons>GroupNormalization", config=config)).custom
    assert read(entry("Mine>GroupNormalization", config=config)).custom


def test_layers_in_wrappers_and_in_stacked_cells_have_owners_too() -> None:
    inner = {"class_name": "Mine>Dense", "config": {"name": "d", "units": 2}}
    wrapped = read(entry("TimeDistributed", config={"layer": inner})).wrapped["layer"]
    cells = [{"class_name": "Mine>LSTMCell", "config": {"name": "c", "units": 2}}]
    stacked = read(entry("StackedRNNCells", config={"cells": cells})).cells[0]
    assert (wrapped.class_name, wrapped.custom, stacked.class_name, stacked.custom) == ("Dense", True, "LSTMCell", True)


def test_only_stock_names_and_layers_are_noted() -> None:
    raw = entry("Mine>Gate", config={"layer": {"class_name": "Mine>Dense", "config": {}}, "initializer": {"class_name": "Mine>Dense"}})
    note_owners(raw, {"Dense"})
    assert "custom" not in raw
    assert raw["config"]["layer"]["custom"] is True
    assert raw["config"]["initializer"] == {"class_name": "Mine>Dense"}


def test_notes_go_everywhere_but_a_read_expression_stays() -> None:
    expression = Expression([["input", None]], 2)
    inner = {"class_name": "Dense", "config": {}, "relay": Relay("pruned", 3), "expression": {"table": []}}
    raw = {"class_name": "Sequential", "custom": True, "config": {"layers": [inner, {"class_name": "Lambda", "expression": expression}]}}
    without_notes(raw)
    assert raw["config"]["layers"] == [{"class_name": "Dense", "config": {}}, {"class_name": "Lambda", "expression": expression}]
    assert "custom" not in raw


def test_notes_go_from_the_bare_list_of_a_sequential_and_from_odd_places() -> None:
    raw = {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"layer": 5, "cells": None}, "stock": True}, 7]}
    without_notes(raw)
    assert raw == {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": {"layer": 5, "cells": None}}, 7]}


@pytest.mark.parametrize(
    ("class_name", "stated", "told"),
    [
        ("Custom>Softmax", {}, "Custom>Softmax"),
        ("Softmax", {"module": "my.layers", "registered_name": "Softmax"}, "my>Softmax"),
        ("Softmax", {"module": None, "registered_name": "Mine>Softmax"}, "Mine>Softmax"),
        ("Softmax", {"module": "keras.layers", "registered_name": None}, "Softmax"),
        ("Addons>GroupNormalization", {}, "GroupNormalization"),
        (
            "GroupNormalization",
            {"module": "tensorflow_addons.layers", "registered_name": "Addons>GroupNormalization"},
            "GroupNormalization",
        ),
    ],
)
def test_the_reference_takes_no_class_of_another_package_for_keras_own(class_name: str, stated: dict[str, Any], told: str) -> None:
    assert stated_model(functional(entry(class_name, **stated), shape=[4])).layer("own").class_name == told


def test_what_stands_in_the_way_of_such_a_class_is_its_source() -> None:
    with pytest.raises(GraphError, match="class Softmax is not Keras' Softmax: the file says that it is somebody's own"):
        build_model(upgrade(functional(entry("Custom>Softmax"), shape=[4]), "2.4.0", "tensorflow").model)

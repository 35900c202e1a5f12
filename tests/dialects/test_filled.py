"""Constructor arguments that somebody states reach the layers they are meant for, and no other."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from layerfix.dialects.filled import with_arguments

OWN = frozenset({"Gate"})


def layer(name: str, class_name: str = "Gate", **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "name": name, "config": {"name": name, **config}}


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Model", "config": {"name": "m", "layers": list(layers)}}


def config_of(filled: dict[str, Any], *places: int) -> dict[str, Any]:
    for place in places:
        filled = filled["config"]["layers"][place]
    return filled["config"]


@pytest.mark.parametrize("place", ["*", "Gate", "gate_1", "inner/gate_1"])
def test_a_layer_is_meant_by_all_its_class_its_name_or_its_path(place: str) -> None:
    config = model(layer("dense", "Dense"), {**model(layer("gate_1")), "name": "inner"})
    filled, used = with_arguments(config, {place: {"units": 3}}, OWN)
    assert config_of(filled, 1, 0)["units"] == 3
    assert used == {"inner/gate_1": {"units": 3}}
    assert "units" not in config_of(filled, 0)


def test_the_nearer_word_wins_over_the_farther_and_over_the_file() -> None:
    arguments = {"*": {"a": 1, "b": 1, "c": 1}, "Gate": {"b": 2, "c": 2}, "g": {"c": 3}}
    filled, used = with_arguments(model(layer("g", a=0)), arguments, OWN)
    assert {key: config_of(filled, 0)[key] for key in "abc"} == {"a": 1, "b": 2, "c": 3}
    assert used == {"g": {"a": 1, "b": 2, "c": 3}}


def test_the_file_s_config_is_not_changed() -> None:
    config = model(layer("g"))
    before = copy.deepcopy(config)
    with_arguments(config, {"*": {"a": 1}}, OWN)
    assert config == before


def test_a_wrapped_layer_takes_what_its_wrapper_is_named_for() -> None:
    wrapper = layer("steps", "TimeDistributed", layer={"class_name": "Custom>Gate", "config": {"name": "inside"}})
    filled, used = with_arguments(model(wrapper), {"steps": {"units": 3}}, OWN)
    assert config_of(filled, 0)["layer"]["config"] == {"name": "inside", "units": 3}
    assert used == {"steps": {"units": 3}}


def test_a_model_in_a_wrapper_is_looked_into() -> None:
    inner = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer("g")]}}
    filled, used = with_arguments(model(layer("steps", "TimeDistributed", layer=inner)), {"g": {"units": 3}}, OWN)
    assert config_of(filled, 0)["layer"]["config"]["layers"][0]["config"]["units"] == 3
    assert list(used) == ["steps/g"]


def test_nothing_stated_leaves_all_as_it_is() -> None:
    config = model(layer("g"))
    assert with_arguments(config, {"Other": {"a": 1}}, OWN) == (config, {})


def test_a_bare_list_of_a_sequential_is_filled_too() -> None:
    filled, used = with_arguments({"class_name": "Sequential", "config": [layer("g")]}, {"g": {"a": 1}}, OWN)
    assert filled["config"][0]["config"]["a"] == 1
    assert used == {"g": {"a": 1}}

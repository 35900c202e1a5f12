"""A class that only bears a stock name is told by its registration or its module."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.containers.config import tree
from layerfix.legacy.packages import of_another_package, plain_class
from layerfix.legacy.stock import is_stock


@pytest.mark.parametrize(
    ("entry", "foreign"),
    [
        ({"class_name": "Dense"}, False),
        ({"class_name": "Custom>Dense"}, True),
        ({"class_name": "Addons>GELU"}, False),
        ({"class_name": "Dense", "module": "keras.layers", "registered_name": None}, False),
        ({"class_name": "Dense", "module": "builtins"}, False),
        ({"class_name": "Dense", "module": "my.layers"}, True),
        ({"class_name": "Dense", "module": "keras.layers", "registered_name": "mine>Dense"}, True),
        ({"class_name": "Dense", "module": "kerasish.layers"}, True),
    ],
)
def test_the_package_tells_whose_class_it_is(entry: dict[str, Any], foreign: bool) -> None:
    assert of_another_package(entry) is foreign
    assert plain_class(entry["class_name"]) == entry["class_name"].split(">")[-1]


def test_a_node_of_the_config_keeps_it() -> None:
    entry = {"class_name": "Custom>Dense", "config": {"name": "a"}, "name": "a"}
    (node,) = tree({"class_name": "Sequential", "config": {"layers": [entry]}})
    assert (node.class_name, node.is_foreign) == ("Dense", True)


def test_a_wrapper_around_anothers_class_is_no_stock_layer() -> None:
    inner = {"class_name": "Custom>Dense", "config": {}}
    assert not is_stock("TimeDistributed", {"layer": inner})
    assert is_stock("TimeDistributed", {"layer": {**inner, "class_name": "Dense"}})

"""The difference of two configs: each place once, layers by their names, values as JSON tells them apart."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.comparison.configs import config_changes
from layerfix.results.diff import Change


def layer(name: str, **config: object) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, **config}}


def changes(before: object, after: object) -> list[Change]:
    return list(config_changes(before, after))


@pytest.mark.parametrize("value", [None, 1, 0.5, "relu", [1, 2], {"a": {"b": [None]}}, [layer("a"), layer("b")], float("nan")])
def test_what_is_the_same_has_no_changes(value: object) -> None:
    assert changes(value, value) == []


@pytest.mark.parametrize(("before", "after"), [(1, 1.0), (True, 1), (None, False), ("1", 1), ([1, 2], [2, 1]), ([], {}), ({}, None)])
def test_values_of_other_types_or_orders_are_others(before: object, after: object) -> None:
    assert changes(before, after) == [Change("", "changed", before, after)]


def test_the_deepest_place_that_differs_is_named() -> None:
    before = {"config": {"units": 2, "activation": {"class_name": "ReLU"}}}
    after = {"config": {"units": 2, "activation": {"class_name": "ELU"}}}
    assert changes(before, after) == [Change("config/activation/class_name", "changed", "ReLU", "ELU")]


def test_members_come_in_the_order_of_the_second_and_what_is_gone_last() -> None:
    found = changes({"gone": 1, "a": 1, "b": 1}, {"b": 2, "new": 3, "a": 2})
    assert [(change.path, change.kind) for change in found] == [
        ("b", "changed"), ("new", "added"), ("a", "changed"), ("gone", "removed"),
    ]  # fmt: skip
    assert [(change.before, change.after) for change in found] == [(1, 2), (None, 3), (1, 2), (1, None)]


def test_a_member_that_is_none_is_not_one_that_is_missing() -> None:
    assert changes({"a": None}, {}) == [Change("a", "removed", None)]
    assert changes({}, {"a": None}) == [Change("a", "added", None, None)]


def test_layers_are_matched_by_name_wherever_they_stand() -> None:
    before = {"layers": [layer("a", units=1), layer("b", units=2)]}
    after = {"layers": [layer("new", units=9), layer("b", units=2), layer("a", units=3)]}
    assert changes(before, after) == [
        Change("layers/new", "added", None, layer("new", units=9)),
        Change("layers/a/config/units", "changed", 1, 3),
    ]


def test_layers_of_one_name_are_compared_as_a_whole() -> None:
    before, after = [layer("a", units=1), layer("a", units=2)], [layer("a", units=1), layer("a", units=3)]
    assert changes(before, after) == [Change("", "changed", before, after)]


def test_keys_that_are_no_text_are_told_as_text() -> None:
    assert changes({1: "a"}, {1: "b"}) == [Change("1", "changed", "a", "b")]

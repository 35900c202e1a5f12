"""Each doubt on a case that has it and on one that has not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from stories import aligned, placed, reading, weight

from layerfix.containers.reader import read
from layerfix.inference import doubts

SAMPLE = read(Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5")
KERNEL = weight("kernel")
BEFORE, BEHIND = weight("kernel", "conv_1", hidden=False), weight("kernel", "conv_2", hidden=False)


@pytest.mark.parametrize(
    ("version", "never"),
    [
        ("2.0.9", True),
        ("2.2.5", True),
        ("2.3.0", False),
        ("2.3.1", False),
        ("2.2.4-tf", False),
        ("2.1.6-tf", False),
        ("2.10.0", False),
        ("3.3.3", False),
        ("1.2.2", False),
        (None, False),
    ],
)
def test_only_keras_that_tracked_no_sublayer_never_trained_one(version: str | None, never: bool) -> None:
    checkpoint = replace(SAMPLE, keras_version=version)
    assert doubts.never_trained(checkpoint) is never
    assert doubts.training(checkpoint).stands is not never


def test_what_a_class_updates_may_have_moved() -> None:
    assert doubts.updates(weight("mean", moved=True)).stands
    assert not doubts.updates(KERNEL).stands


def test_a_weight_that_another_argument_would_make_otherwise_is_doubtful() -> None:
    assert doubts.arguments(KERNEL, frozenset({KERNEL.key})).stands
    assert not doubts.arguments(KERNEL, frozenset({("other", "kernel:0")})).stands


def test_the_class_at_hand_is_taken_for_the_one_that_trained_on_a_condition_that_is_named() -> None:
    assert doubts.class_given(by_name=True).condition == "class-by-name"
    assert doubts.class_given(by_name=False).condition == "one-session"


@pytest.mark.parametrize(
    ("names", "built_again"),
    [
        (["dense_1/kernel:0"], False),
        (["dense_1_1/kernel:0"], True),
        (["dense_12/kernel:0"], False),
        (["dense_1_x/kernel:0"], False),
        (["dense_1/kernel:0", "dense_1_2/bias:0"], True),
    ],
)
def test_a_clone_is_told_by_the_number_behind_the_owner_s_name(names: list[str], built_again: bool) -> None:
    checkpoint: Any = SimpleNamespace(weights=[SimpleNamespace(key=("dense_1", name)) for name in names])
    found = doubts.second_build(checkpoint)
    assert found.stands is built_again
    assert ("dense_1_" in found.told) is built_again


def test_a_name_with_signs_of_patterns_is_taken_as_it_is() -> None:
    checkpoint: Any = SimpleNamespace(weights=[SimpleNamespace(key=("d.(", "d.(_1/kernel:0"))])
    assert doubts.second_build(checkpoint).stands


@pytest.mark.parametrize(("bound", "stands"), [(-12.0, False), (-6.0, False), (-5.9, True), (0.0, True)])
def test_a_numpy_seed_is_certain_from_one_in_a_million(bound: float, stands: bool) -> None:
    assert doubts.numpy_seed(reading(aligned(), bound=bound)).stands is stands


def test_kernels_from_elsewhere_put_the_session_in_doubt_without_any_condition() -> None:
    plain = doubts.session(reading(aligned()))
    assert (plain.stands, plain.condition) == (True, "one-session")
    foreign = doubts.session(reading(aligned(), foreign=[("conv_1", "kernel:0")]))
    assert (foreign.stands, foreign.condition) == (True, None)
    assert "conv_1/kernel:0" in foreign.told


@pytest.mark.parametrize(
    ("before", "behind", "from_start", "claimed", "stands"),
    [
        (9.0, 9.0, False, True, False),
        (None, 9.0, True, True, False),
        (None, 9.0, False, True, True),
        (9.0, None, True, True, True),
        (3.9, 9.0, False, True, True),
        (9.0, 3.9, False, True, True),
        (9.0, 9.0, True, False, True),
    ],
)
def test_a_place_is_checked_where_something_sure_stands_on_both_sides(
    before: float | None, behind: float | None, from_start: bool, claimed: bool, stands: bool
) -> None:
    item = placed(KERNEL, 2, 22, claimed=claimed)
    alignment = aligned(placed(BEFORE, 0, 11, before), item, placed(BEHIND, 4, 33, behind), from_start=from_start)
    assert doubts.structure(reading(alignment), item).stands is stands


def test_another_order_that_gives_another_op_seed_is_a_doubt_and_one_that_gives_the_same_is_none() -> None:
    item = placed(KERNEL, 2, 22)
    mine = aligned(item)
    assert not doubts.order(reading(mine), item).stands
    assert not doubts.order(reading(mine, aligned(placed(KERNEL, 2, 22))), item).stands
    assert doubts.order(reading(mine, aligned(placed(KERNEL, 4, 23))), item).stands
    assert doubts.order(reading(mine, aligned(placed(KERNEL, 2, 22, claimed=False))), item).stands
    assert doubts.order(reading(mine, complete=False), item).stands


def test_signs_that_lapack_settles_otherwise_are_a_doubt_of_orthogonal_kernels_alone() -> None:
    assert not doubts.rounding(weight("kernel", shape=(4, 4)), orthogonal=False).stands
    shapes = [(4, 4), (16, 4), (8, 9), (600, 600)]
    assert [doubts.rounding(weight("kernel", shape=shape), orthogonal=True).stands for shape in shapes] == [False, False, True, True]


def test_of_several_places_the_first_doubt_that_stands_is_told() -> None:
    sure, shaky = placed(weight("a"), 2, 22), placed(weight("b"), 8, 44)
    alignment = aligned(placed(BEFORE, 0, 11, 9.0), sure, placed(BEHIND, 4, 33, 9.0), shaky)
    found = {doubt.name: doubt.stands for doubt in doubts.of_place(reading(alignment), [sure, shaky])}
    assert found == {"bound": False, "session": True, "structure": True, "order": False}

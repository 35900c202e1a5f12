"""Layers of a file by the names of its tensors alone, whatever wrote it; what trains or measures is no layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.containers.donor_records import Donor, DonorEntry
from layerfix.matching.records import Leaf
from layerfix.matching.stored import by_position, stored_leaves


def donor(*entries: DonorEntry, kind: Any = "tf-checkpoint") -> Donor:
    return Donor(Path("f"), kind, entries, reader=lambda entry: np.zeros(entry.shape))


def entry(name: str, *shape: int, attribute: str = "", key: tuple[str, str] | None = None, dtype: str = "float32") -> DonorEntry:
    return DonorEntry(name, shape, dtype, key, attribute=attribute)


def told(found: list[Leaf]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(leaf.path, leaf.roles) for leaf in found]


def test_a_layer_is_what_stands_before_the_last_part_of_a_name() -> None:
    found = stored_leaves(donor(entry("model/dense/kernel", 3, 2), entry("model/dense/bias", 2), entry("model/out/kernel", 2, 1)))
    assert told(found) == [(("model", "dense"), ("kernel", "bias")), (("model", "out"), ("kernel",))]
    assert found[0].shapes == ((3, 2), (2,))
    assert found[0].keys == ("model/dense/kernel", "model/dense/bias")


def test_layers_are_put_in_order_by_their_numbers() -> None:
    found = stored_leaves(donor(*(entry(f"dense_{number}/kernel", 1) for number in (10, 9, 2))))
    assert [leaf.name for leaf in found] == ["dense_2", "dense_9", "dense_10"]


@pytest.mark.parametrize(
    "name",
    [
        "optimizer/iter", "Adam/dense/kernel/m", "training/SGD/momentum", "save_counter/value", "dense/kernel/.OPTIMIZER_SLOT/optimizer/m",
        "metrics/mean/total", "dropout/seed_generator/state", "dropout/seed_generator_3/state",
    ],
)  # fmt: skip
def test_what_trains_measures_or_draws_is_no_layer(name: str) -> None:
    assert stored_leaves(donor(entry(name, 3))) == []


def test_text_is_no_weight() -> None:
    assert stored_leaves(donor(entry("lookup/table", 3, dtype="string"), entry("a/b", 1, dtype="object"))) == []


def test_a_cell_is_the_layer_that_it_is_in() -> None:
    (found,) = stored_leaves(donor(entry("lstm/lstm_cell/kernel", 3, 8), entry("lstm/lstm_cell/bias", 8)))
    assert found.path == ("lstm",)


def test_layers_that_a_file_finds_by_attributes_keep_them() -> None:
    (found,) = stored_leaves(donor(entry("dense/kernel", 3, 2, attribute="blocks/0/kernel")))
    assert (found.attributes, found.order) == (frozenset({"blocks/0"}), -1)


def test_groups_that_keras_numbers_stand_in_the_model_s_order() -> None:
    entries = [entry(f"dense_{n}/kernel", 1, attribute=f"layers/dense_{n}/vars/0", key=(f"layers/dense_{n}", "vars/0")) for n in (2, 10)]
    found = stored_leaves(donor(*entries, kind="weights-v3"))
    assert [(leaf.order, sorted(leaf.attributes)) for leaf in found] == [(0, ["layers/dense_2"]), (1, ["layers/dense_10"])]


def test_keras_1_names_weights_without_a_slash() -> None:
    found = stored_leaves(donor(entry("dense_1/dense_1_W", 3, 2, key=("dense_1", "dense_1_W")), kind="keras-hdf5"))
    assert told(found) == [(("dense_1",), ("W",))]


def test_a_name_of_one_part_belongs_to_a_layer_without_a_name() -> None:
    assert told(stored_leaves(donor(entry("kernel", 3, 2), kind="npz"))) == [(("",), ("kernel",))]


LIVE = [Leaf(("a",), ("kernel", "bias"), ((3, 2), (2,)), frozenset(), 0), Leaf(("b",), ("kernel",), ((2, 1),), frozenset(), 1)]


def test_arrays_of_get_weights_are_cut_into_the_model_s_layers_by_number() -> None:
    entries = [entry("arr_10", 2, 1), entry("arr_2", 2), entry("arr_0", 3, 2)]
    found = by_position(donor(*entries, kind="npz"), LIVE)
    assert found is not None
    assert [leaf.keys for leaf in found] == [("arr_0", "arr_2"), ("arr_10",)]
    assert [sorted(leaf.attributes) for leaf in found] == [["position 0"], ["position 1"]]


@pytest.mark.parametrize(
    "given",
    [
        donor(entry("arr_0", 3, 2), entry("arr_1", 2), entry("arr_2", 2, 2), kind="npz"),
        donor(entry("arr_0", 3, 2), entry("arr_1", 2), kind="npz"),
        donor(entry("arr_0", 3, 2), entry("arr_1", 2), entry("kernel", 2, 1), kind="npz"),
        donor(entry("arr_0", 3, 2), entry("arr_1", 2), entry("arr_2", 2, 1)),
    ],
    ids=["other shapes", "fewer", "named", "no npz"],
)
def test_anything_else_is_not_cut(given: Donor) -> None:
    assert by_position(given, LIVE) is None

"""Preprocessing layers in the words of tf.keras 2.3 to 2.5, as 2.6 and later say the same (tensorflow 2.4, layers/preprocessing)."""

from __future__ import annotations

from typing import Any

import pytest
from architectures import rules, today

from layerfix.errors import GraphError


def settings(class_name: str, version: str = "2.4.0", **config: Any) -> dict[str, Any]:
    (found,) = today((class_name, config), version=version)
    return found.settings


@pytest.mark.parametrize(
    ("class_name", "before", "after"),
    [
        ("CategoryEncoding", {"max_tokens": 5, "output_mode": "binary"}, {"num_tokens": 5, "output_mode": "multi_hot"}),
        ("CategoryEncoding", {"max_tokens": 5, "output_mode": "count"}, {"num_tokens": 5, "output_mode": "count"}),
        ("IntegerLookup", {"max_values": 9, "mask_value": 0, "oov_value": -1, "vocabulary": [1, 2]},
         {"max_tokens": 9, "mask_token": 0, "oov_token": -1, "vocabulary": [1, 2]}),
        ("Discretization", {"bins": [0.0, 1.0]}, {"bin_boundaries": [0.0, 1.0]}),
        ("Discretization", {"bins": [0.0, 1.0, float("inf")]}, {"bin_boundaries": [0.0, 1.0]}),
        ("Discretization", {"bin_boundaries": [-1.0, 2]}, {"bin_boundaries": [-1.0, 2]}),
        ("Hashing", {"num_bins": 3, "salt": [0xDECAFCAFFE, 0xDECAFCAFFE], "dtype": "float32"},
         {"num_bins": 3, "salt": None, "dtype": "int64"}),
        ("Hashing", {"num_bins": 3, "salt": [1, 2], "dtype": "int64"}, {"num_bins": 3, "salt": [1, 2], "dtype": "int64"}),
    ],
)  # fmt: skip
def test_experimental_words_are_those_of_2_6(class_name: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    assert settings(class_name, **before) == after


def test_boundaries_that_were_learned_stand_for_their_number() -> None:
    found = settings("Discretization", "3.9.2", num_bins=3, bin_boundaries=[0.0, 1.0], output_mode="int")
    assert (found.get("num_bins"), found["bin_boundaries"]) == (None, [0.0, 1.0])
    assert settings("Discretization", "3.9.2", num_bins=3, bin_boundaries=None)["num_bins"] == 3


def test_a_salt_that_2_6_states_is_one_that_it_used() -> None:
    salt = [0xDECAFCAFFE, 0xDECAFCAFFE]
    assert settings("Hashing", "2.6.0", num_bins=3, salt=salt, dtype="int64")["salt"] == salt


@pytest.mark.parametrize("name", ["TextVectorization", "StringLookup", "CategoryEncoding"])
def test_weights_of_tf_idf_that_are_not_there_are_missed(name: str) -> None:
    words = {} if name == "CategoryEncoding" else {"vocabulary": ["a"]}
    with pytest.raises(GraphError, match="tf_idf are not in its config"):
        settings(name, output_mode="tf-idf", **words)


def test_weights_of_tf_idf_that_are_stated_stay() -> None:
    found = settings("StringLookup", "2.10.0", output_mode="tf_idf", vocabulary=["a"], idf_weights=[1.0])
    assert (found["output_mode"], found["idf_weights"]) == ("tf_idf", [1.0])


def test_what_is_already_in_today_s_words_fires_nothing() -> None:
    assert "experimental_words" not in rules(("CategoryEncoding", {"num_tokens": 5, "output_mode": "multi_hot"}), version="2.6.0")


@pytest.mark.parametrize("class_name", ["RandomHeight", "RandomWidth"])
def test_a_random_size_passes_its_input_on(class_name: str) -> None:
    (found,) = today((class_name, {"factor": 0.3, "interpolation": "bilinear", "seed": None}), version="2.4.0", shape=[4, 4, 1])
    assert (found.class_name, found.settings) == ("Identity", {})


@pytest.mark.parametrize("version", ["2.4.0", "2.15.0", "3.3.3"])
def test_a_crop_that_resized_what_it_predicted_is_refused(version: str) -> None:
    with pytest.raises(GraphError, match="RandomCrop resized pictures"):
        settings("RandomCrop", version, height=3, width=5)


def test_a_crop_of_today_is_taken_as_it_is() -> None:
    assert settings("RandomCrop", "3.9.0", height=3, width=5)["width"] == 5

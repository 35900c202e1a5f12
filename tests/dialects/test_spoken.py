"""What the words of a config tell of who wrote it."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.dialects.spoken import source_of, written_by_tensorflow1


def model(*configs: dict[str, Any]) -> dict[str, Any]:
    layers = [{"class_name": config.pop("class", "Dense"), "config": config} for config in configs]
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


def test_a_stated_version_is_taken_as_it_is() -> None:
    source = source_of(model({"border_mode": "same"}), "2.2.4", "theano", ["Mine"])
    assert (source.keras_version, source.backend, source.custom) == ("2.2.4", "theano", frozenset({"Mine"}))


@pytest.mark.parametrize("word", ["border_mode", "inner_init", "W_regularizer", "nb_filter"])
def test_words_of_keras_1_tell_keras_1_where_nothing_is_stated(word: str) -> None:
    inner = {"class_name": "Dense", "config": {word: None}}
    assert source_of(model({"layer": inner}), None, None, ()).is_keras1
    assert source_of(model({"layer": {"class_name": "Dense", "config": {}}}), None, None, ()).keras_version is None


@pytest.mark.parametrize(
    ("initializer", "first"),
    [
        ({"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}}, True),
        ({"class_name": "GlorotUniform", "config": {"seed": None}}, False),
        ({"class_name": "Zeros", "config": None}, False),
        ("glorot_uniform", None),
        (None, None),
    ],
)
def test_a_dtype_in_initializers_tells_tensorflow_1(initializer: Any, first: bool | None) -> None:
    config = model({"class": "Flatten"}, {"kernel_initializer": initializer, "dtype": "float32"})
    assert written_by_tensorflow1(config) is first
    assert source_of(config, "2.2.4-tf", "tensorflow", ()).tensorflow1 is first


def test_one_initializer_with_a_dtype_beside_another_without_is_tensorflow_1() -> None:
    both = {"kernel_initializer": {"config": {"dtype": "float32"}}, "bias_initializer": {"config": {}}}
    assert written_by_tensorflow1(model(both)) is True


@pytest.mark.parametrize(
    ("config", "masks"),
    [
        ({"class": "Masking", "mask_value": 0.0}, True),
        ({"class": "Embedding", "mask_zero": True}, True),
        ({"class": "Embedding", "mask_zero": False}, False),
        ({"class": "TimeDistributed", "layer": {"class_name": "Masking", "config": {}}}, True),
        ({"class": "Dense"}, False),
    ],
)
def test_a_layer_that_makes_a_mask_is_seen_anywhere(config: dict[str, Any], masks: bool) -> None:
    assert source_of(model({"class": "Flatten"}, config), "2.2.4", None, ()).masks is masks


def test_every_ordering_that_layers_state_is_collected() -> None:
    config = model({"dim_ordering": "th"}, {"dim_ordering": "tf"}, {"dim_ordering": "default"}, {"dim_ordering": "th"})
    assert source_of(config, "1.2.2", None, ()).orderings == {"th", "tf"}

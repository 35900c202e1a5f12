"""What rules know of the release that wrote a config, and how a config that no Keras writes is told."""

from __future__ import annotations

import pytest

from layerfix.dialects.records import Source, is_entry, layer_class, understood
from layerfix.errors import GraphError


@pytest.mark.parametrize(
    ("version", "numbers", "tf_keras", "keras1", "keras3"),
    [
        ("1.2.2", (1, 2, 2), False, True, False),
        ("2.0.9", (2, 0, 9), False, False, False),
        ("2.2.4", (2, 2, 4), False, False, False),
        ("2.1.6-tf", (2, 1, 6), True, False, False),
        ("2.2.4-tf", (2, 2, 4), True, False, False),
        ("2.3.1", (2, 3, 1), False, False, False),
        ("2.4.0", (2, 4, 0), True, False, False),
        ("2.15.0", (2, 15, 0), True, False, False),
        ("3.3.3", (3, 3, 3), True, False, True),
        ("tfjs-layers 4.22.0", (2, 4, 0), True, False, False),
        (None, (2, 0, 0), False, False, False),
        ("nonsense", (2, 0, 0), False, False, False),
    ],
)
def test_a_version_tells_generation_and_release(
    version: str | None, numbers: tuple[int, int, int], tf_keras: bool, keras1: bool, keras3: bool
) -> None:
    source = Source(version, "tensorflow")
    assert (source.release, source.is_tf_keras, source.is_keras1, source.is_keras3) == (numbers, tf_keras, keras1, keras3)


def test_a_release_of_keras_1_that_only_words_tell_is_unstated() -> None:
    assert Source("1.0", None).unstated
    assert not Source("1.0.0", None).unstated


@pytest.mark.parametrize(
    "error", [KeyError("units"), IndexError(), TypeError("x"), ValueError("x"), AttributeError("x"), ZeroDivisionError("x")]
)
def test_what_python_raises_on_a_config_is_a_finding_about_it(error: Exception) -> None:
    with pytest.raises(GraphError, match="written as no release of Keras writes it") as told, understood("dense_1"):
        raise error
    assert told.value.where == "dense_1"
    assert told.value.__cause__ is error


def test_an_error_of_ours_and_one_of_the_machine_pass_through() -> None:
    with pytest.raises(GraphError, match="as it is"), understood("dense_1"):
        raise GraphError("as it is")
    with pytest.raises(OSError), understood("dense_1"):  # noqa: PT011
        raise OSError


@pytest.mark.parametrize(
    ("value", "entry"),
    [({"class_name": "A", "config": {}}, True), ({"class_name": "A"}, False), ({"config": {}}, False), ([], False), (None, False)],
)
def test_an_entry_has_a_class_and_a_config(value: object, entry: bool) -> None:
    assert is_entry(value) is entry


def test_a_class_is_told_without_its_package() -> None:
    assert layer_class({"class_name": "Custom>Gate"}) == "Gate"
    assert layer_class({}) == "None"

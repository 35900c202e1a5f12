"""What a function's code calls by many names has one, and what reaches beyond arithmetic is told."""

from __future__ import annotations

import pytest

from layerfix.bytecode.modules import canonical, unsafe


@pytest.mark.parametrize(
    ("spelt", "name"),
    [
        ("K.mean", "K.mean"),
        ("keras.backend.mean", "K.mean"),
        ("tf.keras.backend.mean", "K.mean"),
        ("tensorflow.python.keras.backend.mean", "K.mean"),
        ("K.backend.mean", "K.mean"),
        ("K.ops.mean", "ops.mean"),
        ("K.activations.relu", "keras.activations.relu"),
        ("K.tf.nn.relu", "tf.relu"),
        ("tf.math.reduce_sum", "tf.reduce_sum"),
        ("tf.compat.v1.image.resize", "tf.image.resize_images"),
        ("tf.pack", "tf.stack"),
    ],
)
def test_a_function_has_one_name_however_it_is_spelt(spelt: str, name: str) -> None:
    assert canonical(spelt) == name


@pytest.mark.parametrize("spelt", ["K.backend", "tf.compat.v1", "tf.compat.v1.image"])
def test_a_place_on_the_way_keeps_its_name_until_a_function_is_named(spelt: str) -> None:
    assert canonical(spelt) == spelt


def test_names_beyond_arithmetic_are_told_in_order() -> None:
    assert unsafe({"mean", "system", "os", "__class__", "__", "x"}) == ["__class__", "os", "system"]

"""Objects below a live layer, in the places that each release's files have for them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.graph.saved_objects import is_seed, own_variables, saved_objects


class Block(keras.layers.Layer):
    """Layers in an attribute, a private one, a list, and one held twice."""

    def __init__(self) -> None:
        super().__init__()
        self.first = keras.layers.Dense(2)
        self._hidden = keras.layers.Dense(3)
        self.parts = [keras.layers.Dense(4), keras.layers.Dense(5)]
        self.again = self.first

    def build(self, shape: Any) -> None:
        for layer in (self.first, self._hidden, *self.parts):
            layer.build((None, 1))
        self.scale = self.add_weight(shape=(7,))
        super().build(shape)


@pytest.fixture(scope="module")
def block() -> Block:
    made = Block()
    made.build((None, 1))
    return made


def places(block: Block, stored: set[str], version: str) -> dict[str | None, int]:
    """By place, the length of the object's last own variable."""
    return {place: int(own_variables(item)[-1].shape[-1]) for item, place in saved_objects(block, "", stored, version)}


KERAS_3 = {"", "again/", "_hidden/", "parts/dense/", "parts/dense_1/"}


def test_keras_3_visits_public_attributes_first_and_a_shared_object_under_its_first_name(block: Block) -> None:
    assert places(block, KERAS_3, "3.15.1") == {"": 7, "again/": 2, "parts/dense/": 4, "parts/dense_1/": 5, "_hidden/": 3}


def test_keras_2_15_goes_through_names_from_behind(block: Block) -> None:
    stored = {"", "first/", "_hidden/", "parts/dense/", "parts/dense_1/"}
    assert places(block, stored, "2.15.0") == {"": 7, "first/": 2, "parts/dense/": 4, "parts/dense_1/": 5, "_hidden/": 3}


def test_an_object_that_the_file_has_no_place_for_is_given_with_none(block: Block) -> None:
    found = [place for _, place in saved_objects(block, "", KERAS_3 - {"_hidden/"}, "3.15.1")]
    assert found.count(None) == 1


def test_an_underscore_before_a_name_may_have_become_one_between_names(block: Block) -> None:
    stored = {"block/", "block/again/", "block_hidden/", "block/_hidden/", "block/parts/dense/", "block/parts/dense_1/"}
    found = {place for _, place in saved_objects(block, "block/", stored, "3.15.1")}
    assert None not in found


def test_a_seed_s_state_is_its_own_variable() -> None:
    seed = keras.random.SeedGenerator(3)
    assert is_seed(seed)
    assert own_variables(seed)[0] is seed.state
    assert own_variables(object()) == []


def test_what_is_trained_comes_before_what_is_not() -> None:
    layer = keras.layers.BatchNormalization()
    layer.build((None, 2))
    assert [np.asarray(variable).tolist() for variable in own_variables(layer)] == [[1, 1], [0, 0], [0, 0], [1, 1]]

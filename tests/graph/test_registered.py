"""Classes are registered for a while, and win over what is registered for all."""

from __future__ import annotations

import keras

from layerfix.graph.registered import registered
from layerfix.layers.denoising import DenoisingLayer


class Other(keras.layers.Layer):
    pass


def test_a_class_wins_over_the_one_that_ships_and_gives_its_place_back():
    keras.saving.get_custom_objects()["Denoising_layer"] = DenoisingLayer
    with registered({"Denoising_layer": Other}):
        assert keras.saving.get_registered_object("Denoising_layer") is Other
    assert keras.saving.get_registered_object("Denoising_layer") is DenoisingLayer


def test_what_was_registered_inside_goes_with_the_rest():
    with registered({}):
        keras.saving.get_custom_objects()["of_this_test"] = Other
    assert "of_this_test" not in keras.saving.get_custom_objects()

"""Losses that today's Keras computes differently are named."""

import pytest

from layerfix.dialects.losses import loss_notes
from layerfix.model import Layer, Model, Tensor


def model(activation):
    layer = Layer("Dense", "classes", {"activation": activation})
    return Model("Functional", "m", (layer,), outputs=Tensor("classes", 0, 0))


@pytest.mark.parametrize("loss", ["binary_crossentropy", ["binary_crossentropy"], {"classes": "binary_crossentropy"}])
def test_binary_crossentropy_behind_a_softmax_is_named(loss):
    assert "softmax of classes" in loss_notes(model("softmax"), loss)[0]


def test_usual_pairs_are_not():
    assert not loss_notes(model("sigmoid"), "binary_crossentropy")
    assert not loss_notes(model("softmax"), "categorical_crossentropy")

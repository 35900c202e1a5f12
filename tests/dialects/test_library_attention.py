"""keras_self_attention's layers become stock layers that compute the same, or are refused by name."""

import numpy as np
import pytest

from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.graph.build import build_model
from layerfix.reference.libraries import LIBRARIES

STEPS, SIZE = 7, 4
SELF = {
    "units": 5,
    "attention_width": None,
    "attention_type": "additive",
    "return_attention": False,
    "history_only": False,
    "use_additive_bias": True,
    "use_attention_bias": True,
    "attention_activation": None,
}


def one(class_name, settings, *before):
    layers = [{"class_name": "InputLayer", "config": {"name": "start", "batch_input_shape": [None, STEPS, SIZE]}}, *before]
    layers.append({"class_name": class_name, "config": {"name": "attention", **settings}})
    return {"class_name": "Sequential", "config": {"name": "s", "layers": layers}}


def weights_of(class_name, settings, generator):
    if class_name == "SeqWeightedAttention":
        shapes = [(SIZE, 1), (1,)] if settings["use_bias"] else [(SIZE, 1)]
    elif settings["attention_type"] == "additive":
        shapes = [(SIZE, 5), (SIZE, 5), (5,), (5, 1), (1,)]
    else:
        shapes = [(SIZE, SIZE)]
    return [generator.normal(size=shape).astype("float32") for shape in shapes]


@pytest.mark.parametrize(
    ("class_name", "settings"),
    [
        ("SeqWeightedAttention", {"use_bias": True, "return_attention": False}),
        ("SeqWeightedAttention", {"use_bias": False, "return_attention": False}),
        ("SeqSelfAttention", SELF),
        ("SeqSelfAttention", {**SELF, "attention_activation": "sigmoid", "attention_width": 4}),
        ("SeqSelfAttention", {**SELF, "history_only": True}),
        ("SeqSelfAttention", {**SELF, "history_only": True, "attention_width": 3}),
        ("SeqSelfAttention", {**SELF, "attention_type": "multiplicative", "use_attention_bias": False, "attention_width": 1}),
    ],
)
def test_composed_layer_computes_what_the_library_does(class_name, settings):
    generator = np.random.default_rng(0)
    arrays, x = weights_of(class_name, settings, generator), generator.normal(size=(2, STEPS, SIZE)).astype("float32")
    built = build_model(upgrade(one(class_name, settings), "2.15.0", "tensorflow").model)
    built.set_weights(arrays)
    expected = LIBRARIES[class_name](settings, [x.astype(float)], [array.astype(float) for array in arrays])
    np.testing.assert_allclose(built.predict(x, verbose=0), expected, atol=1e-5)


def test_weights_of_the_attention_are_a_second_output():
    settings = {**SELF, "return_attention": True}
    made = upgrade(one("SeqSelfAttention", settings), "2.15.0", "tensorflow").model.layers[-1].model
    assert made is not None
    assert [tensor.layer for tensor in made.outputs] == ["attention_result", "attention_weights"]


@pytest.mark.parametrize("class_name", ["SeqSelfAttention", "SeqWeightedAttention"])
def test_masks_are_refused_by_name(class_name):
    masking = {"class_name": "Masking", "config": {"name": "masking", "mask_value": 0.0}}
    settings = SELF if class_name == "SeqSelfAttention" else {"use_bias": True, "return_attention": False}
    with pytest.raises(GraphError, match=f"{class_name} in a model with masks"):
        upgrade(one(class_name, settings, masking), "2.15.0", "tensorflow")


@pytest.mark.parametrize("settings", [{}, {"units": 3}])
def test_class_of_that_name_with_other_settings_is_nobodys(settings):
    made = upgrade(one("SeqSelfAttention", settings), "2.15.0", "tensorflow").model.layers[-1]
    assert made.custom

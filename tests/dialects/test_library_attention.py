"""keras_self_attention's layers become stock layers that compute the same, masks included; what its releases differ in is a doubt."""

import numpy as np
import pytest

from layerfix.dialects.untold import untold
from layerfix.dialects.upgrade import upgrade
from layerfix.graph.build import build_model
from layerfix.predictions import difference
from layerfix.reference.chains import MASKED
from layerfix.reference.libraries import LIBRARIES
from layerfix.reference.masked_values import Value

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


MASKING = {"class_name": "Masking", "config": {"name": "masking", "mask_value": 0.0}}


@pytest.mark.parametrize(
    ("class_name", "settings", "passes"),
    [
        ("SeqWeightedAttention", {"use_bias": True, "return_attention": False}, False),
        ("SeqSelfAttention", {**SELF, "attention_activation": "tanh"}, True),
        ("SeqSelfAttention", {**SELF, "attention_type": "multiplicative", "use_attention_bias": False}, True),
    ],
)
def test_masked_steps_count_as_the_library_counts_them(class_name, settings, passes):
    generator = np.random.default_rng(1)
    arrays, x = weights_of(class_name, settings, generator), generator.normal(size=(3, STEPS, SIZE)).astype("float32")
    x[0, 4:] = x[1, :2] = x[2, 3] = 0
    architecture = upgrade(one(class_name, settings, MASKING), "2.15.0", "tensorflow").model
    built = build_model(architecture)
    built.set_weights(arrays)
    mask = x.any(-1)
    (expected,) = MASKED[class_name](settings, Value(x.astype(float), mask), [array.astype(float) for array in arrays])
    np.testing.assert_allclose(built.predict(x, verbose=0), expected.array, atol=1e-5)
    assert (architecture.layers[-1].masked.passes, expected.mask is mask) == (passes, passes)
    assert difference(built.predict(x, verbose=0), LIBRARIES[class_name](settings, [x.astype(float)], arrays)) > 1e-2


@pytest.mark.parametrize(
    ("class_name", "settings", "before", "told"),
    [
        ("SeqSelfAttention", {**SELF, "attention_width": 3}, (), "0.46 took no notice of attention_width"),
        ("SeqSelfAttention", {**SELF, "history_only": True}, (), "0.46 took no notice of attention_width"),
        ("SeqSelfAttention", SELF, (MASKING,), "before 0.46 attended to no masked step"),
        ("SeqWeightedAttention", {"use_bias": True, "return_attention": False}, (MASKING,), "before 0.46 gave zeros"),
        ("SeqSelfAttention", SELF, (), ""),
        ("SeqWeightedAttention", {"use_bias": True, "return_attention": False}, (), ""),
    ],
)
def test_what_releases_of_the_library_compute_otherwise_is_a_doubt(class_name, settings, before, told):
    fired = upgrade(one(class_name, settings, *before), "2.2.4", "tensorflow").rules
    (rule,) = (rule for rule in fired if rule.name.endswith("attention"))
    assert told in rule.doubt
    assert bool(rule.doubt) == bool(told)
    assert len(untold({}, "2.2.4", fired)) == bool(told)


@pytest.mark.parametrize("settings", [{}, {"units": 3}])
def test_class_of_that_name_with_other_settings_is_nobodys(settings):
    made = upgrade(one("SeqSelfAttention", settings), "2.15.0", "tensorflow").model.layers[-1]
    assert made.custom

"""The way down in words: what an older Keras would read otherwise is said in its way, or refused by name, all of it at once."""

from __future__ import annotations

import keras
import pytest
from keras import Input, Model, Sequential, layers, ops

from layerfix.dialects.down.models import say_down
from layerfix.dialects.down.older_keras3 import say_older
from layerfix.dialects.down.targets import target_of
from layerfix.dialects.keras2.settings import legacy_hard_sigmoid
from layerfix.errors import GraphError, UsageError
from layerfix.graph.today import stated


def said(model, target="tf2.10"):
    return say_down(stated(model), target_of(target)).config


def by_name(config):
    return {layer.get("name") or layer["config"]["name"]: layer for layer in config["config"]["layers"]}


def masked(mask=None):
    ids = Input((5,), dtype="int32", name="ids")
    x = layers.Embedding(9, 4, mask_zero=True, name="words")(ids)
    out = layers.LSTM(3, name="lstm")(x, **({"mask": mask(ids)} if mask else {}))
    return Model(ids, out)


def test_an_input_states_batch_input_shape_and_no_younger_argument():
    config = said(Sequential([Input((6,), name="start"), layers.Dense(2)]))
    assert config["config"]["layers"][0]["config"] == {"batch_input_shape": [None, 6], "dtype": "float32", "name": "start"} | (
        {"sparse": False, "ragged": False}
    )
    assert "quantization_config" not in config["config"]["layers"][1]["config"]
    assert config["config"]["layers"][1]["config"]["dtype"] == "float32"


def test_masks_that_layers_make_by_themselves_leave_the_graph():
    names = by_name(said(masked()))
    assert sorted(names) == ["ids", "lstm", "words"]
    assert names["lstm"]["inbound_nodes"] == [[["words", 0, 0, {}]]]


def test_another_mask_than_the_layers_own_is_refused():
    with pytest.raises(GraphError, match="lstm: a mask that older Keras would not make"):
        said(masked(lambda ids: ops.not_equal(ids, 3)))


def test_a_nested_model_counts_its_own_node_first():
    inner = Model(start := Input((4,)), layers.Dense(3, name="d")(start), name="inner")
    one, two = Input((4,), name="one"), Input((4,), name="two")
    config = said(Model([one, two], layers.Concatenate(name="join")([inner(one), inner(two)])))
    assert by_name(config)["join"]["inbound_nodes"] == [[["inner", 1, 0, {}], ["inner", 2, 0, {}]]]


def test_an_operation_is_a_flat_node_of_tfoplambda():
    start = Input((4,), name="start")
    config = said(Model(start, 1.0 - ops.square(start)))
    calls = [layer["inbound_nodes"][0] for layer in config["config"]["layers"] if layer["class_name"] == "TFOpLambda"]
    assert calls[0] == ["start", 0, 0, {}]
    assert calls[1][:3] == ["_CONSTANT_VALUE", -1, 1.0]
    assert calls[1][3]["y"][1:] == [0, 0]


def test_hard_sigmoid_scales_the_weights_before_it():
    odd = [layers.RMSNormalization(name="rms"), layers.Dense(2, "hard_silu", name="dense"), layers.Conv1D(2, 1, groups=2)]
    model = Sequential([Input((4, 4)), *odd])
    with pytest.raises(GraphError) as refused:
        said(model, "keras2.2.4")
    for word in ("rms", "hard_silu", "groups=2"):
        assert word in str(refused.value)


def test_the_hard_sigmoid_of_a_file_that_came_up_has_its_name_again():
    old = keras.saving.deserialize_keras_object(legacy_hard_sigmoid())
    model = Sequential([Input((4, 3)), layers.LSTM(2, recurrent_activation=old, name="lstm"), layers.Dense(2, old, name="dense")])
    work = say_down(stated(model), target_of("keras2.2.4"))
    names = by_name(work.config)
    assert names["lstm"]["config"]["recurrent_activation"] == names["dense"]["config"]["activation"] == "hard_sigmoid"
    assert not work.scaled


def test_another_model_as_an_activation_is_refused():
    other = Sequential([layers.Rescaling(0.25, 0.5), layers.ReLU(1.0)])
    with pytest.raises(GraphError, match="dense: the activation"):
        said(Sequential([Input((3,)), layers.Dense(2, other, name="dense")]))


def masked_both(**settings):
    both = layers.Bidirectional(layers.LSTM(2, **settings), name="both")
    return Sequential([Input((5,)), layers.Embedding(9, 4, mask_zero=True), both])


@pytest.mark.parametrize(
    ("target", "settings", "alike"),
    [
        ("keras2.2.4", {"return_sequences": True, "zero_output_for_mask": None}, True),
        ("keras2.2.4", {"return_sequences": True}, False),
        ("keras2.2.4", {}, True),
        ("tf2.10", {"return_sequences": True}, True),
        ("tf2.10", {"return_sequences": True, "zero_output_for_mask": None}, False),
        ("tfjs", {}, False),
    ],
)
def test_a_masked_bidirectional_goes_where_its_masked_steps_are_filled_alike(target, settings, alike):
    if alike:
        assert by_name(said(masked_both(**settings), target))["both"]["class_name"] == "Bidirectional"
    else:
        with pytest.raises(GraphError, match="both: masked Bidirectional"):
            said(masked_both(**settings), target)


def steps(inner):
    return Sequential([Input((5, 4)), layers.Masking(), layers.TimeDistributed(inner, name="steps"), layers.LSTM(2)])


def test_a_mask_goes_through_a_dense_layer_at_each_step():
    assert by_name(said(steps(layers.Dense(3)), "keras2.2.4"))["steps"]["class_name"] == "TimeDistributed"
    with pytest.raises(GraphError, match="steps: masked TimeDistributed"):
        said(steps(Sequential([Input((4,)), layers.Dense(3)])), "keras2.2.4")


def test_a_mask_ends_at_layers_that_take_none():
    start = Input((5, 3))
    x = layers.Conv1D(4, 2, name="conv")(layers.Masking()(start))
    model = Model(start, layers.LSTM(2, name="lstm")(x))
    assert by_name(said(model, "tf2.4"))["lstm"]["inbound_nodes"] == [[["conv", 0, 0, {}]]]
    with pytest.raises(GraphError, match="conv: Conv1D of what is masked"):
        said(model, "keras2.2.4")


def test_training_is_left_to_the_call_of_the_whole_model():
    start = Input((6, 6, 3), name="start")
    config = said(Model(start, layers.RandomFlip(name="flip")(start)))
    assert by_name(config)["flip"]["inbound_nodes"] == [[["start", 0, 0, {}]]]


def test_swish_and_alpha_are_what_tf_keras_calls_them():
    names = by_name(said(Sequential([Input((3,)), layers.Dense(2, "silu", name="dense"), layers.LeakyReLU(0.2, name="leaky")])))
    assert names["dense"]["config"]["activation"] == "swish"
    assert names["leaky"]["config"]["alpha"] == pytest.approx(0.2)
    assert "negative_slope" not in names["leaky"]["config"]


def test_an_unmasked_bidirectional_goes_to_multi_backend_keras_with_one_layer():
    config = said(Sequential([Input((5, 3)), layers.Bidirectional(layers.GRU(2), name="both")]), "keras2.2.4")
    assert {"layer", "merge_mode"} <= by_name(config)["both"]["config"].keys()
    assert "backward_layer" not in by_name(config)["both"]["config"]


def test_an_older_keras3_gets_names_of_dtypes_and_no_younger_argument():
    model = Sequential([Input((4,)), layers.Dense(2, kernel_initializer="orthogonal", name="dense")])
    config = by_name(say_older(stated(model), target_of("keras3.3")).config)["dense"]["config"]
    assert config["dtype"] == "float32"
    assert config["kernel_initializer"]["class_name"] == "OrthogonalInitializer"
    assert "quantization_config" not in config


@pytest.mark.parametrize("name", ["tf1.15", "keras3.99", "pytorch", ""])
def test_a_target_that_is_none_is_refused_with_those_there_are(name):
    with pytest.raises(UsageError, match=r"tf2.4 to tf2.15"):
        target_of(name)


def test_a_release_between_two_is_taken_for_the_older_one():
    assert target_of("tf2.12").table == "tf2.10"
    assert target_of("keras3.5").table == "keras3.3"


@pytest.mark.parametrize("target", ["tf2.15", "keras2.2.4"])
def test_the_code_of_a_lambda_is_never_written(target):
    with pytest.raises(GraphError, match="twice: the layer class Lambda"):
        said(Sequential([Input((3,)), layers.Lambda(lambda x: x * 2, name="twice")]), target)


@pytest.mark.parametrize(("target", "say"), [("tf2.15", say_down), ("keras3.3", say_older)])
def test_a_crop_that_resizes_there_is_refused(target, say):
    model = Sequential([Input((6, 8, 3)), layers.RandomCrop(3, 5, name="crop")])
    with pytest.raises(GraphError, match="crop: RandomCrop, which resizes"):
        say(stated(model), target_of(target))

"""Each rule changes what its docstring says, and leaves other configs alone."""

import copy
import json
from pathlib import Path

import h5py
import keras
import pytest

from layerfix.dialects.accepted import ACCEPTED, COMMON
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import Call, Tensor, tensors

FILES = Path(__file__).parents[1] / "migrate" / "files"


def sequential(*layers, bare=False):
    first = {"batch_input_shape": [None, 8, 3]}
    entries = [
        {"class_name": name, "config": {"name": f"layer_{at}", **(first if not at else {}), **config}}
        for at, (name, config) in enumerate(layers)
    ]
    return {"class_name": "Sequential", "config": entries if bare else {"name": "sequential_1", "layers": entries}}


def upgraded(*layers, version="2.2.4", backend="tensorflow", **options):
    result = upgrade(sequential(*layers), version, backend, **options)
    return result.model.layers[1:], {rule.name for rule in result.rules}


def stored_config(name):
    with h5py.File(FILES / f"{name}.h5") as f:
        text = f.attrs["model_config"]
    return json.loads(text if isinstance(text, str) else text.decode())


def test_input_config_is_not_changed():
    config = sequential(("LeakyReLU", {"alpha": 0.2}))
    before = copy.deepcopy(config)
    upgrade(config, "2.2.4", "tensorflow")
    assert config == before


def test_bare_list_and_input_shape_become_a_config_with_an_input_layer():
    result = upgrade(sequential(("Dense", {"units": 2}), bare=True), "2.0.9", "tensorflow")
    first = result.model.layers[0]
    assert first.is_input
    assert first.settings["batch_shape"] == [None, 8, 3]
    assert {"list_config", "sequential_input", "input_layers"} <= {rule.name for rule in result.rules}


def test_embedding_input_is_whole_numbers():
    result = upgrade(sequential(("Embedding", {"input_dim": 5, "output_dim": 2, "dtype": "float32"})), "2.2.4", "tensorflow")
    assert result.model.layers[0].settings["dtype"] == "int32"


@pytest.mark.parametrize(
    ("name", "config", "rule", "key", "value"),
    [
        ("LeakyReLU", {"alpha": {"type": "ndarray", "value": 0.25}}, "leaky_relu_slope", "negative_slope", 0.25),
        ("ThresholdedReLU", {"theta": 0.5}, "thresholded_relu", "threshold", 0.5),
        ("GRU", {"units": 2}, "gru_reset_after", "reset_after", False),
        ("AveragePooling1D", {}, "pool_size", "pool_size", [2]),
        ("BatchNormalization", {"axis": [2]}, "normalization_axis", "axis", 2),
        ("Dense", {"units": 2, "dtype": {"class_name": "Policy", "config": {"name": "float32"}}}, "dtype_policy", "dtype", "float32"),
        ("Flatten", {}, "data_format", "data_format", "channels_last"),
        ("ELU", {"alpha": {"type": "ndarray", "value": 0.5}}, "elu_alpha", "alpha", 0.5),
        ("ReLU", {"max_value": {"type": "ndarray", "value": 6.0}}, "relu_arguments", "max_value", 6.0),
        ("Embedding", {"input_dim": 5, "output_dim": 2, "dtype": "int32"}, "index_dtype", "dtype", "float32"),
    ],
)
def test_rule_states_what_today_needs(name, config, rule, key, value):
    layers, fired = upgraded((name, config))
    assert layers[0].settings[key] == value
    assert rule in fired


@pytest.mark.parametrize(("version", "rate"), [("2.1.6-tf", [1, 1]), ("2.4.0", [2, 2])])
def test_transposed_convolutions_of_tensorflow_1_12_made_no_use_of_their_dilation(version, rate):
    config = {"name": "t", "filters": 2, "kernel_size": [3, 3], "dilation_rate": [2, 2], "batch_input_shape": [None, 6, 6, 1]}
    model = {"class_name": "Sequential", "config": [{"class_name": "Conv2DTranspose", "config": config}]}
    assert upgrade(model, version, "tensorflow").model.layers[1].settings.get("dilation_rate", [1, 1]) == rate


def test_hard_sigmoid_keeps_its_legacy_meaning():
    layers, fired = upgraded(("LSTM", {"units": 2, "recurrent_activation": "hard_sigmoid"}))
    function = keras.activations.get(layers[0].settings["recurrent_activation"])
    assert function(keras.ops.array([[-3.0, -1.0, 0.0, 1.0, 3.0]])).numpy()[0].tolist() == pytest.approx([0.0, 0.3, 0.5, 0.7, 1.0])
    assert "hard_sigmoid" in fired


def test_initializers_lose_what_today_does_not_take_and_unknown_ones_give_way():
    config = {
        "units": 2,
        "kernel_initializer": {"class_name": "GlorotUniform", "config": {"seed": None, "dtype": "float32"}},
        "bias_initializer": {"class_name": "MyInitializer", "config": {}},
    }
    layers, _ = upgraded(("Dense", config))
    assert layers[0].settings["kernel_initializer"]["config"] == {"seed": None}
    assert layers[0].settings["bias_initializer"]["class_name"] == "Zeros"


def test_unknown_regularizer_is_left_out_and_named():
    result = upgrade(sequential(("Dense", {"units": 2, "kernel_regularizer": {"class_name": "Mine", "config": {}}})), "2.2.4", "tensorflow")
    assert any("Mine" in rule.detail for rule in result.rules if rule.name == "penalties")


def test_unknown_argument_is_refused_by_name():
    with pytest.raises(GraphError, match="time_major=True"):
        upgraded(("LSTM", {"units": 2, "time_major": True}), version="2.4.0")


def test_batch_normalization_of_keras_1_with_another_mode_is_refused():
    with pytest.raises(GraphError, match="mode 3"):
        upgraded(("BatchNormalization", {"mode": 3}), version="1.2.2")


def test_convolution_of_keras_1_with_theano_layout_is_undecidable():
    with pytest.raises(GraphError, match="does not tell the backend"):
        upgraded(("Convolution2D", {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "dim_ordering": "th"}), version="1.2.2", backend=None)


def test_custom_class_of_a_stock_name_is_left_alone_where_keras_had_none():
    layers, _ = upgraded(("Attention", {"step_dim": 4}), version="2.2.4")
    assert layers[0].settings["step_dim"] == 4
    assert layers[0].custom


def test_given_class_wins_over_the_stock_one():
    layers, _ = upgraded(("Dense", {"units": 2, "mine": 1}), custom={"Dense"})
    assert layers[0].settings["mine"] == 1


def test_calls_of_nested_models_are_counted_from_zero():
    result = upgrade(stored_config("k209-nested_shared"), "2.0.9", "tensorflow")
    assert "node_indices" in {rule.name for rule in result.rules}
    merged = result.model.layers[-1]
    assert [tensor.call for tensor in tensors(merged.calls[0].args)] == [0, 1]


def test_slashes_in_names_become_underscores_and_the_old_name_is_kept():
    result = upgrade(stored_config("k224-slash_nested"), "2.2.4", "tensorflow")
    layer = result.model.layers[-1]
    assert (layer.name, layer.legacy_name, layer.stored_name) == ("x_y", "x/y", "x/y")


def test_masked_bidirectional_repeats_outputs_only_where_legacy_keras_did():
    layers = (
        ("Masking", {}),
        ("Bidirectional", {"layer": {"class_name": "LSTM", "config": {"name": "l", "units": 2, "return_sequences": True}}}),
    )
    old, _ = upgraded(*layers, version="2.2.4")
    new, _ = upgraded(*layers, version="2.4.0")
    assert old[1].wrapped["layer"].settings["zero_output_for_mask"] is None
    assert "zero_output_for_mask" not in new[1].wrapped["layer"].settings


@pytest.mark.parametrize(("size", "strides", "padded"), [([2], [1], True), ([3], [2], True), ([3], [1], False)])
def test_padding_that_theano_places_elsewhere_becomes_a_layer(size, strides, padded):
    config = {"filters": 2, "kernel_size": size, "strides": strides, "padding": "same"}
    layers, fired = upgraded(("Conv1D", config), backend="theano")
    assert ("theano_padding" in fired) is padded
    convolution = layers[0].model.layers[-1] if padded else layers[0]
    assert convolution.relay.name == "theano_convolution"


def test_average_pooling_that_theano_pads_is_refused():
    with pytest.raises(GraphError, match="Theano"):
        upgraded(("AveragePooling1D", {"pool_size": [2], "padding": "same"}), backend="theano")


def test_layers_of_keras_1_without_dim_ordering_take_that_of_the_others():
    convolution = ("Convolution2D", {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "dim_ordering": "th"})
    layers, _ = upgraded(convolution, ("ZeroPadding2D", {"padding": [1, 1]}), version="1.2.2")
    assert layers[1].settings["data_format"] == "channels_first"


def test_config_in_the_words_of_keras_1_is_one_of_keras_1():
    layers, _ = upgraded(("Dense", {"output_dim": 2, "W_regularizer": None}), version=None)
    assert layers[0].settings["units"] == 2


def test_bilinear_upsampling_of_an_undecidable_version_is_refused():
    config = {"size": [2, 2], "interpolation": "bilinear"}
    with pytest.raises(GraphError, match=r"2\.2\.4-tf"):
        upgraded(("UpSampling2D", config), version="2.2.4-tf")


@pytest.mark.skipif(keras.__version__ < "3.15", reason="the table is that of Keras 3.15")
@pytest.mark.parametrize("name", sorted(ACCEPTED))
def test_table_of_arguments_is_true_to_the_installed_keras(name):
    layer = getattr(keras.layers, name, None)
    if layer is None:
        pytest.skip(f"this Keras has no {name}")
    import inspect

    takes = inspect.signature(layer.__init__).parameters
    loose = any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes.values())
    missing = {argument for argument in ACCEPTED[name] if argument not in takes} - COMMON
    assert not missing or (loose and missing <= {"zero_output_for_mask"})


def test_a_number_that_keras_2_12_wrote_as_an_array_is_a_number():
    config = {"name": "r", "max_value": {"class_name": "__numpy__", "config": {"value": 6.0, "dtype": "float32"}}}
    entry = {"class_name": "ReLU", "name": "r", "module": "keras.layers", "registered_name": None, "config": config}
    shape = {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_input_shape": [None, 3]}}
    model = {"class_name": "Sequential", "config": {"name": "s", "layers": [shape, entry]}}
    assert upgrade(model, "2.12.0", "tensorflow").model.layers[1].settings["max_value"] == 6.0


def test_calls_that_keras_3_0_counts_over_all_models_are_counted_from_0():
    def tensor(name, call):
        return {"class_name": "__keras_tensor__", "config": {"shape": [None, 4], "dtype": "float32", "keras_history": [name, call, 0]}}

    def dense(name, source, call):
        node = {"args": [tensor(source, call)], "kwargs": {}}
        return {
            "module": "keras.layers",
            "class_name": "Dense",
            "name": name,
            "config": {"name": name, "units": 4},
            "inbound_nodes": [node],
        }

    start = {"class_name": "InputLayer", "name": "i", "config": {"name": "i", "batch_shape": [None, 4]}, "inbound_nodes": []}
    layers = [start, dense("shared", "i", 0), dense("d", "shared", 3)]
    model = {
        "class_name": "Functional",
        "config": {"name": "m", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]},
    }
    (call,) = upgrade(model, "3.0.5", "tensorflow").model.layers[2].calls
    assert call == Call((Tensor("shared", 0, 0),), complete=True)

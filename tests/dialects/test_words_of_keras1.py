"""Keras 1 said everything in other words: each layer as it wrote it, and the same in today's."""

from __future__ import annotations

from typing import Any

import architectures
import pytest
from architectures import Said, today

from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.model import tensors

PICTURE = [8, 8, 3]
WITHOUT = {
    "kernel_regularizer": None, "bias_regularizer": None, "kernel_constraint": None, "bias_constraint": None,
    "activity_regularizer": None, "trainable": True,
}  # fmt: skip


def said(class_name: str, config: dict[str, Any], **options: Any) -> tuple[str, dict[str, Any]]:
    (found,) = today((class_name, config), version=options.pop("version", "1.2.2"), **options)
    return found[:2]


DENSE = {
    "output_dim": 4, "init": "uniform", "activation": "relu", "W_regularizer": None, "b_regularizer": None,
    "activity_regularizer": None, "W_constraint": None, "b_constraint": None, "bias": True, "input_dim": 3, "trainable": True,
}  # fmt: skip


def test_a_dense_layer_in_all_its_words() -> None:
    name, config = said("Dense", DENSE)
    initializer = config.pop("kernel_initializer")
    assert (initializer["class_name"], initializer["config"]) == ("RandomUniform", {})
    assert (name, config) == ("Dense", {"units": 4, "activation": "relu", "use_bias": True, **WITHOUT})


@pytest.mark.parametrize(
    ("class_name", "config", "shape", "expected"),
    [
        ("Dropout", {"p": 0.25}, None, ("Dropout", {"rate": 0.25})),
        ("GaussianNoise", {"sigma": 0.5}, None, ("GaussianNoise", {"stddev": 0.5})),
        ("GaussianDropout", {"p": 0.5}, None, ("GaussianDropout", {"rate": 0.5})),
        ("SpatialDropout1D", {"p": 0.5}, None, ("SpatialDropout1D", {"rate": 0.5})),
        ("UpSampling1D", {"length": 3}, None, ("UpSampling1D", {"size": 3})),
        (
            "MaxPooling1D",
            {"pool_length": 2, "stride": 1, "border_mode": "same"},
            None,
            ("MaxPooling1D", {"pool_size": 2, "strides": 1, "padding": "same", "data_format": "channels_last"}),
        ),
        (
            "MaxPooling2D",
            {"pool_size": [2, 2], "strides": [1, 2], "border_mode": "valid", "dim_ordering": "th"},
            PICTURE,
            ("MaxPooling2D", {"pool_size": [2, 2], "strides": [1, 2], "padding": "valid", "data_format": "channels_first"}),
        ),
        (
            "AveragePooling2D",
            {"pool_size": [2, 2], "strides": [2, 2], "border_mode": "valid", "dim_ordering": "tf"},
            PICTURE,
            ("AveragePooling2D", {"pool_size": [2, 2], "strides": [2, 2], "padding": "valid", "data_format": "channels_last"}),
        ),
        ("RepeatVector", {"n": 2}, [3], ("RepeatVector", {"n": 2})),
        ("Masking", {"mask_value": 0.0}, None, ("Masking", {"mask_value": 0.0})),
    ],
)
def test_a_layer_without_weights_has_its_arguments_renamed(
    class_name: str, config: dict[str, Any], shape: list[int | None] | None, expected: tuple[str, dict[str, Any]]
) -> None:
    assert said(class_name, config, shape=shape) == expected


@pytest.mark.parametrize(
    ("class_name", "config", "shape", "expected"),
    [
        (
            "Convolution1D",
            {"nb_filter": 2, "filter_length": 3, "border_mode": "same", "subsample_length": 2},
            None,
            ("Conv1D", {"filters": 2, "kernel_size": [3], "padding": "same", "strides": 2}),
        ),
        (
            "Convolution2D",
            {"nb_filter": 2, "nb_row": 3, "nb_col": 5, "border_mode": "valid", "subsample": [2, 1]},
            PICTURE,
            ("Conv2D", {"filters": 2, "kernel_size": [3, 5], "padding": "valid", "strides": [2, 1]}),
        ),
        (
            "Convolution3D",
            {"nb_filter": 2, "kernel_dim1": 1, "kernel_dim2": 2, "kernel_dim3": 3, "border_mode": "valid"},
            [4, 4, 4, 1],
            ("Conv3D", {"filters": 2, "kernel_size": [1, 2, 3], "padding": "valid"}),
        ),
        (
            "AtrousConvolution2D",
            {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "border_mode": "same", "atrous_rate": [2, 2]},
            PICTURE,
            ("Conv2D", {"filters": 2, "kernel_size": [3, 3], "padding": "same", "dilation_rate": [2, 2]}),
        ),
        (
            "AtrousConvolution1D",
            {"nb_filter": 2, "filter_length": 3, "border_mode": "valid", "atrous_rate": 2},
            None,
            ("Conv1D", {"filters": 2, "kernel_size": [3], "padding": "valid", "dilation_rate": 2}),
        ),
        (
            "Deconvolution2D",
            {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "output_shape": [None, 8, 8, 2], "border_mode": "same", "subsample": [1, 1]},
            PICTURE,
            ("Conv2DTranspose", {"filters": 2, "kernel_size": [3, 3], "padding": "same", "strides": [1, 1]}),
        ),
    ],
)
def test_a_convolution_says_its_size_in_one_word(
    class_name: str, config: dict[str, Any], shape: list[int | None], expected: tuple[str, dict[str, Any]]
) -> None:
    ordering = {} if "1D" in class_name else {"dim_ordering": "tf"}
    assert said(class_name, {**config, **ordering}, shape=shape) == (expected[0], {**expected[1], "data_format": "channels_last"})


@pytest.mark.parametrize("class_name", ["LSTM", "GRU", "SimpleRNN"])
def test_a_recurrent_layer_keeps_its_two_dropouts_apart(class_name: str) -> None:
    config = {
        "output_dim": 4, "init": "glorot_uniform", "inner_init": "orthogonal", "activation": "tanh", "dropout_W": 0.1, "dropout_U": 0.2,
        "W_regularizer": None, "U_regularizer": None, "b_regularizer": None, "return_sequences": True, "go_backwards": False,
        "stateful": False, "unroll": False, "consume_less": "cpu", "input_dim": 3, "input_length": None,
    }  # fmt: skip
    gate = {} if class_name == "SimpleRNN" else {"inner_activation": "sigmoid"}
    name, found = said(class_name, {**config, **gate})
    assert (name, found["units"], found["dropout"], found["recurrent_dropout"]) == (class_name, 4, 0.1, 0.2)
    assert found.get("recurrent_activation") == gate.get("inner_activation")
    assert found["recurrent_initializer"]["class_name"] == "Orthogonal"
    assert not {"consume_less", "input_dim", "input_length", "inner_init"} & found.keys()
    assert ("reset_after" in found) == (class_name == "GRU")


def test_an_embedding_keeps_its_input_dim_and_loses_its_dropout() -> None:
    config = {
        "input_dim": 9,
        "output_dim": 4,
        "init": "uniform",
        "input_length": 8,
        "dropout": 0.0,
        "mask_zero": True,
        "W_regularizer": None,
    }
    name, found = said("Embedding", config, shape=[8])
    assert name == "Embedding"
    assert (found["input_dim"], found["output_dim"], found["mask_zero"]) == (9, 4, True)
    assert found["embeddings_initializer"]["class_name"] == "RandomUniform"
    assert "dropout" not in found


@pytest.mark.parametrize(
    ("stated", "class_name", "config"),
    [
        ({"name": "WeightRegularizer", "l1": 0.0, "l2": 0.25}, "L1L2", {"l1": 0.0, "l2": 0.25}),
        ({"name": "L1L2Regularizer", "l1": 0.5, "l2": 0.25}, "L1L2", {"l1": 0.5, "l2": 0.25}),
    ],
)
def test_a_regularizer_is_an_object_of_today(stated: dict[str, Any], class_name: str, config: dict[str, float]) -> None:
    _, found = said("Dense", {**DENSE, "W_regularizer": stated})
    regularizer = found["kernel_regularizer"]
    assert (regularizer["class_name"], regularizer["config"]) == (class_name, config)


def test_a_constraint_is_an_object_of_today() -> None:
    _, found = said("Dense", {**DENSE, "W_constraint": {"name": "MaxNorm", "m": 2, "axis": 0}})
    assert (found["kernel_constraint"]["class_name"], found["kernel_constraint"]["config"]) == ("MaxNorm", {"max_value": 2, "axis": 0})
    _, found = said("Dense", {**DENSE, "W_constraint": {"name": "NonNeg"}})
    assert found["kernel_constraint"]["class_name"] == "NonNeg"


def merge(mode: str, **more: Any) -> Said:
    left, right = (
        {"class_name": "InputLayer", "name": side, "config": {"name": side, "batch_input_shape": [None, 3]}, "inbound_nodes": []}
        for side in ("left", "right")
    )
    config = {"name": "m", "mode": mode, "mode_type": "raw", "concat_axis": -1, "dot_axes": 1, **more}
    node = [[["left", 0, 0], ["right", 0, 0]]]
    merged = {"class_name": "Merge", "name": "m", "config": config, "inbound_nodes": node}
    ends = {"input_layers": [["left", 0, 0], ["right", 0, 0]], "output_layers": [["m", 0, 0]]}
    model = {"class_name": "Model", "config": {"name": "model_1", "layers": [left, right, merged], **ends}}
    return architectures.said(upgrade(model, "1.2.2", "tensorflow").model.layers[2])


@pytest.mark.parametrize(
    ("mode", "class_name", "settings"),
    [
        ("sum", "Add", {}),
        ("mul", "Multiply", {}),
        ("ave", "Average", {}),
        ("max", "Maximum", {}),
        ("concat", "Concatenate", {"axis": -1}),
        ("dot", "Dot", {"axes": 1}),
    ],
)
def test_a_merge_is_a_class_of_its_own_for_each_mode(mode: str, class_name: str, settings: dict[str, Any]) -> None:
    assert merge(mode) == (class_name, settings, ())


def test_the_cosine_of_two_vectors_keeps_its_shape() -> None:
    found = merge("cos")
    assert [part.class_name for part in found.parts] == ["InputLayer", "InputLayer", "Dot", "Reshape"]
    assert found.parts[2].settings["normalize"] is True


@pytest.mark.parametrize("mode", ["outer", "join"])
def test_a_mode_without_an_equal_is_refused(mode: str) -> None:
    with pytest.raises(GraphError, match=f"mode {mode!r}"):
        merge(mode)


def test_branches_of_a_leading_merge_become_one_graph() -> None:
    def branch(name: str) -> dict[str, Any]:
        config = {**DENSE, "name": name, "batch_input_shape": [None, 3]}
        return {"class_name": "Sequential", "config": [{"class_name": "Dense", "config": config}]}

    first = {"name": "merge_1", "mode": "sum", "mode_type": "raw", "layers": [branch("a"), branch("b")]}
    last = {**DENSE, "name": "out", "output_dim": 1}
    model = {"class_name": "Sequential", "config": [{"class_name": "Merge", "config": first}, {"class_name": "Dense", "config": last}]}
    found = upgrade(model, "1.2.2", "tensorflow").model
    assert [layer.class_name for layer in found.layers] == ["InputLayer", "Dense", "InputLayer", "Dense", "Add", "Dense"]
    assert [tensor.layer for tensor in tensors(found.inputs)] == ["a_input", "b_input"]
    assert [tensor.layer for tensor in tensors(found.outputs)] == ["out"]


@pytest.mark.parametrize(
    ("class_name", "config", "told"),
    [
        ("ConvLSTM2D", {"nb_filter": 1, "nb_row": 1, "nb_col": 1, "dim_ordering": "tf"}, "ConvLSTM2D of Keras 1 on Theano"),
        ("SeparableConvolution2D", {"nb_filter": 1, "nb_row": 1, "nb_col": 1, "dim_ordering": "th"}, "Theano's layout"),
    ],
)
def test_what_theano_laid_out_in_an_unknown_way_is_refused(class_name: str, config: dict[str, Any], told: str) -> None:
    with pytest.raises(GraphError, match=told):
        said(class_name, config, backend="theano", shape=PICTURE)


def test_orderings_that_disagree_settle_nothing() -> None:
    convolution = {"nb_filter": 2, "nb_row": 3, "nb_col": 3, "border_mode": "valid"}
    layers = [
        ("Convolution2D", {**convolution, "dim_ordering": "tf"}),
        ("Convolution2D", {**convolution, "dim_ordering": "th"}),
        ("ZeroPadding2D", {"padding": [1, 1]}),
    ]
    with pytest.raises(GraphError, match="disagree"):
        today(*layers, version="1.2.2", shape=PICTURE)


def test_names_of_keras_1_mean_nothing_in_keras_2() -> None:
    with pytest.raises(GraphError, match="border_mode"):
        said("Conv2D", {"filters": 2, "kernel_size": [3, 3], "border_mode": "same"}, version="2.2.4", shape=PICTURE)

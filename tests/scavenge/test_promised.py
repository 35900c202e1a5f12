"""Weights that a config promises, each against the formula of its layer."""

from __future__ import annotations

from typing import Any

import pytest

from layerfix.scavenge.promised import Weight, promised


def sequential(*layers: tuple[str, dict[str, Any]], shape: tuple[int | None, ...] = (None, 8)) -> dict[str, Any]:
    first = {"class_name": "InputLayer", "config": {"name": "input", "batch_input_shape": list(shape)}}
    rest = [{"class_name": kind, "config": {"name": f"l{at}", **config}} for at, (kind, config) in enumerate(layers)]
    return {"class_name": "Sequential", "config": {"name": "model", "layers": [first, *rest]}}


def of(config: dict[str, Any], layer: str = "l0") -> dict[str, tuple[int, ...] | None]:
    return {weight.role: weight.shape for weight in promised(config)[layer]}


def trained(weights: list[Weight]) -> list[str]:
    return [weight.role for weight in weights if weight.trainable]


def test_dense() -> None:
    assert of(sequential(("Dense", {"units": 3}))) == {"kernel": (8, 3), "bias": (3,)}
    assert of(sequential(("Dense", {"units": 3, "use_bias": False}))) == {"kernel": (8, 3)}


@pytest.mark.parametrize(
    ("kind", "config", "expected"),
    [
        ("SimpleRNN", {"units": 5}, [(4, 5), (5, 5), (5,)]),
        ("LSTM", {"units": 5}, [(4, 20), (5, 20), (20,)]),
        ("GRU", {"units": 5}, [(4, 15), (5, 15), (15,)]),
        ("GRU", {"units": 5, "reset_after": True}, [(4, 15), (5, 15), (2, 15)]),
    ],
)
def test_recurrent_layers(kind: str, config: dict[str, Any], expected: list[tuple[int, ...]]) -> None:
    assert list(of(sequential((kind, config), shape=(None, 7, 4))).values()) == expected


@pytest.mark.parametrize("returned", [False, True])
def test_a_convolutional_recurrent_layer_has_four_gates(returned: bool) -> None:
    moving = ("ConvLSTM2D", {"filters": 3, "kernel_size": [2, 2], "padding": "valid", "return_sequences": returned})
    config = sequential(moving, ("Flatten", {}), ("Dense", {"units": 1}), shape=(None, 5, 8, 8, 4))
    assert list(of(config).values()) == [(2, 2, 4, 12), (2, 2, 3, 12), (12,)]
    assert of(config, "l2")["kernel"] == (7 * 7 * 3 * (5 if returned else 1), 1)


def test_cudnn_layers_keep_two_biases() -> None:
    assert list(of(sequential(("CuDNNLSTM", {"units": 5}), shape=(None, 7, 4))).values()) == [(4, 20), (5, 20), (40,)]


def test_both_directions_have_the_weights_of_one_each() -> None:
    inner = {"class_name": "LSTM", "config": {"name": "lstm", "units": 5}}
    found = of(sequential(("Bidirectional", {"layer": inner}), shape=(None, 7, 4)))
    assert [role for role in found if role.startswith("forward/")] == ["forward/kernel", "forward/recurrent_kernel", "forward/bias"]
    assert found["backward/recurrent_kernel"] == (5, 20)


@pytest.mark.parametrize(
    ("kind", "config", "expected"),
    [
        ("Conv2D", {"filters": 6, "kernel_size": [3, 2]}, [(3, 2, 4, 6), (6,)]),
        ("Conv2D", {"filters": 6, "kernel_size": 3, "groups": 2}, [(3, 3, 2, 6), (6,)]),
        ("Conv2DTranspose", {"filters": 6, "kernel_size": 3}, [(3, 3, 6, 4), (6,)]),
        ("DepthwiseConv2D", {"kernel_size": 3, "depth_multiplier": 2}, [(3, 3, 4, 2), (8,)]),
        ("SeparableConv2D", {"filters": 6, "kernel_size": 3, "depth_multiplier": 2}, [(3, 3, 4, 2), (1, 1, 8, 6), (6,)]),
    ],
)
def test_convolutions(kind: str, config: dict[str, Any], expected: list[tuple[int, ...]]) -> None:
    assert list(of(sequential((kind, config), shape=(None, 9, 9, 4))).values()) == expected


def test_channels_first_is_not_guessed() -> None:
    config = {"filters": 6, "kernel_size": 3, "data_format": "channels_first"}
    assert set(of(sequential(("Conv2D", config), shape=(None, 4, 9, 9))).values()) == {None}


@pytest.mark.parametrize(
    ("layers", "width"),
    [
        ([("Conv2D", {"filters": 3, "kernel_size": 3, "padding": "valid"}), ("Flatten", {})], 7 * 7 * 3),
        ([("Conv2D", {"filters": 3, "kernel_size": 3, "padding": "same", "strides": 2}), ("Flatten", {})], 5 * 5 * 3),
        ([("MaxPooling2D", {"pool_size": [2, 2], "padding": "valid"}), ("Flatten", {})], 4 * 4 * 4),
        ([("Conv2D", {"filters": 2, "kernel_size": 3, "padding": "valid", "dilation_rate": 2}), ("Flatten", {})], 5 * 5 * 2),
        ([("Conv2DTranspose", {"filters": 2, "kernel_size": 3, "strides": 2, "padding": "same"}), ("Flatten", {})], 18 * 18 * 2),
        ([("GlobalAveragePooling2D", {})], 4),
        ([("Reshape", {"target_shape": [-1, 6]})], 6),
        ([("Permute", {"dims": [3, 1, 2]})], 9),
        ([("UpSampling2D", {"size": [2, 3]}), ("Flatten", {})], 18 * 27 * 4),
        ([("ZeroPadding2D", {"padding": [[1, 2], [0, 1]]}), ("Flatten", {})], 12 * 10 * 4),
        ([("Cropping2D", {"cropping": [[1, 2], [0, 1]]}), ("Flatten", {})], 6 * 8 * 4),
    ],
)
def test_the_next_kernel_tells_what_a_layer_puts_out(layers: list[tuple[str, dict[str, Any]]], width: int) -> None:
    config = sequential(*layers, ("Dense", {"units": 2}), shape=(None, 9, 9, 4))
    assert of(config, f"l{len(layers)}")["kernel"] == (width, 2)


def test_behind_a_shape_that_no_rule_tells_sizes_are_not_known() -> None:
    assert of(sequential(("Lambda", {}), ("Dense", {"units": 3})), "l1") == {"kernel": None, "bias": (3,)}


def test_a_layer_of_an_unknown_class_is_left_out() -> None:
    assert "l0" not in promised(sequential(("Denoising", {"units": 3})))


def test_a_frozen_layer_trains_nothing_and_keeps_its_order() -> None:
    weights = promised(sequential(("BatchNormalization", {"trainable": False})))["l0"]
    assert [weight.role for weight in weights] == ["gamma", "beta", "moving_mean", "moving_variance"]
    assert trained(weights) == []


def nested(**settings: Any) -> dict[str, Any]:
    inner = sequential(("Dense", {"units": 4}), ("BatchNormalization", {}), ("Dense", {"units": 2}))
    inner["config"] = {**inner["config"], "name": "encoder", **settings}
    return sequential(("Dense", {"units": 8})) | {
        "config": {
            "name": "outer",
            "layers": [sequential()["config"]["layers"][0], inner, {"class_name": "Dense", "config": {"name": "head", "units": 1}}],
        }
    }


def test_a_nested_model_stores_what_it_trains_before_its_statistics() -> None:
    roles = [(weight.layer, weight.role) for weight in promised(nested())["encoder"]]
    assert roles[:6] == [("l0", "kernel"), ("l0", "bias"), ("l1", "gamma"), ("l1", "beta"), ("l2", "kernel"), ("l2", "bias")]
    assert roles[6:] == [("l1", "moving_mean"), ("l1", "moving_variance")]


def test_the_layers_of_a_frozen_model_are_frozen() -> None:
    assert trained(promised(nested(trainable=False))["encoder"]) == []
    assert trained(promised(nested(trainable=False))["head"]) == ["kernel", "bias"]


def test_a_nested_sequential_model_that_knows_its_input_is_a_scope_of_keras_3() -> None:
    assert {weight.scope for weight in promised(nested())["encoder"]} == {"encoder/"}
    assert {weight.scope for weight in promised(nested())["head"]} == {""}


def graph(*layers: tuple[str, str, dict[str, Any], list[str]]) -> dict[str, Any]:
    """A functional model of (class, name, config, names of the layers that it takes)."""
    listed = [
        {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": [[[other, 0, 0, {}] for other in inbound]]}
        for kind, name, config, inbound in layers
    ]
    return {"class_name": "Model", "config": {"name": "model", "layers": listed, "input_layers": [], "output_layers": []}}


def two_inputs(kind: str, config: dict[str, Any], *shapes: tuple[int | None, ...]) -> tuple[int, ...] | None:
    inputs = [("InputLayer", f"in{at}", {"batch_input_shape": list(shape)}, []) for at, shape in enumerate(shapes)]
    names = [name for _, name, _, _ in inputs]
    joined = graph(*inputs, (kind, "joined", config, names), ("Dense", "d", {"units": 1}, ["joined"]))
    return of(joined, "d")["kernel"]


@pytest.mark.parametrize(
    ("axes", "one", "two", "width"),
    [(1, (None, 6), (None, 6), 1), ([2, 2], (None, 5, 6), (None, 7, 6), 7), (-1, (None, 5, 6), (None, 7, 6), 7)],
)
def test_a_dot_product_leaves_the_other_axes_of_both(axes: object, one: Any, two: Any, width: int) -> None:
    assert two_inputs("Dot", {"axes": axes}, one, two) == (width, 1)


def test_merged_sizes_of_one_follow_the_others_and_others_that_differ_are_not_known() -> None:
    assert two_inputs("Multiply", {}, (None, 4, 5, 7), (None, 1, 1, 7)) == (7, 1)
    assert two_inputs("Add", {}, (None, 1), (None, 7)) == (7, 1)
    assert two_inputs("Add", {}, (None, 3), (None, 7)) is None


def test_an_embedding_inside_of_a_graph_takes_what_leads_to_it_and_not_the_default_that_it_states() -> None:
    config = graph(
        ("InputLayer", "words", {"batch_input_shape": [None, 5]}, []),
        ("Embedding", "table", {"input_dim": 9, "output_dim": 4, "batch_input_shape": [None, None]}, ["words"]),
        ("Flatten", "flat", {}, ["table"]),
        ("Dense", "d", {"units": 1}, ["flat"]),
    )
    assert of(config, "d")["kernel"] == (20, 1)

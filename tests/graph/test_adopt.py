"""The blueprint of a small legacy model: every weight under its legacy name with its initializer, every draw in its order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layerfix.blueprint import Blueprint
from layerfix.containers.records import Checkpoint, LayerEntry, WeightEntry
from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
from layerfix.graph.adopt import Adopted, adopt
from layerfix.graph.build import build_model
from layerfix.graph.shim.loader import load_layers

UNIFORM = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}}
ORTHOGONAL = {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}}
ZEROS = {"class_name": "Zeros", "config": {}}

Stored = dict[str, list[tuple[str, tuple[int, ...]]]]


def entry(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def dense(name: str, units: int, **config: Any) -> dict[str, Any]:
    return entry(
        "Dense", name, units=units, use_bias=True, activation="linear", kernel_initializer=UNIFORM, bias_initializer=ZEROS, **config
    )


def checkpoint(stored: Stored, *layers: dict[str, Any], version: str | None = "2.2.4") -> Checkpoint:
    layers[0]["config"]["batch_input_shape"] = [None, 4, 3]
    config = {"class_name": "Sequential", "config": {"name": "m", "layers": list(layers)}}
    groups = tuple(
        LayerEntry(owner, tuple(WeightEntry(owner, *weight, "float32") for weight in weights)) for owner, weights in stored.items()
    )
    return Checkpoint(Path("m.h5"), "keras-h5-model", version, "tensorflow", config, None, groups, None)


def adopted(found: Checkpoint, classes: dict[str, Any] | None = None) -> Adopted:
    assert found.config is not None
    upgraded = upgrade(found.config, found.keras_version, "tensorflow", custom=frozenset(classes or {}))
    return adopt(found, upgraded.model, build_model(upgraded.model, classes), {})


def told(blueprint: Blueprint) -> list[tuple[str, str, bool, bool]]:
    return [(spec.name, spec.role, spec.trainable, spec.hidden) for spec in blueprint.weights]


DENSE: Stored = {"d": [("d/kernel:0", (3, 2)), ("d/bias:0", (2,))]}


def test_a_stock_layer_s_weights_bear_the_file_s_names_and_their_initializers() -> None:
    blueprint = adopted(checkpoint(DENSE, dense("d", 2))).blueprint
    assert told(blueprint) == [("d/kernel:0", "kernel", True, False), ("d/bias:0", "bias", True, False)]
    assert [spec.initializer["class_name"] for spec in blueprint.weights if spec.initializer] == ["VarianceScaling", "Zeros"]
    assert [(draw.kind, draw.source, draw.weight) for draw in blueprint.draws] == [("seed", "d/kernel", ("d", "d/kernel:0"))]


def test_a_frozen_layer_trains_nothing() -> None:
    layer = {**dense("d", 2)}
    layer["config"]["trainable"] = False
    assert [spec.trainable for spec in adopted(checkpoint(DENSE, layer)).blueprint.weights] == [False, False]


def test_statistics_are_not_trained_and_drew_nothing() -> None:
    names = [f"b/{role}:0" for role in ("gamma", "beta", "moving_mean", "moving_variance")]
    blueprint = adopted(checkpoint({"b": [(name, (3,)) for name in names]}, entry("BatchNormalization", "b", axis=-1))).blueprint
    assert [(spec.role, spec.trainable) for spec in blueprint.weights] == [
        ("gamma", True), ("beta", True), ("moving_mean", False), ("moving_variance", False),
    ]  # fmt: skip
    assert blueprint.draws == ()


def test_draws_come_layer_by_layer_and_masks_when_a_layer_is_called() -> None:
    settings: dict[str, Any] = {
        "units": 2, "use_bias": True, "activation": "tanh", "recurrent_activation": "hard_sigmoid", "kernel_initializer": UNIFORM,
        "recurrent_initializer": ORTHOGONAL, "bias_initializer": ZEROS, "unit_forget_bias": True, "dropout": 0.0, "recurrent_dropout": 0.0,
    }  # fmt: skip
    lstm = entry("LSTM", "l", **settings)
    stored: Stored = {"l": [("l/kernel:0", (3, 8)), ("l/recurrent_kernel:0", (2, 8)), ("l/bias:0", (8,))], "drop": [], **{
        "d": [("d/kernel:0", (2, 1)), ("d/bias:0", (1,))]}}  # fmt: skip
    blueprint = adopted(checkpoint(stored, lstm, entry("Dropout", "drop", rate=0.5), dense("d", 1))).blueprint
    assert [(draw.kind, draw.source) for draw in blueprint.draws] == [
        ("seed", "l/kernel"), ("normal", "l/recurrent_kernel"), ("seed", "drop"), ("seed", "d/kernel"),
    ]  # fmt: skip
    orthogonal = blueprint.draws[1]
    assert (orthogonal.count, orthogonal.shape, orthogonal.weight) == (16, (2, 8), ("l", "l/recurrent_kernel:0"))


HIDING = """
from keras.layers import Layer, Dense

class Hiding(Layer):
    def build(self, input_shape):
        self.scale = self.add_weight(name='scale', shape=(2,), initializer='ones')
        self.dense = Dense(2)
        self.built = True

    def call(self, x):
        return self.dense(x) * self.scale

    def compute_output_shape(self, shape):
        return shape[:-1] + (2,)
"""


@pytest.fixture(scope="module")
def hiding(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("adopt") / "own.py"
    file.write_text(HIDING)
    return load_layers([file])


TRACKED: Stored = {"hiding_1": [("hiding_1/scale:0", (2,))], "dense_4": [("dense_4/kernel:0", (2, 1)), ("dense_4/bias:0", (1,))]}


def small(stored: Stored, version: str | None = "2.2.4", last: str = "dense_4") -> Checkpoint:
    return checkpoint(stored, entry("Hiding", "hiding_1"), dense(last, 1), version=version)


def test_what_a_class_hides_stands_under_the_name_that_fills_the_gap(hiding: dict[str, Any]) -> None:
    blueprint = adopted(small(TRACKED), hiding).blueprint
    assert told(blueprint)[:3] == [
        ("hiding_1/scale:0", "scale", True, False),
        ("hiding_1/dense_3/kernel:0", "dense/kernel", True, True),
        ("hiding_1/dense_3/bias:0", "dense/bias", True, True),
    ]
    assert [(draw.source, draw.weight) for draw in blueprint.draws] == [
        ("dense_3/kernel", ("hiding_1", "hiding_1/dense_3/kernel:0")),
        ("dense_4/kernel", ("dense_4", "dense_4/kernel:0")),
    ]


@pytest.mark.parametrize(("version", "last", "name"), [("1.13.1-tf", "dense_1", "dense"), (None, "dense_4", "dense_3")])
def test_tf_keras_counts_from_a_layer_without_a_number(version: str | None, last: str, name: str, hiding: dict[str, Any]) -> None:
    stored: Stored = {"hiding_1": TRACKED["hiding_1"], last: [(f"{last}/kernel:0", (2, 1)), (f"{last}/bias:0", (1,))]}
    blueprint = adopted(small(stored, version, last), hiding).blueprint
    assert [spec.name for spec in blueprint.hidden] == [f"hiding_1/{name}/kernel:0", f"hiding_1/{name}/bias:0"]


def test_a_repaired_file_hides_nothing(hiding: dict[str, Any]) -> None:
    whole = {**TRACKED, "hiding_1": [*TRACKED["hiding_1"], ("hiding_1/dense_3/kernel:0", (3, 2)), ("hiding_1/dense_3/bias:0", (2,))]}
    assert adopted(small(whole), hiding).blueprint.hidden == ()


def test_arrays_that_fit_in_no_way_are_refused_by_the_layer(hiding: dict[str, Any]) -> None:
    wrong = {**TRACKED, "hiding_1": [("hiding_1/scale:0", (5,))]}
    with pytest.raises(GraphError) as refused:
        adopted(small(wrong), hiding)
    assert refused.value.where == "hiding_1"


def test_every_weight_has_its_place_and_every_layer_its_leaf(hiding: dict[str, Any]) -> None:
    found = adopted(small(TRACKED), hiding)
    assert found.places.keys() == {spec.key for spec in found.blueprint.weights}
    assert [leaf.custom is not None for leaf in found.leaves.values()] == [True, False]
    assert all(tuple(place.variable.shape) == place.spec.shape for place in found.places.values())

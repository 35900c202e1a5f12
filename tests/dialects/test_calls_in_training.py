"""What `training=True` in a call of Keras 2 becomes: operations, a doubt, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from architectures import functional, sequential

from layerfix.dialects.upgrade import upgrade
from layerfix.model import Layer

INITIALIZER = {"gamma_initializer": {"class_name": "Ones", "config": {}}}
TENSORFLOW_1 = {"gamma_initializer": {"class_name": "Ones", "config": {"dtype": "float32"}}}


def called(class_name: str, training: object, **config: Any) -> dict[str, Any]:
    node = [["i", 0, 0, {} if training is None else {"training": training}]]
    return {"class_name": class_name, "name": "l", "config": {"name": "l", **config}, "inbound_nodes": [node]}


def became(entry: dict[str, Any], version: str) -> tuple[Layer, str]:
    """The layer and the doubt about it."""
    found = upgrade(functional(entry, shape=[4]), version, "tensorflow")
    return found.model.layer("l"), "".join(rule.doubt for rule in found.rules)


@pytest.mark.parametrize(
    ("version", "config"),
    [
        ("2.2.4", {}),
        ("2.2.4", {"trainable": False}),  # multi-backend Keras did not ask whether it is frozen
        ("2.4.0", {**INITIALIZER, "axis": [1]}),
        ("2.1.6-tf", {**TENSORFLOW_1, "trainable": False}),
    ],
)
def test_a_normalization_is_said_in_operations(version: str, config: dict[str, Any]) -> None:
    layer, doubt = became(called("BatchNormalization", True, **config), version)
    assert layer.composed
    assert layer.relay is not None
    assert layer.relay.name == "without_moving_averages"
    assert "training" not in layer.calls[0].kwargs
    assert not doubt


@pytest.mark.parametrize(
    ("entry", "version"),
    [
        (called("BatchNormalization", False), "2.4.0"),
        (called("BatchNormalization", None), "2.2.4"),
        (called("BatchNormalization", True), "3.3.3"),  # `predict` of Keras 3 never obeyed it
        (called("BatchNormalization", True, trainable=False, **INITIALIZER), "2.4.0"),
        (called("Dropout", True, rate=0.0), "2.4.0"),
        (called("Dense", True, units=3), "2.4.0"),
    ],
)
def test_what_computes_alike_is_left_as_it_is(entry: dict[str, Any], version: str) -> None:
    layer, doubt = became(entry, version)
    assert not layer.composed
    assert not doubt


@pytest.mark.parametrize(
    "entry",
    [
        called("Dropout", True, rate=0.5),
        called("Dropout", 1, rate=0.5),
        called("LSTM", True, units=3, dropout=0.2),
        called("RandomFlip", True),
        called("TimeDistributed", True, layer={"class_name": "Dropout", "config": {"name": "d", "rate": 0.1}}),
        called("BatchNormalization", True, renorm=True),
        called("BatchNormalization", True, dtype="mixed_float16"),
        called("Mine", True),
    ],
)
def test_what_draws_or_has_no_equal_is_doubted(entry: dict[str, Any]) -> None:
    layer, doubt = became(entry, "2.4.0")
    assert not layer.composed
    assert "use model(x), not model.predict(x)" in doubt


def test_calls_that_differ_are_doubted() -> None:
    entry = called("BatchNormalization", True)
    entry["inbound_nodes"].append([["i", 0, 0, {}]])
    layer, doubt = became(entry, "2.4.0")
    assert not layer.composed
    assert doubt


def test_a_model_hands_it_to_its_layers_at_any_depth() -> None:
    deep = {**sequential(("BatchNormalization", INITIALIZER), shape=[4]), "name": "deep"}
    deep["config"].append({"class_name": "Dropout", "config": {"name": "quiet", "rate": 0.0}})
    outer = {"class_name": "Sequential", "name": "l", "config": {"name": "l", "layers": [deep]}}
    outer["inbound_nodes"] = called("Sequential", True)["inbound_nodes"]
    found = upgrade(functional(outer, shape=[4]), "2.4.0", "tensorflow").model.layer("l").model
    assert found is not None
    inner = next(layer.model for layer in found.layers if layer.model is not None)
    assert [layer.composed for layer in inner.layers if not layer.is_input] == [True, False]

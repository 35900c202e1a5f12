"""What `training=True` in a call of Keras 2 becomes: operations, a doubt, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from architectures import functional, sequential

from layerfix.dialects.upgrade import upgrade
from layerfix.errors import GraphError
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
        called("TimeDistributed", True, layer={"class_name": "BatchNormalization", "config": {"name": "d"}}),
        called("Mine", True),
    ],
)
def test_what_draws_or_has_no_equal_is_doubted(entry: dict[str, Any]) -> None:
    layer, doubt = became(entry, "2.4.0")
    assert not layer.composed
    assert "use model(x), not model.predict(x)" in doubt


@pytest.mark.parametrize("config", [{"renorm": True}, {"dtype": "mixed_float16"}, {"axis": [1, 2]}, {"virtual_batch_size": 2}])
def test_a_normalization_that_operations_do_not_say_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(GraphError, match="training=True") as refused:
        became(called("BatchNormalization", True, **config), "2.4.0")
    assert refused.value.where == "l"


def test_calls_that_differ_are_refused() -> None:
    entry = called("BatchNormalization", True)
    entry["inbound_nodes"].append([["i", 0, 0, {}]])
    with pytest.raises(GraphError, match="other calls without it"):
        became(entry, "2.4.0")


def nested(*flags: object) -> dict[str, Any]:
    inner = {"class_name": "Sequential", "name": "l", "config": {"name": "l", "layers": []}}
    inner["config"]["layers"] = sequential(("BatchNormalization", INITIALIZER), shape=[4])["config"]
    inner["inbound_nodes"] = [called("Sequential", flag)["inbound_nodes"][0] for flag in flags]
    return inner


@pytest.mark.parametrize(("flags", "doubted"), [((True, False), True), ((True, None), True), ((True, True), False), ((False, None), False)])
def test_a_model_called_so_in_some_places_alone_is_doubted(flags: tuple[object, ...], doubted: bool) -> None:
    layer, doubt = became(nested(*flags), "2.4.0")
    assert layer.model is not None
    assert ("l is called with training=True in some places" in doubt) is doubted
    assert any(inner.composed for inner in layer.model.layers) is (flags == (True, True))


def test_a_model_hands_it_to_its_layers_at_any_depth() -> None:
    deep = {**sequential(("BatchNormalization", INITIALIZER), shape=[4]), "name": "deep"}
    deep["config"].append({"class_name": "Dropout", "config": {"name": "quiet", "rate": 0.0}})
    outer = {"class_name": "Sequential", "name": "l", "config": {"name": "l", "layers": [deep]}}
    outer["inbound_nodes"] = called("Sequential", True)["inbound_nodes"]
    found = upgrade(functional(outer, shape=[4]), "2.4.0", "tensorflow").model.layer("l").model
    assert found is not None
    inner = next(layer.model for layer in found.layers if layer.model is not None)
    assert [layer.composed for layer in inner.layers if not layer.is_input] == [True, False]

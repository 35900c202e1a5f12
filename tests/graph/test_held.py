"""What a file holds of the weights that a graph needs: hypotheses of what was tracked, orders, names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from layerfix.blueprint import WeightSpec
from layerfix.containers.config import LayerNode
from layerfix.containers.records import Checkpoint, LayerEntry, WeightEntry
from layerfix.errors import GraphError
from layerfix.graph.held import LiveLayer, Place, owner_places
from layerfix.model import Layer


def node(name: str) -> LayerNode:
    return LayerNode(name, name, "Mine", {}, (), (), "owner")


def place(layer: str, role: str, shape: tuple[int, ...], *, trainable: bool = True, tracked: bool = True, hidden: bool = False) -> Place:
    """A weight as the graph needs it; one of a stock layer has a record that is stored as today's."""
    spec = WeightSpec("owner", f"{layer}/{role}:0", layer, role, shape, "float32", None, trainable, hidden)
    live = LiveLayer(node(layer), Layer("Mine", layer, {}), object())
    return Place(spec, object(), live, 0, tracked)


def checkpoint(*weights: tuple[str, tuple[int, ...]]) -> Checkpoint:
    entries = tuple(WeightEntry("owner", name, shape, "float32") for name, shape in weights)
    return Checkpoint(Path("m.h5"), "keras-h5-model", "2.2.4", "tensorflow", {}, None, (LayerEntry("owner", entries),), None)


OWNER = LayerNode("owner", "owner", "Mine", {}, (), (), "owner")


def found(places: list[Place], *weights: tuple[str, tuple[int, ...]]) -> list[tuple[str, bool]]:
    """(name, hidden) in storage order."""
    return [(item.spec.name, item.spec.hidden) for item in owner_places(OWNER, places, checkpoint(*weights))]


def test_a_healthy_file_holds_everything_under_its_own_names() -> None:
    places = [place("a", "kernel", (3, 2)), place("a", "bias", (2,))]
    assert found(places, ("a_1/kernel:0", (3, 2)), ("a_1/bias:0", (2,))) == [("a_1/kernel:0", False), ("a_1/bias:0", False)]


def test_what_legacy_keras_did_not_track_is_hidden() -> None:
    places = [place("a", "scale", (2,)), place("a", "conv/kernel", (3, 2), tracked=False)]
    assert found(places, ("a/scale:0", (2,))) == [("a/scale:0", False), ("a/conv/kernel:0", True)]


def test_a_repaired_file_holds_what_was_hidden() -> None:
    places = [place("a", "scale", (2,)), place("a", "conv/kernel", (3, 2), tracked=False)]
    names = [("a/scale:0", (2,)), ("a/conv/kernel:0", (3, 2))]
    assert found(places, *names) == [("a/scale:0", False), ("a/conv/kernel:0", False)]


def test_trained_weights_come_before_others_in_keras_2() -> None:
    places = [place("a", "gamma", (2,)), place("a", "mean", (2,), trainable=False), place("b", "kernel", (2, 3))]
    names = [("x/gamma:0", (2,)), ("x/kernel:0", (2, 3)), ("x/mean:0", (2,))]
    assert [name for name, _ in found(places, *names)] == ["x/gamma:0", "x/kernel:0", "x/mean:0"]


def test_layer_by_layer_where_the_shapes_say_so() -> None:
    places = [place("a", "gamma", (2,)), place("a", "mean", (4,), trainable=False), place("b", "kernel", (2, 3))]
    names = [("x/gamma:0", (2,)), ("x/mean:0", (4,)), ("x/kernel:0", (2, 3))]
    assert [name for name, _ in found(places, *names)] == ["x/gamma:0", "x/mean:0", "x/kernel:0"]


def test_names_tell_layers_of_one_shape_apart() -> None:
    places = [place("dense_1", "kernel", (2, 2)), place("dense_2", "kernel", (2, 2))]
    ordered = owner_places(OWNER, places, checkpoint(("dense_2/kernel:0", (2, 2)), ("dense_1/kernel:0", (2, 2))))
    assert [(item.spec.layer, item.spec.name) for item in ordered] == [("dense_2", "dense_2/kernel:0"), ("dense_1", "dense_1/kernel:0")]


def test_a_hidden_weight_that_would_bear_a_stored_one_s_name_gets_a_number() -> None:
    places = [place("a", "kernel", (2,)), place("a", "kernel", (5,), tracked=False), place("a", "kernel", (6,), tracked=False)]
    assert found(places, ("a/kernel:0", (2,))) == [("a/kernel:0", False), ("a/kernel_1:0", True), ("a/kernel_2:0", True)]


def test_a_file_without_the_owner_has_all_of_it_hidden() -> None:
    other = Checkpoint(Path("m.h5"), "keras-h5-model", "2.2.4", "tensorflow", {}, None, (), None)
    places = [place("a", "kernel", (2,), tracked=False)]
    assert [item.spec.hidden for item in owner_places(OWNER, places, other)] == [True]


@pytest.mark.parametrize("weights", [(("a/kernel:0", (3, 3)),), (("a/kernel:0", (3, 2)), ("a/bias:0", (2,)), ("a/more:0", (1,)))])
def test_what_fits_in_no_way_is_refused_with_both_lists(weights: Any) -> None:
    with pytest.raises(GraphError, match=r"The graph has a/kernel \(3, 2\), a/bias \(2,\); the file holds a/kernel:0 ") as refused:
        found([place("a", "kernel", (3, 2)), place("a", "bias", (2,))], *weights)
    assert refused.value.where == "owner"
    assert "--set" in str(refused.value.hint)

"""Numbered variables of a v3 file into live layers: each object's own, found by the attributes that hold it, or refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint, LayerEntry, WeightEntry
from layerfix.errors import GraphError
from layerfix.graph.groups import Home, assign_groups, layer_homes, refuse_unclaimed, variables_of
from layerfix.model import Layer, Model, Relay


def checkpoint(*stored: tuple[str, str, tuple[int, ...]]) -> Checkpoint:
    """(owner, path in it, shape) of each tensor."""
    entries = tuple(WeightEntry(owner, name, shape, "float32") for owner, name, shape in stored)
    return Checkpoint(Path("m.keras"), "keras-v3", "3.15.1", "tensorflow", {}, None, (LayerEntry("all", entries),), None)


DENSE = [("layers/dense", "vars/0", (3, 2)), ("layers/dense", "vars/1", (2,))]


def built(layer: Any, *shape: int | None) -> Any:
    layer.build((None, *shape))
    return layer


def home(layer: Any, record: Layer | None = None, group: str | None = "layers/dense") -> Home:
    return Home("d", record or Layer("Dense", "d", {}), layer, group)


def found(home: Home, *stored: tuple[str, str, tuple[int, ...]], strict: bool = True) -> list[tuple[str, str]]:
    """(variable, stored name) of each pair."""
    pairs = variables_of(home, checkpoint(*stored), strict=strict)
    return [("-" if item.variable is None else item.variable.name, item.stored.name) for item in pairs]


def test_own_variables_go_by_number_not_by_their_order_in_the_file() -> None:
    assert found(home(built(layers.Dense(2), 3)), *DENSE[::-1]) == [("kernel", "vars/0"), ("bias", "vars/1")]


def test_ten_variables_are_counted_as_numbers() -> None:
    class Many(layers.Layer):  # type: ignore[misc]
        def build(self, shape: Any) -> None:
            self.held = [self.add_weight(name=f"w{number}", shape=()) for number in range(11)]

    stored = [("layers/dense", f"vars/{number}", ()) for number in (10, *range(10))]
    assert found(home(built(Many(), 3)), *stored)[-2:] == [("w9", "vars/9"), ("w10", "vars/10")]


def test_a_wrapped_layer_is_found_under_its_attribute() -> None:
    layer = built(layers.Bidirectional(layers.SimpleRNN(2, use_bias=False)), 4, 3)
    stored = [("layers/dense", f"{side}_layer/cell/vars/{n}", (3 - n, 2)) for side in ("backward", "forward") for n in (0, 1)]
    by_name = {item.stored.name: item.variable for item in variables_of(home(layer), checkpoint(*stored), strict=True)}
    assert by_name["forward_layer/cell/vars/0"] is layer.forward_layer.cell.kernel
    assert by_name["backward_layer/cell/vars/1"] is layer.backward_layer.cell.recurrent_kernel
    assert len(by_name) == 4


def test_what_the_file_lacks_is_lost_where_that_may_be_and_refused_where_not() -> None:
    layer = built(layers.Dense(2), 3)
    assert found(home(layer, group=None), strict=False) == []
    with pytest.raises(GraphError, match=r"Dense 'd' needs vars/0 to 1; m\.keras has group layers/dense for it and there: none"):
        found(home(layer))
    with pytest.raises(GraphError, match=r"m\.keras has no group for it"):
        found(home(layer, group=None))


def test_another_number_of_variables_is_refused_also_where_some_may_be_lost() -> None:
    with pytest.raises(GraphError, match=r"needs vars/0 to 1; .* there: layers/dense/vars/0 \(3, 2\)") as refused:
        found(home(built(layers.Dense(2), 3)), DENSE[0], strict=False)
    assert refused.value.where == "d"


def test_a_seed_may_be_missing() -> None:
    assert found(home(built(layers.Dropout(0.5), 3))) == []


def test_a_layout_that_changes_has_no_variable_of_today_and_its_own_count() -> None:
    record = Layer("LSTM", "d", {}, relay=Relay("cudnn_lstm", 3))
    stored = [("layers/dense", f"vars/{number}", (1,)) for number in range(3)]
    layer = built(layers.LSTM(2), 4, 3)
    assert found(home(layer, record), *stored) == [("-", "vars/0"), ("-", "vars/1"), ("-", "vars/2")]
    with pytest.raises(GraphError, match=r"LSTM 'd' needs 3 variables"):
        found(home(layer, record), *stored[:2])


def test_tensors_that_no_layer_claims_are_counted() -> None:
    entries = checkpoint(*DENSE, ("layers/other", "vars/0", (7,)))
    claimed = [weight for weight in entries.weights if weight.owner == "layers/dense"]
    refuse_unclaimed(checkpoint(*DENSE), claimed)
    with pytest.raises(GraphError, match=r"it holds layers/other/vars/0 \(7,\), which no layer"):
        refuse_unclaimed(entries, claimed)
    with pytest.raises(GraphError, match=r"it holds layers/dense/vars/0 \(3, 2\) and 2 more"):
        refuse_unclaimed(entries, [])


def nested() -> tuple[keras.Model, Model]:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="deep")], name="inner")
    steps = keras.Sequential([keras.Input((4,)), layers.Dense(2, name="step")], name="steps")
    model = keras.Sequential(
        [
            keras.Input((5, 3)),
            layers.Dense(4, name="first"),
            layers.TimeDistributed(steps, name="td"),
            layers.Flatten(),
            layers.Dense(4),
            inner,
        ],
        name="outer",
    )
    deep = Layer("Sequential", "inner", {}, model=Model("Sequential", "inner", (Layer("Dense", "deep", {}),)))
    step = Layer("Sequential", "steps", {}, model=Model("Sequential", "steps", (Layer("Dense", "step", {}),)))
    records = (
        Layer("Dense", "first", {}, legacy_name="was/first"),
        Layer("TimeDistributed", "td", {}, wrapped={"layer": step}),
        Layer("Dense", model.layers[3].name, {}),
        deep,
    )
    return model, Model("Sequential", "outer", records)


def test_homes_are_found_in_models_inside_and_in_those_that_run_at_each_step() -> None:
    model, architecture = nested()
    groups = {"was/first": "layers/dense", "inner/deep": "layers/sequential/layers/dense"}
    homes = list(layer_homes(architecture, model, groups))
    assert [(one.path, one.group) for one in homes] == [
        ("was/first", "layers/dense"), ("td/step", None), (model.layers[3].name, None), ("inner/deep", "layers/sequential/layers/dense"),
    ]  # fmt: skip
    assert [one.layer.name for one in homes][:2] == ["first", "step"]


def test_a_file_that_keras_wrote_fills_a_fresh_model(tmp_path: Path) -> None:
    def make() -> keras.Model:
        return keras.Sequential(
            [keras.Input((4, 3)), layers.LSTM(2, name="a"), layers.BatchNormalization(name="b"), layers.Dense(1, name="c")]
        )

    wrote, fresh = make(), make()
    for number, weight in enumerate(wrote.weights):
        weight.assign(np.full(weight.shape, number + 1.0))
    wrote.save(tmp_path / "m.keras")
    records = (Layer("LSTM", "a", {}), Layer("BatchNormalization", "b", {}), Layer("Dense", "c", {}))
    held = assign_groups(fresh, Model("Sequential", "m", records), read(tmp_path / "m.keras"))
    assert len(held) == len(fresh.weights) == 9
    assert all(np.array_equal(one, other) for one, other in zip(fresh.get_weights(), wrote.get_weights(), strict=True))


def test_a_model_without_a_layer_of_the_file_is_refused(tmp_path: Path) -> None:
    wrote = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="a"), layers.Dense(1, name="b")])
    wrote.save(tmp_path / "m.keras")
    less = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="a")])
    with pytest.raises(GraphError, match="and 1 more, which no layer of its architecture claims"):
        assign_groups(less, Model("Sequential", "m", (Layer("Dense", "a", {}),)), read(tmp_path / "m.keras"))

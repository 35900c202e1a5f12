"""A custom layer's weights and draws, replayed, are named, ordered and counted as genuine Keras did (`replayed/`)."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.blueprint import NumpyCall
from layerfix.containers.config import LayerNode
from layerfix.graph.naming import Made, Scopes, layer_names
from layerfix.graph.replay import _stored_order, replay
from layerfix.graph.replayed import Inner, Replayed, as_draw, recalled
from layerfix.graph.shim.loader import load_layers
from layerfix.graph.units import events_of, legacy_class, made_layers
from layerfix.legacy.draws import StockDraw

FOLDER = Path(__file__).parent / "replayed"
GENUINE = {release: json.loads((FOLDER / f"keras{release.replace('.', '')}.json").read_text()) for release in ("2.0.9", "2.2.4", "2.3.1")}
PAIRS = [(release, name) for release, told in GENUINE.items() for name in told]
KINDS = {"seed": ["int", 10**7], "wide": ["int", 10**9]}


def node(name: str) -> LayerNode:
    return LayerNode(name, name, "Mine", {}, (), (), name)


@pytest.fixture(scope="module")
def classes() -> Any:
    return load_layers([FOLDER / "classes.py"])


def played(cls: Any, release: str) -> Replayed:
    """The replay of a layer in a model of its own, as `adopt` asks for it."""
    name = f"{cls.__name__.lower()}_1"
    layer = cls(name=name)
    layer(keras.Input((5, 4)))
    events = events_of(layer)
    explicit = {id(event.subject): event.detail for event in events if event.kind == "made"}
    inner = [Made(legacy_class(each), explicit.get(id(each)), each) for each in made_layers(events) if each is not layer]
    names = layer_names([Made(cls.__name__, name), *inner], unnumbered_first=False)
    return replay(node(name), layer, names, Scopes(), release)


def told(replayed: Replayed) -> list[list[Any]]:
    """Its draws as the generators note them."""
    filled = {id(weight.variable): (("own", weight.name), tuple(weight.variable.shape)) for weight in replayed.weights}
    drawn = [as_draw(node("own"), item, filled) for item in replayed.draws]
    return [KINDS.get(draw.kind, [draw.kind, draw.count]) for draw in drawn]


@pytest.mark.parametrize(("release", "name"), PAIRS)
def test_every_variable_has_the_name_that_keras_gave_it(classes: Any, release: str, name: str) -> None:
    genuine = {one for one in GENUINE[release][name]["variables"] if not one.endswith(("/biased:0", "/local_step:0"))}
    assert {weight.name for weight in played(classes[name], release).weights} == genuine


@pytest.mark.parametrize(("release", "name"), PAIRS)
def test_numbers_are_drawn_in_the_order_and_of_the_kinds_of_keras(classes: Any, release: str, name: str) -> None:
    assert told(played(classes[name], release)) == GENUINE[release][name]["draws"]


@pytest.mark.parametrize(("release", "name"), [pair for pair in PAIRS if pair != ("2.3.1", "Numbers")])
def test_what_keras_tracked_is_told_from_what_it_lost(classes: Any, release: str, name: str) -> None:
    found = [weight.name for weight in played(classes[name], release).weights if weight.tracked]
    assert found == GENUINE[release][name]["tracked"]


@pytest.mark.parametrize("name", ["Own", "Order", "Recurrent", "Outer", "Wrapped", "Deep"])
def test_weights_stand_in_the_order_of_keras_2_3_which_tracked_them_all(classes: Any, name: str) -> None:
    found = [weight.name for weight in played(classes[name], "2.3.1").weights]
    tracked = GENUINE["2.3.1"][name]["tracked"]
    assert [one for one in found if one in tracked] == tracked


def weight(role: str, *, trainable: bool = True) -> Inner:
    return Inner(f"own_1/{role}:0", role, object(), None, None, trainable, True)


def test_what_a_wrapper_wraps_stands_first_then_own_weights_then_sublayers_and_frozen_ones_last() -> None:
    ranked = [
        (3, 0, weight("late/kernel")),
        (-1, 1, weight("mean", trainable=False)),
        (0, 2, weight("early/kernel")),
        (-1, 3, weight("gain")),
        (-2, 4, weight("cell/kernel")),
        (0, 5, weight("early/bias")),
    ]
    assert [one.role for one in _stored_order(ranked)] == ["cell/kernel", "gain", "early/kernel", "early/bias", "late/kernel", "mean"]


def test_a_later_call_draws_masks_and_noise_once_more_and_no_weights() -> None:
    mask, kernel = (StockDraw("seed", "call", None), None, "dropout_1/mask"), (StockDraw("seed", "call", "kernel"), object(), "kernel")
    built, bare = (StockDraw("seed", "build", None), None, "early"), (StockDraw("wide", "call", None), object(), "own_1/random")
    assert recalled(Replayed([], [mask, kernel, built, bare])) == [mask]


def test_an_orthogonal_kernel_draws_as_many_numbers_as_its_flattened_shape_has() -> None:
    kernel = SimpleNamespace()
    item = (StockDraw("normal", "build", "kernel"), kernel, "conv/kernel")
    found = as_draw(node("own"), item, {id(kernel): (("own", "conv/kernel:0"), (3, 2, 5))})
    assert (found.kind, found.weight, found.count, found.shape) == ("normal", ("own", "conv/kernel:0"), 30, (6, 5))


@pytest.mark.parametrize(("shape", "kind"), [((), "normal"), ((4,), "seed")])
def test_a_draw_that_flattens_nothing_counts_once(shape: tuple[int, ...], kind: Any) -> None:
    variable = SimpleNamespace()
    found = as_draw(node("own"), (StockDraw(kind, "call", None), variable, "own"), {id(variable): (("own", "w:0"), shape)})
    assert (found.kind, found.weight, found.count, found.shape, found.phase) == (kind, ("own", "w:0"), 1, (), "call")


def test_a_call_of_numpy_is_kept_to_be_made_again() -> None:
    call = NumpyCall(0, "normal", (0.0, 2.0), {"size": 3})
    found = as_draw(node("own"), (StockDraw("numpy", "init", None), call, "normal"), {})
    assert (found.kind, found.call, found.phase, found.source) == ("numpy", call, "init", "normal")
    np.testing.assert_array_equal(call.draw(np.random.RandomState(1)), np.random.RandomState(1).normal(0.0, 2.0, size=3))
    assert str(call) == "np.random.normal(0.0, 2.0, size=3)"

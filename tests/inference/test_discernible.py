"""Values without a say in predictions, and values of like layers that could change places."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest

from layerfix.blueprint import WeightSpec
from layerfix.inference.discernible import interchangeable, ordered, without_say
from layerfix.inference.exactness import Doubt, Witness
from layerfix.inference.records import Recovered

ORDER = Doubt("order", True, "another order of the layers explains the file as well")
AGREES = Witness("samples", True, 1e-4, "the samples prefer it")
KEYS = (("one", "one/kernel:0"), ("two", "two/kernel:0"), ("mute", "mute/kernel:0"))


def experts(*, summed: bool) -> tuple[Any, dict[Any, Any], list[Any]]:
    """Two experts, summed or one behind the other, and a layer whose output is multiplied by zero."""
    keras.utils.set_random_seed(0)
    x = keras.Input((4,))
    layers = one, two, mute = tuple(keras.layers.Dense(4, use_bias=False, activation="tanh") for _ in KEYS)
    joined = one(x) + two(x) if summed else two(one(x))
    model = keras.Model(x, joined + 0.0 * mute(x))
    specs = [WeightSpec(key[0], key[1], key[0], "kernel", (4, 4), "float32", None, True, True) for key in KEYS]
    variables = [layer.kernel for layer in layers]
    leaves = [SimpleNamespace(layer=layer, record=SimpleNamespace(relay=None)) for layer in layers]
    places = {
        spec.key: SimpleNamespace(variable=variable, spec=spec, leaf=leaf)
        for spec, variable, leaf in zip(specs, variables, leaves, strict=True)
    }
    held = {spec.key: variable for spec, variable in zip(specs, variables, strict=True)}
    rebuilt = SimpleNamespace(model=model, blueprint=SimpleNamespace(hidden=specs), places=places, variables=held, held={})
    values = {spec.key: np.asarray(variable) for spec, variable in zip(specs, variables, strict=True)}
    return rebuilt, values, [np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)]


def test_a_value_that_is_multiplied_by_zero_has_no_say() -> None:
    rebuilt, values, inputs = experts(summed=True)
    assert without_say(rebuilt, values, inputs) == {KEYS[2]}
    assert all(np.array_equal(place.variable, values[key]) for key, place in rebuilt.places.items())


@pytest.mark.parametrize(("summed", "alike"), [(True, set(KEYS[:2])), (False, set())])
def test_summed_experts_could_change_places_and_chained_ones_could_not(summed: bool, alike: set[Any]) -> None:
    rebuilt, values, inputs = experts(summed=summed)
    assert interchangeable(rebuilt, values, frozenset(KEYS[:2]), inputs) == alike


@pytest.mark.parametrize(("summed", "word"), [(True, "likely"), (False, "exact")])
def test_samples_do_not_tell_the_order_of_layers_that_could_change_places(summed: bool, word: str) -> None:
    rebuilt, values, inputs = experts(summed=summed)
    found = {key: Recovered(key, "seed", -20.0, (ORDER,), {}, "", (AGREES,), op_seed=1) for key in KEYS[:2]}
    told = ordered(found, rebuilt, values, inputs)
    assert {each.standing.word for each in told.values()} == {word}

"""The optimizer of a live model as older files keep it: which weights, under which names, in which order, with which state."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.graph.trained import state_of, trained_weights
from layerfix.legacy.optimizers import OPTIMIZERS


@pytest.fixture(scope="module")
def model() -> keras.Model:
    shared = keras.layers.Dense(2, name="shared")
    x = keras.Input((2,), name="x")
    frozen = keras.layers.Dense(2, name="frozen", trainable=False)
    y = shared(keras.layers.BatchNormalization(name="norm")(frozen(shared(x))))
    return keras.Model(x, keras.layers.Dense(1, name="last")(y))


def names(model: keras.Model) -> list[str]:
    return [name for name, _ in trained_weights(model)]


def test_what_is_not_trained_is_left_out_and_a_shared_weight_comes_once(model: keras.Model) -> None:
    assert sorted(names(model)) == sorted(["shared/kernel", "shared/bias", "norm/gamma", "norm/beta", "last/kernel", "last/bias"])
    assert names(model)[-2:] == ["last/kernel", "last/bias"]


def test_two_weights_of_one_name_are_told_apart() -> None:
    inner = [keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="same")], name=name) for name in ("one", "two")]
    twins = keras.Sequential([keras.Input((2,)), *inner])
    assert len(set(names(twins))) == 4
    assert {id(weight) for _, weight in trained_weights(twins)} == {id(weight) for weight in twins.trainable_weights}


SLOTTED = [(name, {}) for name in OPTIMIZERS] + [("Adam", {"amsgrad": True}), ("RMSprop", {"momentum": 0.9, "centered": True})]


@pytest.mark.parametrize(("name", "settings"), [pair for pair in SLOTTED if pair[0] != "SGD"])
def test_each_slot_stands_under_its_role_in_the_order_of_the_weights(name: str, settings: dict[str, Any]) -> None:
    small = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="a"), keras.layers.Dense(1, name="b")])
    small.compile(getattr(keras.optimizers, name)(**settings), "mse")
    small.optimizer.build(small.trainable_variables)
    roles = OPTIMIZERS[name].today
    for number, attribute in enumerate(roles.values()):
        for place, slot in enumerate(getattr(small.optimizer, attribute, None) or []):
            slot.assign(np.full(slot.shape, 10 * number + place, np.float32))
    small.optimizer.iterations.assign(7)
    state = state_of(small)
    assert state.iterations == 7
    assert set(state.slots) == {role for role in roles if role in OPTIMIZERS[name].always or _switched_on(name, role, settings)}
    numbers = {role: number for number, role in enumerate(roles)}
    found = {role: [float(array.ravel()[0]) for array in arrays] for role, arrays in state.slots.items()}
    assert found == {role: [10.0 * numbers[role] + place for place in range(4)] for role in state.slots}
    assert [array.shape for array in next(iter(state.slots.values()))] == [(3, 2), (2,), (2, 1), (1,)]


def _switched_on(name: str, role: str, settings: dict[str, Any]) -> bool:
    return any(settings.get(key) for key, switched in OPTIMIZERS[name].switched.items() if switched == role)


def test_an_optimizer_without_momentum_keeps_its_steps_alone() -> None:
    small = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    small.compile("sgd", "mse")
    small.fit(np.ones((4, 3)), np.ones(4), batch_size=2, verbose=0)
    state = state_of(small)
    assert (state.iterations, dict(state.slots)) == (2, {})

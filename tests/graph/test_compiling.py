"""Stored optimizer state into a compiled model: role by role, in the orders in which releases kept it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from layerfix.dialects.slots import State
from layerfix.dialects.training import Training
from layerfix.graph.compiling import compile_model, compile_with_numbered
from layerfix.model import Layer, Model


def settings(optimizer: str = "Adam", decay: float = 0.0, **arguments: Any) -> Training:
    return Training(optimizer, {"learning_rate": 0.01, **arguments}, decay, "mse", None, None, ())


def small() -> tuple[keras.Model, Model]:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="a"), keras.layers.Dense(1, name="b")])
    return model, Model("Sequential", "m", (Layer("Dense", "a", {"units": 2}), Layer("Dense", "b", {"units": 1})))


SHAPES = [(3, 2), (2,), (2, 1), (1,)]


def slots(start: float) -> list[np.ndarray[Any, Any]]:
    return [np.full(shape, start + number, np.float32) for number, shape in enumerate(SHAPES)]


def state(iterations: int | None = 7, **roles: list[np.ndarray[Any, Any]]) -> State:
    return State(iterations, roles)


def values(variables: Any) -> list[float]:
    return [float(np.asarray(variable).ravel()[0]) for variable in variables]


def test_each_role_of_the_state_is_continued() -> None:
    model, architecture = small()
    outcome = compile_model(model, architecture, settings(), state(m=slots(1), v=slots(10)))
    assert (outcome.status, outcome.why) == ("kept", "m, v")
    assert int(model.optimizer.iterations) == 7
    assert values(model.optimizer._momentums) == [1, 2, 3, 4]
    assert values(model.optimizer._velocities) == [10, 11, 12, 13]


def test_without_the_number_of_steps_that_is_said() -> None:
    model, architecture = small()
    outcome = compile_model(model, architecture, settings("RMSprop"), state(None, rms=slots(1)))
    assert outcome.status == "kept"
    assert values(model.optimizer._velocities) == [1, 2, 3, 4]
    assert "does not hold the number of steps (Keras before 2.3 left it out for RMSprop)" in outcome.why


@pytest.mark.parametrize(
    ("stored", "why"),
    [
        (None, "holds no optimizer state, or one in an unknown layout"),
        (state(m=slots(1)[:3]), "does not fit the trainable weights"),
        (state(m=slots(1)[::-1]), "does not fit the trainable weights"),
    ],
)
def test_what_does_not_fit_starts_afresh_and_says_why(stored: State | None, why: str) -> None:
    model, architecture = small()
    outcome = compile_model(model, architecture, settings(), stored)
    assert outcome.status == "fresh"
    assert why in outcome.why
    assert int(model.optimizer.iterations) == 0


def test_a_rate_that_falls_with_each_step_goes_on_falling() -> None:
    model, architecture = small()
    compile_model(model, architecture, settings("SGD", decay=0.5), None)
    model.optimizer.iterations.assign(2)
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01 / (1 + 0.5 * 2))


def test_a_nested_model_that_has_no_slots_was_frozen() -> None:
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(3, name="c")], name="inner")
    model = keras.Sequential([keras.Input((3,)), inner, keras.layers.Dense(1, name="b")])
    nested = Layer("Sequential", "inner", {}, model=Model("Sequential", "inner", (Layer("Dense", "c", {"units": 3}),)))
    architecture = Model("Sequential", "m", (nested, Layer("Dense", "b", {"units": 1})))
    stored = [np.ones((3, 1), np.float32), np.ones(1, np.float32)]
    outcome = compile_model(model, architecture, settings(), state(m=stored, v=stored))
    assert outcome.status == "kept"
    assert inner.trainable is False
    assert len(model.optimizer._momentums) == 2


@pytest.mark.parametrize("learning_rate", [[], [np.float32(0.5)]], ids=["keras 2", "keras 3"])
def test_numbered_state_goes_on_with_or_without_a_learning_rate(learning_rate: list[Any]) -> None:
    model, _ = small()
    pairs = [item for m, v in zip(slots(1), slots(10), strict=True) for item in (m, v)]
    outcome = compile_with_numbered(model, settings(), [np.int64(5), *learning_rate, *pairs])
    assert (outcome.status, outcome.why) == ("kept", "m, v")
    assert int(model.optimizer.iterations) == 5
    assert values(model.optimizer._momentums) == [1, 2, 3, 4]
    assert values(model.optimizer._velocities) == [10, 11, 12, 13]
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("training", "stored"),
    [
        (settings(), [np.int64(5), *slots(1)]),
        (settings("SGD", momentum=0.9), [np.int64(5), *slots(1)[::-1]]),
        (settings("Nadam"), [np.int64(5), np.float32(1), *slots(1), *slots(1)]),
    ],
    ids=["too few", "other shapes", "an order that changed"],
)
def test_numbered_state_in_another_order_starts_afresh(training: Training, stored: list[Any]) -> None:
    model, _ = small()
    assert compile_with_numbered(model, training, stored).status == "fresh"
    assert int(model.optimizer.iterations) == 0

"""Optimizer state by role. Names and orders as genuine files have them: Keras 2.2.4, 2.3.1, tf.keras 2.4, 2.10 and 2.15."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerfix.dialects.slots import state

Array = NDArray[Any]


def numbered(*names: str, shape: tuple[int, ...] = (2,)) -> list[tuple[str, Array]]:
    return [(name, np.full(shape, float(number), "float32")) for number, name in enumerate(names)]


def found(optimizer: str, *stored: tuple[str, Array]) -> dict[str, list[float]] | None:
    """The first number of each slot, by role."""
    told = state(optimizer, list(stored))
    return None if told is None else {role: [float(slot.flat[0]) for slot in slots] for role, slots in told.slots.items()}


ITER = ("Adam/iter:0", np.array(5))


def test_tf_keras_2_4_names_the_role_behind_the_weight() -> None:
    stored = numbered("Adam/d/kernel/m:0", "Adam/d/bias/m:0", "Adam/d/kernel/v:0", "Adam/d/bias/v:0")
    assert found("Adam", ITER, *stored) == {"m": [0, 1], "v": [2, 3]}


def test_keras_2_11_names_it_ahead_of_the_weight_weight_by_weight() -> None:
    stored = numbered("Adam/m/d/kernel:0", "Adam/v/d/kernel:0", "Adam/m/d/bias:0", "Adam/v/d/bias:0")
    assert found("Adam", ("iteration:0", np.array(5)), *stored) == {"m": [0, 2], "v": [1, 3]}


def test_a_weight_that_is_called_like_a_role_takes_no_slot_for_another() -> None:
    stored = numbered("Adam/m/wn/v:0", "Adam/v/wn/v:0", "Adam/m/wn/g:0", "Adam/v/wn/g:0")
    assert found("Adam", *stored) == {"m": [0, 2], "v": [1, 3]}


@pytest.mark.parametrize(
    ("optimizer", "names", "expected"),
    [
        ("SGD", ("SGD/d/kernel/momentum:0", "SGD/d/bias/momentum:0"), {"momentum": [0, 1]}),
        ("SGD", ("SGD/m/d/kernel:0", "SGD/m/d/bias:0"), {"momentum": [0, 1]}),
        ("SGD", ("training/SGD/Variable:0", "training/SGD/Variable_1:0"), {"momentum": [0, 1]}),
        ("RMSprop", ("RMSprop/d/kernel/rms:0", "RMSprop/d/kernel/momentum:0"), {"rms": [0], "momentum": [1]}),
        ("RMSprop", ("RMSprop/velocity/d/kernel:0",), {"rms": [0]}),
        ("RMSprop", ("training/RMSprop/Variable:0",), {"rms": [0]}),
        ("Adagrad", ("Adagrad/d/kernel/accumulator:0",), {"accumulator": [0]}),
        ("Adadelta", ("Adadelta/d/kernel/accum_grad:0", "Adadelta/d/kernel/accum_var:0"), {"accum_grad": [0], "accum_var": [1]}),
        ("Adadelta", ("Adadelta/accumulated_grad/d/kernel:0", "Adadelta/accumulated_delta_var/d/kernel:0"),
         {"accum_grad": [0], "accum_var": [1]}),
        ("Adamax", ("Adamax/m/d/kernel:0", "Adamax/u/d/kernel:0"), {"m": [0], "v": [1]}),
        ("Adam", ("training/Adam/m_0:0", "training/Adam/v_0:0", "training/Adam/vhat_0:0"), {"m": [0], "v": [1], "vhat": [2]}),
    ],
)  # fmt: skip
def test_each_optimizer_has_its_roles(optimizer: str, names: tuple[str, ...], expected: dict[str, list[float]]) -> None:
    assert found(optimizer, *numbered(*names)) == expected


def test_placeholders_of_an_amsgrad_that_is_off_are_no_slots() -> None:
    slots = numbered(*(f"training/Adam/Variable_{number}:0" for number in range(4)))
    holders = numbered("training/Adam/Variable_4:0", "training/Adam/Variable_5:0", shape=(1,))
    assert found("Adam", *slots, *holders) == {"m": [0, 1], "v": [2, 3]}


@pytest.mark.parametrize(
    "names",
    [
        ("Adam/average/d/kernel:0", "Adam/m/d/kernel:0", "Adam/v/d/kernel:0"),
        ("Adam/d/kernel/m:0", "Adam/d/kernel/v:0", "Adam/d/kernel/extra:0"),
        ("Adam/d/kernel/m:0", "Adam/e/kernel/m:0", "Adam/d/kernel/v:0"),
    ],
    ids=["moving averages of weights", "a slot nobody knows", "one slot missing"],
)
def test_a_state_that_names_tell_in_part_is_none_and_is_not_guessed_by_place(names: tuple[str, ...]) -> None:
    assert found("Adam", *numbered(*names)) is None


def test_nameless_slots_of_other_numbers_are_no_state() -> None:
    assert found("Adadelta", *numbered("a", "b", "c")) is None
    assert state("Adam", [("a", np.zeros((2, 2))), ("b", np.zeros(3))]) is None


@pytest.mark.parametrize(
    ("name", "steps"), [("Adam/iterations:0", 7), ("SGD/iter:0", 7), ("iteration:0", 7), ("training/Adam/Variable:0", 7), ("decay:0", None)]
)
def test_steps_are_told_by_their_name_or_come_first(name: str, steps: int | None) -> None:
    told = state("Adam", [(name, np.array(7))])
    assert told is not None
    assert (told.iterations, dict(told.slots)) == (steps, {})


def test_nothing_stored_is_no_state() -> None:
    assert state("Adam", []) is None

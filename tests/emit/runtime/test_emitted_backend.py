"""Backend functions that emitted files bring along answer what genuine Keras 2 did (`backend_answers`)."""

from __future__ import annotations

import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

import keras
import pytest
from backend_answers import CASES, TENSORS, agrees, answers, spoken
from keras import ops

from layerfix.emit import backend
from layerfix.emit.runtime.keras3 import _hard_sigmoid
from layerfix.emit.runtime.recording import _remembered

OF_KERAS = {"keras209", "keras224"}
REFUSED = {
    "K.resize_images(first, 2, 2, 'channels_first')": "takes channels_last and nearest",
    "K.resize_images(image, 2, 2, 'channels_last', interpolation='bilinear')": "takes channels_last and nearest",
    "K.local_conv2d(first, kernel_l2, (2, 2), (1, 1), (3, 3), data_format='channels_first')": "takes channels_last",
    "K.conv2d_transpose(image, kernel_t, (2, 7, 7, 2), strides=(2, 2), padding='same')": "the source asks for",
}
NOT_ON_A_CPU = ("K.conv2d(first", "K.conv2d_transpose(first")
"""Calls that TensorFlow's kernels take on a GPU alone, and say so."""
OTHERWISE = "K.mean(i, axis=1)"
"""Of whole numbers Keras 3 gives a float."""


def brought() -> list[str]:
    """Calls that Keras answered of functions that a file can bring along."""
    named = [case for case in CASES if spoken(case) and all(name.startswith("K.") for name in spoken(case))]
    known = [case for case in named if all(backend.known(name.removeprefix("K.")) for name in spoken(case)) and case != OTHERWISE]
    return [case for case in known if any(OF_KERAS & {*answer.releases} for answer in answers(case)) and not case.startswith(NOT_ON_A_CPU)]


@cache
def emitted() -> Any:
    """The class `_Backend` as an emitted file has it."""
    names = frozenset(name.removeprefix("K.") for case in brought() for name in spoken(case))
    scope: dict[str, Any] = {"keras": keras, "ops": ops, "_hard_sigmoid": _hard_sigmoid, "_remembered": _remembered}
    exec(backend.source(names), scope)
    return scope["_Backend"]()


def computed(case: str) -> Any:
    return eval(case, {**{name: ops.convert_to_tensor(value) for name, value in TENSORS.items()}, "K": emitted()})


def test_many_calls_are_brought_along() -> None:
    assert len(brought()) > 130


@pytest.mark.parametrize("case", [case for case in brought() if case not in REFUSED])
def test_a_call_gives_what_genuine_keras_gave(case: str) -> None:
    found = computed(case)
    wanted = [answer for answer in answers(case) if OF_KERAS & {*answer.releases}]
    assert all(agrees(found, answer) for answer in wanted), [answer.values.tolist() for answer in wanted]


@pytest.mark.parametrize(("case", "told"), REFUSED.items())
def test_what_an_emitted_file_cannot_do_it_says(case: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        computed(case)


NAMES: dict[str, list[str]] = json.loads((Path(__file__).parents[2] / "legacy" / "backend_names.json").read_text())


def test_arguments_are_called_as_keras_calls_them() -> None:
    """`K.reshape(x, shape=...)`: legacy source gives them by name, too."""
    scope: dict[str, Any] = {"keras": keras, "ops": ops, "_hard_sigmoid": _hard_sigmoid, "_remembered": _remembered}
    names = frozenset(name for name in NAMES if backend.known(name))
    assert len(names) > 100
    exec(backend.source(names), scope)
    taken = {name: list(inspect.signature(getattr(scope["_Backend"], name)).parameters) for name in names}
    assert {name: found for name, found in taken.items() if found[: len(NAMES[name])] != NAMES[name]} == {}

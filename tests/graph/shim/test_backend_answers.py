"""`keras.backend` as the shim gives it to legacy source answers what genuine Keras and tf.keras did (`backend_answers`)."""

from __future__ import annotations

import inspect
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from backend_answers import CASES, TENSORS, agrees, answers, spoken

from layerfix.errors import LackError
from layerfix.graph.shim.modules import find

OF_KERAS = {"keras209", "keras224"}
BILINEAR = "K.resize_images(image, 2, 2, 'channels_last', interpolation='bilinear')"


def computed(case: str, module: str) -> Any:
    tensors = {name: tf.constant(value) for name, value in TENSORS.items()}
    return eval(case, {**tensors, "K": find(module), "np": np})


def answered(case: str, *, of_keras: bool) -> bool:
    return any(bool(OF_KERAS & {*answer.releases}) == of_keras or len(answers(case)) == 1 for answer in answers(case))


BACKEND = [case for case in CASES if all(name.startswith("K.") for name in spoken(case)) and spoken(case) and answers(case)]


@pytest.mark.parametrize("case", [case for case in BACKEND if answered(case, of_keras=True)])
def test_source_that_imports_keras_gets_what_keras_gave(case: str) -> None:
    found = computed(case, "keras.backend")
    wanted = [answer for answer in answers(case) if OF_KERAS & {*answer.releases}] or answers(case)
    assert all(agrees(found, answer) for answer in wanted), [answer.values.tolist() for answer in wanted]


@pytest.mark.parametrize("case", [case for case in BACKEND if answered(case, of_keras=False) and case != BILINEAR])
def test_source_that_imports_tf_keras_gets_what_tf_keras_gave(case: str) -> None:
    found = computed(case, "tensorflow.keras.backend")
    wanted = [answer for answer in answers(case) if {*answer.releases} - OF_KERAS] or answers(case)
    assert all(agrees(found, answer) for answer in wanted), [answer.values.tolist() for answer in wanted]


def test_sampling_that_depends_on_the_generation_of_tf_keras_is_refused() -> None:
    with pytest.raises(LackError, match="one thing in TensorFlow 1 and another in 2"):
        computed(BILINEAR, "tensorflow.keras.backend")


NAMES: dict[str, list[str]] = json.loads((Path(__file__).parents[2] / "legacy" / "backend_names.json").read_text())


def test_arguments_are_called_as_keras_calls_them() -> None:
    """`K.reshape(x, shape=...)`: legacy source gives them by name, too."""
    backend = find("keras.backend")
    known = {}
    for name in NAMES:
        with suppress(LackError):
            found = getattr(backend, name)
            known |= {name: inspect.signature(found)} if callable(found) else {}
    assert len(known) > 100
    strict = {name: list(taken.parameters) for name, taken in known.items() if "kwargs" not in taken.parameters}
    assert {name: taken for name, taken in strict.items() if taken[: len(NAMES[name])] != NAMES[name]} == {}

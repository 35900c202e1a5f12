"""What genuine Keras and TensorFlow answer to calls of the backend (`backend_answers.json`), for tests of everything that stands for it."""

from __future__ import annotations

import json
import re
import runpy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

LEGACY = Path(__file__).parent / "legacy"
GENERATIONS = {"keras209": 1, "keras224": 1, "tf24": 2, "tf215": 2}
"""Environments that answered, and their generation of TensorFlow."""
TENSORS: dict[str, np.ndarray[Any, Any]] = runpy.run_path(str(LEGACY / "make_backend_answers.py"))["tensors"]()
_STORED = json.loads((LEGACY / "backend_answers.json").read_text(encoding="utf-8"))
CASES: tuple[str, ...] = tuple(_STORED)
WEIGHTS = ("kernel", "bias", "bn", "stack")
"""How tensors are called that have no batch."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, and the environments that gave it."""

    releases: tuple[str, ...]
    dtype: str
    values: np.ndarray[Any, Any]

    @property
    def generations(self) -> set[int]:
        return {GENERATIONS[release] for release in self.releases}


def answers(case: str) -> list[Answer]:
    """The different answers to a call; [] where no release had it."""
    return [Answer(tuple(one["of"]), one["dtype"], np.asarray(one["values"], float).reshape(one["shape"])) for one in _STORED[case]]


def spoken(case: str) -> set[str]:
    """The functions that a call names: "K.mean", "tf.nn.relu"."""
    return set(re.findall(r"\b(?:K|tf|keras)\.[\w.]+", case))


def agrees(found: Any, answer: Answer) -> bool:
    """Whether something is the answer: its shape, the kind of its numbers, and they to 1e-5."""
    array = np.asarray(found)
    alike = array.shape == answer.values.shape and array.dtype.kind == np.dtype(answer.dtype).kind
    return alike and np.allclose(array, answer.values, rtol=1e-5, atol=1e-5, equal_nan=True)


def used(case: str) -> list[str]:
    """The tensors with a batch that a call speaks of."""
    names = compile(case, case, "eval").co_names
    return [name for name in TENSORS if name in names and not name.startswith(WEIGHTS)]

"""Genuine checkpoints that legacy Keras saved, what each of them lost, and a whole repair to look at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerfix.commands.repair import repair
from layerfix.containers.reader import read
from layerfix.containers.records import WeightKey
from layerfix.containers.tensors import open_tensors
from layerfix.disk.hashing import file_sha256
from layerfix.results.repaired import RepairResult

MODELS = Path(__file__).parents[1] / "sample_models"


def sampled(cases: Iterable[Any], every: int) -> list[Any]:
    """Cases of a test that does the same for many files: one of `every` in the fast lane, all of them in the whole suite."""
    return [case if place % every == 0 else pytest.param(case, marks=pytest.mark.slow) for place, case in enumerate(cases)]


def lost_tensors(name: str) -> dict[str, NDArray[Any]]:
    """What the save of a sample model lost, by variable name."""
    with np.load(MODELS / f"{name}.npz") as truth:
        return {key[5:]: truth[key] for key in truth.files if key.startswith("lost/")}


def stored_tensors(path: Path) -> dict[WeightKey, NDArray[Any]]:
    """Every weight of a checkpoint."""
    checkpoint = read(path)
    with open_tensors(checkpoint) as tensors:
        return {weight.key: tensors.read(weight.key) for weight in checkpoint.weights}


class Repaired:
    """The main sample, repaired from the file alone, and its bytes' hash before."""

    def __init__(self, output: Path) -> None:
        self.source = MODELS / "resnet-mean.h5"
        self.before = file_sha256(self.source)
        self.source_file = output.with_suffix(".py")
        self.result: RepairResult = repair(self.source, output=output, emit_layers=self.source_file)
        self.output = output


def recorded(name: str) -> tuple[list[NDArray[Any]], NDArray[Any]]:
    """Inputs and the predictions from before the save."""
    with np.load(MODELS / f"{name}.npz") as truth:
        return [truth[key] for key in sorted(truth.files) if key.startswith("x")], truth["p"]

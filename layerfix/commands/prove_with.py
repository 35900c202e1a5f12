"""The last word on the way back: the older Keras itself loads the written file and predicts."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from layerfix.arrays import Array
from layerfix.dialects.down.targets import Target
from layerfix.errors import UsageError, VerifyError
from layerfix.predictions import difference

SECONDS = 600
"""What an interpreter may take to import an old TensorFlow on a slow disk, and to predict eight inputs."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a model predicts.

    Attributes:
        inputs: one array per input.
        outputs: one array per output.
        tolerance: the largest difference, relative to an output's scale, that is rounding.
    """

    inputs: Sequence[Array]
    outputs: Sequence[Array]
    tolerance: float


def prove_with(python: Path, written: Path, target: Target, expected: Expected) -> str:
    """Has an interpreter of the user's load a written file and predict, in a process of its own.

    Args:
        python: the interpreter; it needs the older Keras and numpy, and nothing of layerfix.
        written: the file, with a suffix that Keras knows.
        target: the older Keras.
        expected: what it should predict, and from which inputs.

    Returns:
        one clause for the report: who predicted, and how close it came.

    Raises:
        UsageError: where there is no such interpreter, or TensorFlow.js is meant.
        VerifyError: where it does not load the file or predicts something else.
    """
    if target.dialect == "tfjs":
        raise UsageError("--prove-with takes a Python, and TensorFlow.js runs in none.", hint="Leave it out.")
    with tempfile.TemporaryDirectory(prefix="layerfix-") as name:
        folder = Path(name)
        stored: dict[str, Any] = {f"x{number}": _storable(array) for number, array in enumerate(expected.inputs)}
        np.savez(folder / "inputs.npz", **stored)
        with as_file(files("layerfix.emit.runtime").joinpath("client.py")) as client:
            _run(python, [str(client), str(written.absolute()), "inputs.npz", "outputs.npz", _library(target)], folder, written)
        with np.load(folder / "outputs.npz", allow_pickle=False) as told:
            version = str(told["version"])
            found = [told[f"p{number}"] for number in range(len(told.files) - 1)]
    gap = difference(found, [np.asarray(array) for array in expected.outputs])
    who = f"{'TensorFlow' if _library(target) == 'tf' else 'Keras'} {version}"
    if not gap <= expected.tolerance:
        raise VerifyError(f"{who} loads the file and predicts something else (by {gap:.1e} of its scale); nothing was written.")
    return f"{who} itself loads the file and predicts the same (largest difference {gap:.1e})"


def _library(target: Target) -> str:
    return "tf" if target.dialect == "tf_keras" else "keras"


def _storable(array: Array) -> Array:
    return array.astype("U") if array.dtype.kind == "O" else array


def _run(python: Path, arguments: Sequence[str], folder: Path, written: Path) -> None:
    """Runs the client; the older Python sees no package of this one, and nothing that this one's TensorFlow set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "TF2_"))}
    environment = {**kept, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        done = subprocess.run(
            [str(python), "-s", *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except OSError as error:
        raise UsageError(f"{python} cannot be run ({error.strerror}).", hint="Name a Python with --prove-with.") from error
    except subprocess.TimeoutExpired as error:
        raise VerifyError(f"{python} did not finish within {SECONDS} s; nothing was written.", where=str(written)) from error
    if done.returncode != 0 or not (folder / "outputs.npz").exists():
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise VerifyError(f"{python} does not load the written file: {said[:300]}; nothing was written.")

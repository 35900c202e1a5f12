"""Commands that a report offers to paste."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest

from layerfix.commands.paste import again
from layerfix.containers.samples import Samples
from layerfix.options import Options

GIVEN = Options(samples=Samples((np.zeros((8, 2), "float32"),), path=Path("given.npz")), numpy_seed=7)


@pytest.mark.parametrize(("option", "value"), [("--samples", "samples.npz"), ("--numpy-seed", "N")])
def test_an_option_that_is_advised_stands_there_once(option: str, value: str) -> None:
    words = shlex.split(again(Path("old.h5"), GIVEN, None, option, value))
    assert words.count(option) == 1
    assert words[words.index(option) + 1] == value


def test_what_was_given_and_not_advised_anew_stays() -> None:
    words = shlex.split(again(Path("old.h5"), GIVEN, None, "--assume", "one-session"))
    assert words == ["layerfix", "repair", "old.h5", "--samples", "given.npz", "--numpy-seed", "7", "--assume", "one-session"]

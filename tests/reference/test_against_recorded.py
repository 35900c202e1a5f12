"""The reference predicts, in float64, what genuine Keras recorded; its own precision tells what rounding may do."""

from pathlib import Path

import numpy as np
import pytest
from genuine import sampled

from layerfix.commands.migrate import migrate
from layerfix.containers.reader import read
from layerfix.predictions import difference
from layerfix.reference.model import evaluate
from layerfix.report.migration import verdict
from layerfix.results.migrate import MigratedFile, Migration

FILES = Path(__file__).parent / "files"
OTHERS = ("nanw", "mixed", "disc")
"""Files with tests of their own."""
MODELS = sorted(path.name for path in FILES.iterdir() if path.suffix != ".npz" and not any(word in path.name for word in OTHERS))


def recorded(name):
    arrays = np.load(FILES / f"{name.partition('.')[0]}.npz")
    return tuple([arrays[key] for key in sorted(arrays.files) if key.startswith(stem)] for stem in "xp")


@pytest.mark.parametrize("name", sampled(MODELS, 4))
def test_reference_predicts_what_was_recorded(name):
    inputs, predictions = recorded(name)
    assert difference(evaluate(read(FILES / name), inputs), predictions) < 2e-5


def test_mixed_precision_is_measured_by_its_own_spread():
    inputs, predictions = recorded("tf215-mixed.h5")
    exact = evaluate(read(FILES / "tf215-mixed.h5"), inputs)
    spread = difference(evaluate(read(FILES / "tf215-mixed.h5"), inputs, exact=False), exact)
    assert 1e-5 < spread < 1e-3
    assert difference(exact, predictions) < 8 * spread


def test_weights_that_are_no_numbers_are_named_and_the_verdict_says_what_was_not_checked(tmp_path):
    result = migrate(FILES / "tf215-nanw.h5", tmp_path / "new.keras")
    assert result.proof.why.startswith("dense_1 holds NaN")
    assert not result.proof.independent
    told = verdict(Migration((MigratedFile("nanw.h5", result),)))
    assert told == "1 of 1 file brought to today's Keras, not checked against the legacy model: see the proof."

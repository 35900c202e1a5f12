"""The reference evaluates legacy models as genuine Keras did, or says what it does not know."""

from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.predictions import difference
from layerfix.reference.model import Unsupported, evaluate

FILES = Path(__file__).parent / "files"


@pytest.mark.parametrize(
    "case",
    [
        "k209-embedding_lstm",
        "k224-nested_deep",
        "k224-nested_gan",
        "k224-slash_nested",
        "k224-optimizer_adam_decay",
        "k224-thresholdedrelu",
        "k224-locally1d",
        "k231-convlstm2d",
    ],
)
def test_reference_predicts_what_genuine_keras_recorded(case):
    recorded = np.load(FILES / f"{case}.npz")
    assert difference(evaluate(read(FILES / f"{case}.h5"), [recorded["x0"]]), [recorded["p0"]]) < 2e-5


@pytest.mark.parametrize(("case", "word"), [("k122-lstm_cpu", "Keras 1.2.2")])
def test_reference_names_what_it_does_not_know(case, word):
    recorded = np.load(FILES / f"{case}.npz")
    with pytest.raises(Unsupported, match=word):
        evaluate(read(FILES / f"{case}.h5"), [recorded["x0"]])

"""Keras 3.0 to 3.11 cast what Discretization takes to whole numbers in `predict` and not in a call: both stay as they were."""

from pathlib import Path

import keras
import numpy as np

from layerfix.commands.migrate import migrate
from layerfix.predictions import difference

FILE = Path(__file__).parent / "files" / "keras33-disc.keras"


def test_genuine_file_is_proven_by_its_calls_and_predicts_what_was_recorded(tmp_path: Path) -> None:
    result = migrate(FILE, tmp_path / "new.keras")
    assert result.proof.kind == "reference"
    recorded, model = np.load(FILE.with_suffix(".npz")), keras.models.load_model(tmp_path / "new.keras")
    predicted = model.predict(recorded["x0"], verbose=0)
    assert difference([predicted], [recorded["p0"]]) < 1e-6
    assert difference([np.asarray(model(recorded["x0"]))], [predicted]) > 0.1

"""A layer that was called with training=True goes by its batch in legacy `predict`, and not in today's: told, with exit code 1."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.commands.migrate import migrate
from layerfix.commands.migrate_many import migrate_all
from layerfix.errors import LayerfixError

FILES = Path(__file__).parent / "in_training"


@pytest.mark.parametrize("case", ["k224", "tf24"])
def test_the_file_is_written_and_the_difference_is_told(case: str, tmp_path: Path) -> None:
    output = tmp_path / "new.keras"
    result = migrate(FILES / f"{case}.h5", output)
    (doubt,) = result.doubts
    assert doubt.startswith("by_batch: it is called with training=True")
    assert result.proof.kind == "reload"
    recorded = np.load(FILES / f"{case}.npz")
    model = keras.models.load_model(output)
    assert np.allclose(model(recorded["x0"]), recorded["p0"], atol=1e-5)
    assert np.abs(model.predict(recorded["x0"], verbose=0) - recorded["p0"]).max() > 0.1


def test_it_ends_with_exit_code_1(tmp_path: Path) -> None:
    (file,) = migrate_all([FILES / "tf24.h5"], tmp_path / "new.keras").files
    assert file.exit_code == 1


def test_recorded_predictions_refuse_it(tmp_path: Path) -> None:
    recorded = np.load(FILES / "tf24.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    with pytest.raises(LayerfixError):
        migrate(FILES / "tf24.h5", tmp_path / "new.keras", samples=tmp_path / "samples.npz")

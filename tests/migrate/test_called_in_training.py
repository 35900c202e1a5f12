"""Layers that were called with training=True: by the batch in legacy `predict`, and so in today's."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest

from layerfix.commands.migrate import migrate
from layerfix.commands.migrate_many import migrate_all
from layerfix.errors import LayerfixError

FILES = Path(__file__).parent / "in_training"


@pytest.mark.parametrize(("case", "proof"), [("k224", "reference"), ("tf24", "reference"), ("tf24-nested", "reload")])
def test_a_normalization_goes_by_its_batch_in_predict_too(case: str, proof: str, tmp_path: Path) -> None:
    output = tmp_path / "new.keras"
    result = migrate(FILES / f"{case}.h5", output)
    assert result.doubts == ()
    assert result.proof.kind == proof
    recorded = np.load(FILES / f"{case}.npz")
    predicted = keras.models.load_model(output).predict(recorded["x0"], batch_size=5, verbose=0)
    np.testing.assert_allclose(predicted, recorded["p0"], atol=2e-6)


def test_recorded_predictions_prove_it(tmp_path: Path) -> None:
    recorded = np.load(FILES / "tf24.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    assert migrate(FILES / "tf24.h5", tmp_path / "new.keras", samples=tmp_path / "samples.npz").proof.kind == "predictions"


def test_noise_in_predict_is_told_and_ends_with_exit_code_1(tmp_path: Path) -> None:
    output = tmp_path / "new.keras"
    (file,) = migrate_all([FILES / "tf24-noisy.h5"], output).files
    assert file.exit_code == 1
    assert file.result is not None
    (doubt,) = file.result.doubts
    assert doubt.startswith("noise: it is called with training=True")
    given = np.load(FILES / "tf24-noisy.npz")["x0"]
    model = keras.models.load_model(output)
    quiet = [model.predict(given, verbose=0) for _ in range(2)]
    assert np.array_equal(*quiet)
    assert np.abs(np.asarray(model(given)) - quiet[0]).max() > 0.1  # as the sentence says


def test_recorded_noise_refuses_it(tmp_path: Path) -> None:
    recorded = np.load(FILES / "tf24-noisy.npz")
    np.savez(tmp_path / "samples.npz", x=recorded["x0"], p=recorded["p0"])
    with pytest.raises(LayerfixError):
        migrate(FILES / "tf24-noisy.h5", tmp_path / "new.keras", samples=tmp_path / "samples.npz")

"""A user's own class that has the name of the one that ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import layerfix

SAMPLES = Path(__file__).parents[2] / "sample_models"


@pytest.mark.slow
def test_it_serves_an_archive_instead_of_the_one_that_ships_and_comes_out_ported(tmp_path: Path) -> None:
    """Both save their weights otherwise: the wrong one could not load the file that was just written."""
    result = layerfix.repair(
        SAMPLES / "sequential-mean.h5",
        output=tmp_path / "m.keras",
        layers=[SAMPLES / "layers.py"],
        arguments={"Denoising_layer": {"filter_type": "mean"}},
        emit_layers=tmp_path / "mine.py",
    )
    assert result.output is not None
    recorded = np.load(SAMPLES / "sequential-mean.npz")
    for source in (SAMPLES / "layers.py", tmp_path / "mine.py"):
        found = layerfix.load_model(result.output, layers=[source]).predict(recorded["x"], verbose=0)
        np.testing.assert_allclose(found, recorded["p"], atol=1e-5)
    assert len((tmp_path / "mine.py").read_text()) < 3000

"""A class with recurrent layers in it predicts what it did in the Keras that saved it, whose defaults were its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.graph.forward import forward
from layerfix.graph.rebuilt import rebuild
from layerfix.predictions import difference

FILES = Path(__file__).parent / "recurrent"


@pytest.mark.parametrize("release", ["tf24", "keras231"])
def test_a_genuine_file_predicts_what_was_recorded(release: str, tmp_path: Path) -> None:
    family = "tensorflow.keras" if release == "tf24" else "keras"
    source = tmp_path / "read.py"
    source.write_text((FILES / "read.py").read_text().replace("FAMILY", family))
    recorded = np.load(FILES / f"{release}-read.npz")
    model = rebuild(read(FILES / f"{release}-read.h5"), layers=[source]).model
    assert difference(forward(model, [recorded["x"]]), [recorded["p"]]) < 1e-5

"""Values that are no numbers, and vocabularies that no HDF5 file holds."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from test_rules import conv, findings

from layerfix.commands.audit import audit
from layerfix.diagnose import values

SAMPLE = Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5"


def with_value(path: Path, value: float) -> str:
    """A copy of a sound file with one such value in its first kernel; the layer's name."""
    shutil.copy(SAMPLE, path)
    with h5py.File(path, "r+") as file:
        weights = file["model_weights"]
        name = next(name for name in weights.attrs["layer_names"] if len(weights[name].attrs["weight_names"]))
        kernel = weights[name][weights[name].attrs["weight_names"][0]]
        kernel[(-1,) * kernel.ndim] = value
    return name.decode() if isinstance(name, bytes) else str(name)


@pytest.mark.parametrize(("value", "severity"), [(np.nan, "lost"), (np.inf, "suspect"), (-np.inf, "suspect")])
def test_weights_that_are_no_finite_numbers_are_a_finding(value: float, severity: str, tmp_path: Path) -> None:
    layer = with_value(tmp_path / "bad.h5", value)
    (found,) = audit(tmp_path / "bad.h5").findings
    assert (found.code, found.severity, found.layer) == ("LF205", severity, layer)
    assert "1 times" in found.evidence[0]


def test_large_files_are_looked_at_in_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with_value(tmp_path / "bad.h5", np.nan)
    monkeypatch.setattr(values, "LARGEST", 1)
    assert audit(tmp_path / "bad.h5").outcome == "lost"  # it lies in the first piece


@pytest.mark.parametrize("name", ["TextVectorization", "StringLookup", "IntegerLookup"])
def test_adapted_vocabulary_is_lost_in_hdf5_and_a_stated_one_is_not(name: str) -> None:
    def found(version: str = "2.15.0", **config: object) -> list[tuple[str, str | None]]:
        return list(findings(conv(1), (name, "words", {"max_tokens": None, **config}, {}), version=version))

    assert found(vocabulary=None) == [("LF206", "words")]
    assert found(vocabulary="/home/me/words.txt") == [("LF206", "words")]
    assert found(vocabulary=["a", "b"]) == []

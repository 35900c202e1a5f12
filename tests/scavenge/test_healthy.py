"""Lists of names that a damaged file lost are made up only where something in it tells their order."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py

from layerfix.commands.salvage import salvage

SAMPLE = Path(__file__).parents[2] / "sample_models" / "healthy-stock.h5"


def without(tmp_path: Path, *lost: tuple[str, str]) -> Path:
    path = tmp_path / "cut.h5"
    shutil.copy(SAMPLE, path)
    with h5py.File(path, "r+") as file:
        for group, name in lost:
            del file[group].attrs[name]
    return path


def layers(path: Path) -> list[str] | None:
    with h5py.File(path) as file:
        names = file["model_weights"].attrs.get("layer_names")
        return None if names is None else [name.decode() for name in names]


def test_a_lost_list_of_layers_comes_back_in_the_order_of_the_config(tmp_path: Path) -> None:
    salvage(without(tmp_path, ("model_weights", "layer_names")), tmp_path / "out.h5")
    found = layers(tmp_path / "out.h5")
    assert found == layers(SAMPLE)
    assert found != sorted(found or [])


def test_a_lost_list_of_layers_that_nothing_tells_is_left_out(tmp_path: Path) -> None:
    result = salvage(without(tmp_path, ("model_weights", "layer_names"), ("/", "model_config")), tmp_path / "out.h5")
    assert layers(tmp_path / "out.h5") is None
    assert any("nothing tells their order" in note for note in result.notes)

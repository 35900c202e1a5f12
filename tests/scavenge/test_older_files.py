"""An older file whose layout is the damaged one's only in part, and files in one another's company."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from damaged import is_true, values, whole

from layerfix.scavenge.hdf5 import scavenge, twin_of
from layerfix.scavenge.image import Image
from layerfix.scavenge.superblock import extent
from layerfix.scavenge.witness import Claim, _tail


def saved(path: Path, widths: tuple[int, ...], seed: int, *, config: str = "", names: str = "dense") -> bytes:
    """Layers of these widths as Keras 3 stores them, with a config where one is given."""
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        if config:
            file.attrs["model_config"] = config
        for number, (before, width) in enumerate(zip((7, *widths), widths, strict=False)):
            group = file.create_group(f"layers/{names}_{number}/vars")
            group["0"] = rng.normal(size=(before, width)).astype("f4")
            group["1"] = rng.normal(size=width).astype("f4")
    return path.read_bytes()


@pytest.mark.parametrize("percent", [30, 40, 50, 60, 70])
def test_an_older_file_of_another_model_places_nothing_that_no_later_tensor_vouches_for(tmp_path: Path, percent: int) -> None:
    data = saved(tmp_path / "mine.h5", (9, 9, 9, 12, 8, 5), 1)
    other = twin_of(saved(tmp_path / "other.h5", (9, 9, 9, 15, 8, 5), 2))
    assert other is not None
    cut = data[: len(data) * percent // 100]
    assert is_true(cut, values(tmp_path / "mine.h5"), scavenge(Image(cut), [other])) > 0


def test_an_older_epoch_places_everything_that_lies_before_the_cut(tmp_path: Path) -> None:
    data = saved(tmp_path / "mine.h5", (9, 9, 9, 12, 8, 5), 1)
    with h5py.File(tmp_path / "mine.h5") as file:
        kept = {path: held[()] for path, held in values(tmp_path / "mine.h5").items()}
        assert len(file["layers"]) == 6
    saved(tmp_path / "older.h5", (9, 9, 9, 12, 8, 5), 2)
    with h5py.File(tmp_path / "older.h5", "r+") as file:
        for path, held in kept.items():
            file[path][...] = held * np.float32(0.9)
    older = twin_of((tmp_path / "older.h5").read_bytes())
    assert older is not None
    cut = data[: len(data) // 2]
    alone = is_true(cut, values(tmp_path / "mine.h5"), scavenge(Image(cut)))
    assert is_true(cut, values(tmp_path / "mine.h5"), scavenge(Image(cut), [older])) > alone


def test_an_older_file_with_other_names_or_another_config_is_another_models(tmp_path: Path) -> None:
    def model(units: int) -> str:
        layer = {"class_name": "Dense", "config": {"name": "d", "units": units, "batch_input_shape": [None, 7]}}
        return str({"class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}).replace("'", '"').replace("None", "null")

    data = saved(tmp_path / "mine.h5", (9, 9, 9), 1, config=model(11))
    for held in (saved(tmp_path / "o.h5", (9, 9, 9), 2, config=model(12)), saved(tmp_path / "o.h5", (9, 9, 9), 2, names="danse")):
        other = twin_of(held)
        assert other is not None
        found = scavenge(Image(data), [other])
        assert any("another model's" in note or "in another way" in note for note in found.notes)
        assert is_true(data, values(tmp_path / "mine.h5"), found) == 6


def test_of_two_files_in_one_the_first_that_is_whole_is_read_and_the_other_is_told(tmp_path: Path) -> None:
    small = saved(tmp_path / "small.h5", (9, 4), 1)
    assert extent(small + whole()) == (0, len(small))
    assert extent(small[:-400] + whole()) == (len(small) - 400, len(small) - 400 + len(whole()))
    assert extent(small[:-400] + whole()[:-400]) == (0, len(small) - 400)
    found = scavenge(Image(small + whole()))
    assert f"another HDF5 file stands in it from byte {len(small)} on, and was not read" in found.notes
    assert not found.sound
    assert is_true(small, values(tmp_path / "small.h5"), found) == 4


@pytest.mark.parametrize(("inner", "owners"), [(False, 0), (True, 1)], ids=["a disk's file", "an archive's member"])
def test_zeros_that_end_a_member_are_doubted_wherever_they_begin(inner: bool, owners: int) -> None:
    """Of 1000 bytes the last 40 are zeros, and the last sector begins at 512."""
    image = Image(b"x" * 960 + bytes(40), inner=inner)
    assert len(list(_tail(image, [Claim(960, 1000, 7)], {7}))) == owners
    assert len(list(_tail(Image(b"x" * 500 + bytes(40)), [Claim(512, 540, 7)], {7}))) == 1


@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_user_block_before_a_healthy_file_makes_it_no_longer(tmp_path: Path, libver: str) -> None:
    with h5py.File(tmp_path / "behind.h5", "w", userblock_size=512, libver=libver) as file:
        file["w"] = np.arange(1, 40, dtype="f4")
    found = scavenge(Image((tmp_path / "behind.h5").read_bytes()))
    assert found.sound
    assert found.notes == ("512 bytes stand before the file's beginning",)

"""Archives that tf.keras 2.12 to 2.15 wrote on Windows: "layers\\lstm\\cell" is one name in the root, and no group lies in another."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from layerfix.containers.archive import WEIGHTS
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.joined import joined_names
from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors

ARCHIVES = Path(__file__).parents[1] / "migrate" / "v3"


def joined(source: Path, folder: Path) -> Path:
    """The same archive as Windows wrote it; public files have this form, and Keras opens them on no other system."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with h5py.File(io.BytesIO(members[WEIGHTS])) as file, h5py.File(held := io.BytesIO(), "w") as told:
        groups = ["/", *filter(lambda name: isinstance(file[name], h5py.Group) and "vars" in file[name], names(file))]
        for name in groups:
            if "vars" in file[name]:
                place = told if name == "/" else told.create_group(name.replace("/", "\\"))
                file.copy(file[name]["vars"], place, name="vars")
    members[WEIGHTS] = held.getvalue()
    with zipfile.ZipFile(folder / source.name, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return folder / source.name


def names(file: h5py.File) -> list[str]:
    found: list[str] = []
    file.visit(found.append)
    return found


@pytest.mark.parametrize(
    "name", ["tf213-bidirectional_lstm", "tf213-shared_with_nested", "tf215-rnn_cells", "tf215-nested_deep", "tf212-siamese"]
)
def test_the_layers_and_their_weights_are_those_of_the_same_archive_of_another_system(tmp_path: Path, name: str) -> None:
    plain, windows = read(ARCHIVES / f"{name}.keras"), read(joined(ARCHIVES / f"{name}.keras", tmp_path))
    assert windows.homes == plain.homes
    assert len(plain.weights) > 2
    assert windows.weights == plain.weights
    with open_tensors(plain) as mine, open_tensors(windows) as its:
        assert all(np.array_equal(mine.read(weight.key), its.read(weight.key)) for weight in plain.weights)


def test_its_optimizer_is_read(tmp_path: Path) -> None:
    source = ARCHIVES / "tf213-frozen.keras"
    plain, windows = read(source), read(joined(source, tmp_path))
    assert windows.optimizer == plain.optimizer


def test_a_name_with_a_backslash_beside_the_group_that_it_would_lie_in_is_taken_as_it_is(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "both.h5", "w") as file:
        file.create_group("layers\\dense/vars")
        file.create_group("layers/other/vars")
    with GuardedFile("both.h5", tmp_path / "both.h5", 10_000) as guarded:
        assert guarded.children(guarded.root) == ["layers", "layers\\dense"]
        assert guarded.children(guarded.file["layers"]) == ["other"]


def test_each_joined_name_is_told_below_the_nearest_one_above_it() -> None:
    found = joined_names(["layers\\lstm", "layers\\lstm-x", "layers\\lstm\\cell", "optimizer"], depth=32)
    assert found.below == {"": ["layers/lstm", "layers/lstm-x"], "layers/lstm": ["cell"]}
    assert found.place([], ["layers", "lstm", "cell", "vars"]) == ["layers\\lstm\\cell", "vars"]
    assert found.place(["layers", "lstm"], ["cell", "vars"]) == ["layers\\lstm\\cell", "vars"]
    assert found.place(["layers", "lstm"], ["vars"]) is None


def test_a_name_of_more_steps_than_any_path_is_no_path() -> None:
    assert not joined_names(["a\\" * 40], depth=32)

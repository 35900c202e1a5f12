"""Names that a damaged heap makes of others: no file can hold two tensors under one."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from damaged import values

from layerfix.errors import ReadError, WriteError
from layerfix.scavenge.healthy import UNNAMED
from layerfix.scavenge.rescue import Wishes, rescue


@pytest.fixture(scope="module")
def small() -> bytes:
    """A file of two layers whose names have eight letters, so that any may stand for any."""
    rng = np.random.default_rng(0)
    with h5py.File("small", "w", driver="core", backing_store=False) as file:
        for layer in ("layer_aa", "layer_ab"):
            group = file.create_group(f"model_weights/{layer}")
            group["kernelaa"], group["kernelab"] = rng.normal(size=(2, 30, 4)).astype("f4")
            group.create_group("group_aa")["inner"] = rng.normal(size=50).astype("f4")
        file.flush()
        return bytes(file.id.get_file_image())


@pytest.mark.parametrize(
    ("name", "made", "nameless"),
    [
        (b"kernelab", b"kernelaa", 4),
        (b"kernelab", b"group_aa", 2),
        (b"layer_ab", b"layer_aa", 6),
        (b"kernelab", b".\0\0\0\0\0\0\0", 2),
        (b"kernelab", b"\xed\xa0\x80nelab", 2),
    ],
    ids=["another's", "a group's", "another layer's", "the group itself", "no letters"],
)
def test_tensors_whose_names_cannot_be_kept_are_kept_without(small: bytes, tmp_path: Path, name: bytes, made: bytes, nameless: int) -> None:
    source, target = tmp_path / "bad.h5", tmp_path / "out.h5"
    source.write_bytes(small.replace(name, made))
    said = rescue(source, target, Wishes(".h5"))
    assert sum(tensor.state == "whole" for tensor in said.tensors) == 6
    kept = values(target)
    assert sum(path.startswith(f"{UNNAMED}/") for path in kept) == nameless
    (tmp_path / "true.h5").write_bytes(small)
    assert {value.tobytes() for value in kept.values()} == {value.tobytes() for value in values(tmp_path / "true.h5").values()}


def test_a_file_that_cannot_be_opened_and_an_output_that_cannot_be_written_are_two_errors(small: bytes, tmp_path: Path) -> None:
    with pytest.raises(ReadError, match="cannot be read"):
        rescue(tmp_path / "none.h5", tmp_path / "out.h5", Wishes(".h5"))
    (tmp_path / "good.h5").write_bytes(small)
    with pytest.raises(WriteError, match="cannot be written"):
        rescue(tmp_path / "good.h5", tmp_path / "no_folder" / "out.h5", Wishes(".h5"))


def test_a_name_with_a_zero_in_it_is_none(small: bytes, tmp_path: Path) -> None:
    source, target = tmp_path / "bad.h5", tmp_path / "out.h5"
    source.write_bytes(small.replace(b"model_weights", b"model\0weights"))
    rescue(source, target, Wishes(".h5"))
    assert {path.partition("/")[0] for path in values(target)} <= {UNNAMED, "model"}


@pytest.mark.parametrize(("lost", "there"), [("a/b", "a/b/c"), ("a/b/c", "a/b")], ids=["a group stands there", "a tensor leads there"])
def test_an_older_file_fills_no_place_that_is_taken(tmp_path: Path, lost: str, there: str) -> None:
    with h5py.File(tmp_path / "older.h5", "w") as older:
        older[lost] = np.ones(3, "f4")
        older["same"] = np.ones(2, "f4")
    with h5py.File(tmp_path / "bad.h5", "w") as bad:
        bad[there] = np.full(3, 2, "f4")
        bad["same"] = np.ones(2, "f4")
    rescue(tmp_path / "bad.h5", tmp_path / "out.h5", Wishes(".h5", (tmp_path / "older.h5",), fill=True))
    assert values(tmp_path / "out.h5")[there].tolist() == [2, 2, 2]

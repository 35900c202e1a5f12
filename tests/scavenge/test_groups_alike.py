"""Groups whose members have names of the same lengths, as two towers have: what is left of one is not taken for the other's."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from damaged import is_true, values

from layerfix.scavenge.hdf5 import scavenge
from layerfix.scavenge.headers import header
from layerfix.scavenge.image import Image

SIDES = ("query_side", "offer_side")
Parts = dict[str, dict[str, int]]


@pytest.fixture
def towers(tmp_path: Path) -> tuple[bytes, Parts]:
    """A file with two groups alike, and where the B-tree, the symbol table and the heap of each are."""
    path, rng = tmp_path / "towers.h5", np.random.default_rng(3)
    with h5py.File(path, "w") as file:
        for side in SIDES:
            group = file.create_group(side)
            for role in ("bias", "kernel", "table"):
                group.create_dataset(f"{side[:5]}_{role}", data=rng.normal(size=(40, 3)).astype("f4"))
        places = {side: h5py.h5o.get_info(file[side].id).addr for side in SIDES}
    data = path.read_bytes()
    image = Image(data)
    parts: Parts = {}
    for side, at in places.items():
        cursor = header(image, at).one(0x11)
        tree, heap = cursor.number(8), cursor.number(8)
        table = int.from_bytes(data[tree + 32 : tree + 40], "little")
        parts[side] = {"tree": tree, "table": table, "heap": heap}
    return data, parts


def without(data: bytes, *starts: int) -> bytes:
    bad = bytearray(data)
    for start in starts:
        bad[start : start + 32] = b"\xff" * 32
    return bytes(bad)


def test_a_table_is_not_taken_for_that_of_a_group_alike(towers: tuple[bytes, Parts], tmp_path: Path) -> None:
    data, parts = towers
    one, other = (parts[side] for side in SIDES)
    (tmp_path / "whole.h5").write_bytes(data)
    bad = without(data, one["tree"], one["table"], other["tree"], other["heap"])
    assert is_true(bad, values(tmp_path / "whole.h5")) == 0
    assert len(scavenge(Image(bad)).tensors) == 6

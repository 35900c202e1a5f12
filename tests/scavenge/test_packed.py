"""Compressed files: their chunks are found by their streams, where the save made again has just those."""

from __future__ import annotations

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from damaged import is_true, rewritten, values

from layerfix.scavenge.hdf5 import scavenge
from layerfix.scavenge.image import Image
from layerfix.scavenge.objects import objects
from layerfix.scavenge.packed import Way, chunk_of, way_of
from layerfix.scavenge.rehearsal import HOW
from layerfix.scavenge.streams import streams


@pytest.fixture(scope="module", params=[True, False], ids=["shuffled", "plain"])
def compressed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The genuine file of Keras 2.2.4 as h5py compresses it."""
    return rewritten(tmp_path_factory.mktemp("packed") / "small.h5", compression="gzip", shuffle=request.param)


def test_the_way_of_packing_is_that_of_every_tensor(compressed: Path) -> None:
    found = objects(Image(compressed.read_bytes()))
    way = way_of(found)
    assert way is not None
    assert way.pipeline in ((2, 1), (1,))
    assert not way.timed
    first = next(known for known in found.datasets.values() if known.shape)
    found.datasets[0] = type(first)(0, first.shape, first.type, first.layout, first.chunks, (3,))
    assert way_of(found) is None


def test_chunks_are_whole_tensors_or_what_h5py_chooses() -> None:
    assert chunk_of((700, 900), "<f4", guessed=False) == (700, 900)
    with h5py.File("chosen", "w", driver="core", backing_store=False) as file:
        chosen = file.create_dataset("d", (700, 900), "f4", compression="gzip").chunks
    assert chunk_of((700, 900), "<f4", guessed=True) == chosen != (700, 900)
    assert chunk_of((), "<f4", guessed=True) == ()


@pytest.mark.slow
def test_what_a_cut_takes_from_a_compressed_file_is_named_by_its_streams_and_never_wrongly(compressed: Path) -> None:
    data, truth = compressed.read_bytes(), values(compressed)
    placed = 0
    for percent in (50, 80):
        cut = data[: len(data) * percent // 100]
        found = scavenge(Image(cut))
        is_true(cut, truth, found)
        placed += sum(HOW in tensor.why and tensor.proven for tensor in found.tensors if tensor.state == "whole")
    assert placed


def test_streams_are_found_by_what_they_give() -> None:
    held = [zlib.compress(bytes([number]) * 400 + np.random.default_rng(number).bytes(300)) for number in range(3)]
    data = b"x\x9c" + held[0] + b"x" * 9 + held[1] + held[2][:-1]
    assert streams(Image(data), [700]) == {700: {2: len(held[0]), 11 + len(held[0]): len(held[1])}}
    assert streams(Image(data), [699]) == {699: {}}
    assert streams(Image(data), []) == {}


@pytest.mark.slow
def test_a_cut_behind_any_chunk_names_nothing_wrongly(tmp_path: Path) -> None:
    assert Way((1,), False, False).script.calls == "pack"
    source = rewritten(tmp_path / "small.h5", compression="gzip")
    data, truth = source.read_bytes(), values(source)
    ends = sorted(end for known in objects(Image(data)).datasets.values() for _, end in known.extents)
    checked = [is_true(data[:end], truth, scavenge(Image(data[:end]))) for end in ends[:: max(1, len(ends) // 8)]]
    assert checked == sorted(checked)
    assert checked[-1]

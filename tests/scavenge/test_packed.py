"""Compressed files: their chunks are found by their streams, where the save made again has just those."""

from __future__ import annotations

import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from damaged import is_true, rewritten, values

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.chunks import Chunk, Index
from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.datatypes import Datatype
from layerfix.scavenge.hdf5 import scavenge
from layerfix.scavenge.image import Image
from layerfix.scavenge.messages import Layout
from layerfix.scavenge.objects import objects
from layerfix.scavenge.packed import Way, _beginning, _cut, _Solver, _sorted, chunk_of, way_of
from layerfix.scavenge.rehearsal import HOW
from layerfix.scavenge.streams import streams
from layerfix.scavenge.tree import Tree
from layerfix.scavenge.writing import Script, Step


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


def steps(*paths: str) -> tuple[Step, ...]:
    """A group for each path, and a tensor for each that ends in a number."""
    return tuple(Step(path, shape=(4, 3), dtype="<f4") if path[-1].isdigit() else Step(path) for path in paths)


def test_a_save_of_which_calls_are_missing_in_the_middle_is_not_packed_again() -> None:
    layers, slots = steps("model_weights", "model_weights/d/k0"), steps("optimizer_weights", "optimizer_weights/k0")
    assert _beginning(Script((*layers, *slots), True, "h5py3")) == (*layers, *slots)
    assert _beginning(Script((*layers, *slots), False, "h5py3")) == layers, "the optimizer comes behind the layers by name as well"
    assert _beginning(Script(layers, False, "h5py3")) == ()


def test_a_copy_makes_groups_attributes_and_tensors_by_name() -> None:
    named = Tree(attributes={"b": {"second": Value("<f8", (0,)), "first": Value("<f8", (0,))}})
    held = (Step("b", "first", Value("<f8", (0,))), Step("b", "second", Value("<f8", (0,))), *steps("b/inner/10", "b/inner/9", "a"))
    packed_again = _sorted(held, named, Way((1,), False, False))
    assert [(step.path, step.attribute) for step in packed_again] == [
        ("a", ""),
        ("b", ""),
        ("b", "second"),
        ("b", "first"),
        ("b/inner", ""),
        ("b/inner/10", ""),
        ("b/inner/9", ""),
    ]
    assert packed_again[-1].chunk == (4, 3)


def test_only_a_file_of_which_nothing_but_the_end_is_missing_is_cut(compressed: Path) -> None:
    data = compressed.read_bytes()
    half = Image(data[: len(data) // 2])
    assert _cut(half, objects(half)) == half.size
    assert _cut(Image(data), objects(Image(data))) == 0
    broken = objects(half)
    broken.dangling.add(200)
    assert _cut(half, broken) == 0


def solver(way: Way, room: int, **sizes: int) -> _Solver:
    """Of one tensor whose description states chunks of these sizes, at places where none would be."""
    chunks = Index(tuple(Chunk((0, 0), 77, size) for size in sizes.values()), (), False)
    layout = Layout("chunked", chunk=(4, 3), itemsize=4)
    known = {"k0": Dataset(800, (4, 3), Datatype("number", 4, "<f4"), layout, chunks, (1,))}
    plain = tuple(step if step.shape is None else Step(step.path, shape=step.shape, dtype=step.dtype, chunk=(4, 3)) for step in steps("k0"))
    return _Solver(plain, known, {}, {48: {}}, way, 0, room)


def test_a_chunk_that_is_larger_than_the_file_or_elsewhere_ends_the_attempt() -> None:
    way = Way((1,), False, False)
    assert solver(way, 100, one=1 << 40).solve() == ()
    assert solver(way, 100, one=50).solve() == ()
    assert solver(way, 100).solve() == (), "its description stands elsewhere"


@pytest.mark.parametrize("at", [5, 23, 32, 41, 50])
def test_names_do_not_move_with_the_bytes_behind_a_lost_sector(compressed: Path, at: int) -> None:
    data, truth = compressed.read_bytes(), values(compressed)
    start = len(data) * at // 60 // 512 * 512
    assert is_true(data[:start] + data[start + 512 :], truth) < len(truth)

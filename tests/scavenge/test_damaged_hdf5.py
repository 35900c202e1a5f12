"""What the scavenger finds in whole and in damaged HDF5 files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from damaged import GENUINE, MODELS, is_true, returned, rewritten, values, whole
from genuine import sampled

from layerfix.scavenge import newlines
from layerfix.scavenge.hdf5 import based, scavenge, twin_of
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.objects import objects


@pytest.mark.parametrize("path", sorted(MODELS.glob("*.h5")), ids=lambda path: path.stem)
def test_a_healthy_file_is_read_as_the_library_reads_it(path: Path) -> None:
    data = path.read_bytes()
    found = scavenge(Image(data))
    assert not found.notes
    assert {tensor.state for tensor in found.tensors} == {"whole"}
    assert is_true(data, values(path), found) == len(values(path)) > 0


@pytest.mark.parametrize(
    "settings",
    [
        {"compression": "gzip"},
        {"compression": "gzip", "shuffle": True, "fletcher32": True},
        {"fletcher32": True},
        {"libver": "latest"},
        {"libver": "latest", "compression": "gzip", "shuffle": True},
        {"userblock_size": 1024},
    ],
    ids=str,
)
def test_every_layout_that_h5py_writes_is_read(tmp_path: Path, settings: dict[str, object]) -> None:
    path = rewritten(tmp_path / "model.h5", **settings)
    data = path.read_bytes()
    assert is_true(data, values(path)) == len(values(GENUINE))


def test_checksums_of_chunks_prove_tensors(tmp_path: Path) -> None:
    path = rewritten(tmp_path / "model.h5", compression="gzip")
    assert all(tensor.proven for tensor in scavenge(Image(path.read_bytes())).tensors if tensor.shape)
    assert not any(tensor.proven for tensor in scavenge(Image(whole())).tensors)


@pytest.mark.parametrize("percent", range(10, 100, 10))
def test_a_cut_file_gives_back_true_tensors_and_names_the_others(percent: int) -> None:
    data = whole()[: len(whole()) * percent // 100]
    found = scavenge(Image(data))
    assert any("the file ends at byte" in note for note in found.notes)
    kept = is_true(data, values(GENUINE), found)
    assert kept < len(values(GENUINE))
    assert kept > 0 or percent <= 30


def test_most_of_a_file_without_its_end_comes_back() -> None:
    data = whole()[:-2048]
    assert is_true(data, values(GENUINE)) >= 0.7 * len(values(GENUINE))


@pytest.mark.parametrize("fill", sampled(["random", "zeros", "ones", "text"], 4))
def test_no_overwritten_tensor_is_called_whole(fill: str) -> None:
    rng = np.random.default_rng(3)
    truth, kept = values(GENUINE), 0
    for size in (1024, 4096, 16384):
        for at in range(0, len(whole()) - size, len(whole()) // 8):
            made = {"random": rng.bytes(size), "zeros": bytes(size), "ones": b"\xff" * size, "text": b"some words " * size}
            data = whole()[:at] + made[fill][:size] + whole()[at + size :]
            kept += is_true(data, truth)
    assert kept > 0


def test_a_last_block_of_zeros_is_noticed() -> None:
    at = (len(whole()) - 1) // 4096 * 4096
    assert is_true(whole()[:at] + bytes(len(whole()) - at), values(GENUINE)) < len(values(GENUINE))


def test_a_lost_superblock_leads_to_the_same_tensors() -> None:
    data = b"\xff" * 64 + whole()[64:]
    assert "the superblock is gone" in scavenge(Image(data)).notes
    assert is_true(data, values(GENUINE)) > 0


def test_leading_garbage_is_passed_over() -> None:
    data = b"HTTP/1.1 200 OK\r\n\r\n" + whole()
    assert is_true(data, values(GENUINE)) == len(values(GENUINE))


def test_a_line_feed_translation_is_undone_exactly() -> None:
    undone = newlines.repaired(whole().replace(b"\n", b"\r\n"))
    assert undone is not None
    assert undone[0] == whole()


def test_taken_out_carriage_returns_are_recognised() -> None:
    assert newlines.narrowed(whole().replace(b"\r\n", b"\n"))
    assert newlines.repaired(whole().replace(b"\r\n", b"\n")) is None
    assert not newlines.narrowed(whole())


def test_a_carriage_return_that_the_signature_alone_lost_comes_back() -> None:
    narrow = whole().replace(b"\r\n", b"\n")
    undone = newlines.restored(narrow)
    lost = len(whole()) - len(narrow)
    assert (undone is not None) == (lost == 1)
    only = newlines.NARROWED + whole()[8:]
    restored = newlines.restored(only)
    assert restored is not None
    assert restored[0] == whole()
    assert newlines.restored(only[:-1]) is None, "another one is missing"


def test_an_archive_whose_line_feeds_all_have_a_carriage_return_is_translated_back() -> None:
    archive = b"PK\x03\x04" + bytes(range(256)).replace(b"\r", b"") * 8
    undone = newlines.repaired(archive.replace(b"\n", b"\r\n"))
    assert undone is not None
    assert undone[0] == archive
    assert newlines.repaired(archive) is None


def test_what_is_no_hdf5_is_torn() -> None:
    for data in (b"", b"x", bytes(5000), np.random.default_rng(1).bytes(5000)):
        with pytest.raises(Torn):
            scavenge(Image(data))


def test_an_older_file_of_the_script_names_what_the_cut_left_nameless() -> None:
    data = whole()[: len(whole()) * 6 // 10].replace(b'{"class_name"', b'["class_name"')  # a config that is no JSON tells nothing
    twin = twin_of(whole())
    assert twin is not None
    alone, helped = scavenge(Image(data)), scavenge(Image(data), [twin])
    assert is_true(data, values(GENUINE), helped) > is_true(data, values(GENUINE), alone)
    assert any("were placed by the layout of the older file" in note for note in helped.notes)


def test_a_file_laid_out_in_another_way_places_nothing() -> None:
    data = whole()[: len(whole()) * 6 // 10]
    twin = twin_of((MODELS / "healthy-stateless.h5").read_bytes())
    assert twin is not None
    helped = scavenge(Image(data), [twin])
    assert any("laid out in another way" in note for note in helped.notes)
    assert returned(data, helped).keys() == returned(data, scavenge(Image(data))).keys()


@pytest.mark.slow
def test_nothing_but_torn_is_raised_for_mutants() -> None:
    rng = np.random.default_rng(5)
    read = 0
    for _ in range(60):
        data = bytearray(whole())
        for at in rng.integers(0, 8192, 20):
            data[at] = int(rng.integers(0, 256))
        try:
            read += len(scavenge(Image(bytes(data))).tensors)
        except Torn:
            continue
    assert read > 0


def test_every_byte_of_a_healthy_file_is_accounted_for() -> None:
    found = objects(based(Image(whole())))
    assert not found.dangling
    assert found.superblock is not None
    assert found.superblock.end == len(whole())

import json
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest

from layerfix.containers.donor import read_donor
from layerfix.containers.donor_records import name_parts
from layerfix.errors import HostileError, LayerfixError, ReadError

SAMPLES = Path(__file__).parents[2] / "sample_models"
WANTED = "denoising_layer_1/conv1d_2/kernel:0"
KERNEL = np.random.default_rng(0).normal(size=(1, 4, 4)).astype(np.float32)


def test_a_healthy_twin_is_a_donor():
    donor = read_donor(SAMPLES / "resnet-mean-twin.h5")
    assert donor.kind == "keras-hdf5"
    entry = next(entry for entry in donor.entries if entry.key and entry.key[0].startswith("denoising_layer"))
    with h5py.File(SAMPLES / "resnet-mean-twin.h5") as file:
        assert np.array_equal(donor.read(entry), file["model_weights"][entry.name][()])


@pytest.mark.parametrize(
    "key",
    [
        WANTED,
        "denoising_layer_1/conv1d_2/kernel",
        f"lost/{WANTED}",
        f"encoder/{WANTED}",
        "denoising_layer_1__conv1d_2__kernel",
        "denoising_layer_1.conv1d_2.kernel",
        r"denoising_layer_1\conv1d_2\kernel",
    ],
)
def test_names_are_found_whatever_the_separator(key, tmp_path):
    np.savez(tmp_path / "donor.npz", **{key: KERNEL, "other/kernel:0": KERNEL[:, :2]})
    donor = read_donor(tmp_path / "donor.npz")
    (found,) = donor.find(WANTED)
    assert (found.name, found.shape, found.dtype) == (key, (1, 4, 4), "float32")
    assert np.array_equal(donor.read(found), KERNEL)


def test_a_whole_name_goes_before_a_part_of_one(tmp_path):
    np.savez(tmp_path / "donor.npz", **{WANTED: KERNEL, f"copy/{WANTED}": KERNEL})
    assert [entry.name for entry in read_donor(tmp_path / "donor.npz").find(WANTED)] == [WANTED]


def test_several_partial_matches_are_all_named(tmp_path):
    np.savez(tmp_path / "donor.npz", **{f"one/{WANTED}": KERNEL, f"two/{WANTED}": KERNEL})
    assert len(read_donor(tmp_path / "donor.npz").find(WANTED)) == 2


def test_a_missing_tensor_is_named(tmp_path):
    np.savez(tmp_path / "donor.npz", a=KERNEL)
    with pytest.raises(ReadError, match="no tensor 'b'"):
        read_donor(tmp_path / "donor.npz").read("b")


def test_pickled_objects_are_never_loaded(tmp_path):
    class Payload:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "ran",))

    np.savez(tmp_path / "evil.npz", a=np.array([Payload()], dtype=object))
    with pytest.raises(ReadError, match="not numbers"):
        read_donor(tmp_path / "evil.npz")
    assert not (tmp_path / "ran").exists()


def test_an_archive_that_swells_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "bomb.npz", a=np.zeros(1 << 23, np.float32))
    with pytest.raises(HostileError, match="declares"):
        read_donor(tmp_path / "bomb.npz")


def safetensors(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def test_safetensors_are_read_bfloat16_as_float32(tmp_path):
    half = (KERNEL.view(np.uint32) >> 16).astype(np.uint16)
    header = {
        "__metadata__": {"format": "tf"},
        "denoising_layer_1.conv1d_2.kernel": {"dtype": "F32", "shape": [1, 4, 4], "data_offsets": [0, 64]},
        "rounded": {"dtype": "BF16", "shape": [1, 4, 4], "data_offsets": [64, 96]},
    }
    donor = read_donor(safetensors(tmp_path / "w.safetensors", header, KERNEL.tobytes() + half.tobytes()))
    assert donor.kind == "safetensors"
    assert np.array_equal(donor.read(donor.find(WANTED)[0]), KERNEL)
    assert donor.read("rounded").dtype == np.float32
    assert np.allclose(donor.read("rounded"), KERNEL, rtol=1e-2)


@pytest.mark.parametrize(
    "stated",
    [
        {"dtype": "F32", "shape": [1, 4, 4], "data_offsets": [0, 60]},
        {"dtype": "F32", "shape": [1, 4, 4], "data_offsets": [64, 128]},
        {"dtype": "F32", "shape": [-1, -16], "data_offsets": [0, 64]},
        {"dtype": "X9", "shape": [1], "data_offsets": [0, 4]},
        {"dtype": "F32", "shape": "many", "data_offsets": [0, 64]},
        7,
    ],
)
def test_a_safetensors_header_that_does_not_fit_is_refused(stated, tmp_path):
    with pytest.raises(ReadError, match="'w'"):
        read_donor(safetensors(tmp_path / "w.safetensors", {"w": stated}, KERNEL.tobytes()))


@pytest.mark.parametrize("content", [None, b"", b"text\n", b"PK\x03\x04", b"\x10\0\0\0\0\0\0\0{not json"])
def test_a_bad_donor_is_one_sentence(content, tmp_path):
    path = tmp_path / "donor"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(LayerfixError, match="donor"):
        read_donor(path)


def test_a_folder_without_a_checkpoint_is_no_donor(tmp_path):
    with pytest.raises(ReadError, match="folder without"):
        read_donor(tmp_path)


def test_name_parts():
    assert name_parts("a/b_1/kernel:0") == ("a", "b_1", "kernel")
    assert name_parts("my__layer/kernel") == ("my__layer", "kernel")
    assert name_parts("kernel") == ("kernel",)

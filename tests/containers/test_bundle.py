import shutil
from pathlib import Path

import numpy as np
import pytest

from layerfix.containers.donor import open_donor, read_donor
from layerfix.errors import LayerfixError, ReadError

SESSION = Path(__file__).parent / "session"


def test_a_session_of_genuine_tensorflow_is_read_whole():
    donor = read_donor(SESSION / "session.ckpt")
    with np.load(SESSION / "expected.npz") as expected:
        assert sorted(expected.files) == [entry.name for entry in donor.entries]
        for entry in donor.entries:
            value = donor.read(entry)
            assert value.dtype == expected[entry.name].dtype == entry.dtype
            assert np.array_equal(value, expected[entry.name])


def test_the_hidden_kernel_is_found_by_its_variable_name():
    donor = read_donor(SESSION / "session.ckpt")
    (found,) = donor.find("denoising_layer_1/conv1d_2/kernel:0")
    assert found.shape == (1, 4, 4)


@pytest.mark.parametrize("name", ["session.ckpt", "session.ckpt.index", "session.ckpt.data-00000-of-00001", "."])
def test_a_checkpoint_may_be_named_by_any_of_its_files_or_its_folder(name):
    assert read_donor(SESSION / name).kind == "tf-checkpoint"


@pytest.fixture
def copy(tmp_path):
    for path in SESSION.glob("session.ckpt.*"):
        shutil.copy(path, tmp_path)
    return tmp_path / "session.ckpt"


def test_an_index_cut_at_any_place_is_an_error_of_ours(copy):
    index = copy.with_name("session.ckpt.index")
    whole = index.read_bytes()
    assert len(whole) > 100
    for size in range(0, len(whole), 37):
        index.write_bytes(whole[:size])
        with pytest.raises(ReadError, match=r"session\.ckpt\.index"):
            open_donor(copy)


def test_a_smashed_index_never_raises_anything_else(copy):
    index = copy.with_name("session.ckpt.index")
    whole, random = index.read_bytes(), np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        smashed = bytearray(whole)
        smashed[random.integers(len(whole))] ^= 1 << random.integers(8)
        index.write_bytes(smashed)
        try:
            donor = open_donor(copy)
            for entry in donor.entries:
                donor.read(entry)
        except LayerfixError:
            refused += 1
    assert 0 < refused < 300


def test_missing_and_cut_off_data_are_named(copy):
    data = copy.with_name("session.ckpt.data-00000-of-00001")
    data.write_bytes(data.read_bytes()[:8])
    donor = read_donor(copy)
    with pytest.raises(ReadError, match="cut off"):
        donor.read("denoising_layer_1/conv1d_2/kernel")
    data.unlink()
    with pytest.raises(ReadError, match="cannot be opened"):
        donor.read("denoising_layer_1/conv1d_2/kernel")


def test_an_object_based_checkpoint_gives_the_names_that_variables_had():
    donor = read_donor(Path(__file__).parent / "object_based" / "weights")
    with np.load(Path(__file__).parent / "object_based" / "expected.npz") as expected:
        assert {"first/kernel", "first/bias", "second/kernel", "second/bias"} == set(expected.files)
        for name in expected.files:
            (found,) = donor.find(name)
            assert found.name == name
            assert np.array_equal(donor.read(found), expected[name])

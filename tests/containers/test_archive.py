import io
import json
import zipfile

import h5py
import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors
from layerfix.errors import HostileError, LayerfixError, ReadError

KERNEL = np.arange(12, dtype=np.float32).reshape(3, 4)
CONFIG = {
    "class_name": "Sequential",
    "config": {"layers": [{"class_name": "Dense", "config": {"name": "dense_7"}}]},
    "compile_config": {"optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.1}}},
}


def weights_bytes() -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file["layers/dense/vars/0"] = KERNEL
        file["layers/dense/vars/1"] = np.ones(4, np.float32)
        file["layers/dense/vars/10"] = np.zeros(1, np.float32)
        file["optimizer/vars/0"] = np.int64(5)
    return buffer.getvalue()


def write_keras(path, extra=(), compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("config.json", json.dumps(CONFIG))
        archive.writestr("model.weights.h5", weights_bytes())
        for name, content in extra:
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_keras_archive_is_read_in_place(compression, tmp_path):
    checkpoint = read(write_keras(tmp_path / "model.keras", compression=compression))
    assert (checkpoint.format, checkpoint.keras_version) == ("keras-v3", "3.15.1")
    assert [weight.key for weight in checkpoint.weights] == [("layers/dense", f"vars/{number}") for number in (0, 1, 10)]
    assert checkpoint.optimizer is not None
    assert checkpoint.optimizer.class_name == "Adam"
    with open_tensors(checkpoint) as tensors:
        assert np.array_equal(tensors.read(("layers/dense", "vars/0")), KERNEL)
        assert tensors.optimizer("vars/0") == 5
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["model.keras"]


def test_bare_weights_of_keras_3_are_read(tmp_path):
    (tmp_path / "model.weights.h5").write_bytes(weights_bytes())
    checkpoint = read(tmp_path / "model.weights.h5")
    assert (checkpoint.format, checkpoint.config) == ("weights-v3", None)
    assert len(checkpoint.weights) == 3


def test_a_member_named_twice_is_refused(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = write_keras(tmp_path / "twice.keras", [("config.json", "{}")])
    with pytest.raises(HostileError, match="twice"):
        read(path)


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "run.py"])
def test_an_odd_member_is_refused(name, tmp_path):
    with pytest.raises(HostileError):
        read(write_keras(tmp_path / "odd.keras", [(name, "x")]))


def test_a_member_that_swells_is_refused(tmp_path):
    path = write_keras(tmp_path / "bomb.keras", [("assets/zeros", bytes(1 << 24))], zipfile.ZIP_DEFLATED)
    with pytest.raises(HostileError, match="declares"):
        read(path)


def test_another_zip_says_what_it_holds(tmp_path):
    np.savez(tmp_path / "data.npz", x=np.zeros(3))
    with pytest.raises(ReadError, match=r"no \.keras file.*x\.npy"):
        read(tmp_path / "data.npz")


def test_an_archive_cut_at_any_place_is_an_error_of_ours(tmp_path):
    whole = write_keras(tmp_path / "model.keras").read_bytes()
    assert len(whole) > 400
    for size in range(1, len(whole), len(whole) // 40):
        (tmp_path / "cut.keras").write_bytes(whole[:size])
        with pytest.raises(LayerfixError):
            read(tmp_path / "cut.keras")

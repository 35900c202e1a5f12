import h5py
import numpy as np

from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors


def test_a_subclassed_models_attributes_are_owners_too(tmp_path):
    with h5py.File(tmp_path / "model.weights.h5", "w") as file:
        file["encoder/vars/0"] = np.ones((2, 2), np.float32)
        file["blocks/dense_1/vars/0"] = np.zeros((2, 2), np.float32)
        file["vars/0"] = np.ones(3, np.float32)
        file["optimizer/vars/0"] = np.int64(1)
    checkpoint = read(tmp_path / "model.weights.h5")
    assert [weight.key for weight in checkpoint.weights] == [("blocks", "dense_1/vars/0"), ("encoder", "vars/0"), ("vars", "0")]
    with open_tensors(checkpoint) as tensors:
        assert tensors.read(("vars", "0")).sum() == 3


def test_numbers_are_sorted_as_numbers(tmp_path):
    with h5py.File(tmp_path / "model.weights.h5", "w") as file:
        for number in range(12):
            file[f"layers/dense_{number}/vars/0"] = np.zeros(1, np.float32)
    owners = [layer.name for layer in read(tmp_path / "model.weights.h5").layers]
    assert owners == [f"layers/dense_{number}" for number in range(12)]

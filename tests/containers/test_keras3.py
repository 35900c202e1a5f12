import h5py
import numpy as np
import pytest

from layerfix.containers.donor import read_donor
from layerfix.containers.keras_donor import roles
from layerfix.containers.records import WeightEntry


def test_numbered_variables_get_their_layers_names_and_likely_roles(tmp_path):
    kernel = np.random.default_rng(0).normal(size=(1, 4, 4)).astype(np.float32)
    with h5py.File(tmp_path / "model.weights.h5", "w") as file:
        file["layers/functional/layers/denoising_layer/conv1d/vars/0"] = kernel
        file["layers/functional/layers/denoising_layer/conv1d/vars/1"] = np.zeros(4, np.float32)
        names = {"": "encoder", "/layers/denoising_layer": "denoising_layer_1", "/layers/denoising_layer/conv1d": "conv1d_2"}
        for path, name in names.items():
            file.require_group(f"layers/functional{path}/vars").attrs["name"] = name
    donor = read_donor(tmp_path / "model.weights.h5")
    assert [entry.name for entry in donor.entries] == [f"encoder/denoising_layer_1/conv1d_2/{role}" for role in ("kernel", "bias")]
    (found,) = donor.find("denoising_layer_1/conv1d_2/kernel:0")
    assert np.array_equal(donor.read(found), kernel)


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([(3, 4), (4,)], ("kernel", "bias")),
        ([(4,), (4,)], ("gamma", "beta")),
        ([(4,)] * 4, ("gamma", "beta", "moving_mean", "moving_variance")),
        ([(3, 16), (4, 16), (16,)], ("kernel", "recurrent_kernel", "bias")),
        ([(2, 2), (2, 2), (2, 2), (2, 2), (2,)], ("0", "1", "2", "3", "4")),
    ],
)
def test_roles_follow_number_and_dimensions(shapes, expected):
    assert roles([WeightEntry("o", f"vars/{n}", shape, "float32") for n, shape in enumerate(shapes)]) == expected

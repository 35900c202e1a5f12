"""Weights in bfloat16, which HDF5 has as two opaque bytes, are read as what they are."""

from __future__ import annotations

from pathlib import Path

import h5py
import keras
import numpy as np
import pytest

from layerfix.commands.migrate import migrate
from layerfix.commands.proof import predict
from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors
from layerfix.errors import HostileError

FILES = Path(__file__).parents[1] / "migrate" / "v3"


@pytest.mark.parametrize("suffix", ["keras", "h5"])
def test_genuine_file_predicts_what_was_recorded_in_plain_keras(suffix: str, tmp_path: Path) -> None:
    output = tmp_path / "new.keras"
    migrate(FILES / f"keras39-bfloat16.{suffix}", output)
    recorded = np.load(FILES / "keras39-bfloat16.npz")
    model = keras.models.load_model(output)
    assert {str(weight.dtype) for weight in model.layers[1].weights} == {"bfloat16"}
    (predicted,) = predict(model, [recorded["x0"]])
    assert np.allclose(np.asarray(predicted, "float32"), recorded["p0"], atol=2**-7)  # one last place: tanh is another one there


def test_values_are_the_upper_halves_of_floats_whole_and_in_pieces() -> None:
    path = FILES / "keras39-bfloat16.h5"
    with h5py.File(path) as file:
        raw = file["model_weights/dense/dense/kernel"][()]
    checkpoint = read(path)
    (key,) = [weight.key for weight in checkpoint.weights if weight.name == "dense/kernel"]
    expected = np.frombuffer(b"".join(b"\0\0" + one.tobytes() for one in raw.ravel()), "<f4").reshape(raw.shape)
    with open_tensors(checkpoint) as tensors:
        assert np.array_equal(tensors.read(key), expected)
        assert np.array_equal(np.concatenate(list(tensors.chunks(key, limit=16))), expected)
        assert tensors.read(key).dtype == "float32"


@pytest.mark.parametrize("dtype", ["V3", [("a", "i1"), ("b", "i1")]])
def test_other_opaque_bytes_are_refused(dtype: object, tmp_path: Path) -> None:
    path = tmp_path / "m.h5"
    path.write_bytes((FILES / "keras39-bfloat16.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        group = file["model_weights/dense/dense"]
        del group["kernel"]
        group.create_dataset("kernel", data=np.zeros((6, 4), np.dtype(dtype)))  # type: ignore[call-overload]
    with pytest.raises(HostileError, match="holds no numbers"):
        read(path)

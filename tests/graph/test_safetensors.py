"""Weights alone as `.safetensors`: every type, shape and byte as the model has it."""

from __future__ import annotations

from pathlib import Path

import keras
import ml_dtypes
import numpy as np
import pytest

from layerfix.containers.donor import read_donor
from layerfix.errors import VerifyError
from layerfix.graph.save import check_safetensors, save_safetensors

DTYPES = ["float32", "float64", "float16", "bfloat16", "int32", "int64", "uint8", "bool"]


class Holder(keras.layers.Layer):  # type: ignore[misc]
    """A weight of each type, one of them empty and one a single number."""

    def build(self, input_shape: object) -> None:
        values = np.arange(6).reshape(2, 3)
        self.held = [
            self.add_weight(name=f"w_{dtype}", shape=(2, 3), dtype=dtype, initializer="zeros", trainable=False) for dtype in DTYPES
        ]
        for weight in self.held:
            weight.assign(keras.ops.cast(values, weight.dtype))
        self.one = self.add_weight(name="one", shape=(), initializer="ones", trainable=False)
        self.none = self.add_weight(name="none", shape=(0, 4), initializer="zeros", trainable=False)

    def call(self, inputs: object) -> object:
        return inputs


@pytest.fixture
def model() -> keras.Model:
    return keras.Sequential([keras.Input((3,)), Holder(name="holder")])


def test_every_type_is_written_as_it_is_and_the_same_model_gives_the_same_bytes(model: keras.Model, tmp_path: Path) -> None:
    first, second = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    for path in (first, second):
        save_safetensors(model, path)
        check_safetensors(model, path)
    assert first.read_bytes() == second.read_bytes()
    donor = read_donor(first)
    shapes = {entry.name.rpartition("/")[2]: tuple(entry.shape) for entry in donor.entries}
    assert shapes == {**{f"w_{dtype}": (2, 3) for dtype in DTYPES}, "one": (), "none": (0, 4)}


def test_an_array_in_fortran_s_order_is_written_row_by_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, use_bias=False)])
    kernel = model.weights[0]
    turned = np.asfortranarray(kernel.numpy())
    monkeypatch.setattr(type(kernel), "numpy", lambda _: turned)
    save_safetensors(model, tmp_path / "w.safetensors")
    donor = read_donor(tmp_path / "w.safetensors")
    np.testing.assert_array_equal(donor.read(donor.entries[0]), turned)


def test_a_bit_that_differs_is_found(model: keras.Model, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_safetensors(model, path)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))
    with pytest.raises(VerifyError, match="was not written as it is"):
        check_safetensors(model, path)


def test_bfloat16_keeps_its_sixteen_bits(model: keras.Model, tmp_path: Path) -> None:
    from safetensors import safe_open

    save_safetensors(model, tmp_path / "w.safetensors")
    with safe_open(tmp_path / "w.safetensors", "np") as stored:
        (name,) = (key for key in stored.keys() if key.endswith("w_bfloat16"))  # noqa: SIM118 - it is no mapping
        assert stored.get_tensor(name).dtype == ml_dtypes.bfloat16

"""Files that plain Keras loads: the same bytes for the same model, whole or not at all, and each bit compared where weights stand alone."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from keras import layers

from layerfix.errors import UsageError, VerifyError, WriteError
from layerfix.graph.save import check_weights, save_keras, save_weights
from layerfix.graph.written import HALF, reloaded, save, suffix_of, tolerance
from layerfix.predictions import TOLERANCE


def model() -> keras.Model:
    keras.utils.set_random_seed(3)
    made = keras.Sequential([keras.Input((3,)), layers.Dense(2, name="a"), layers.BatchNormalization(name="b")], name="m")
    made.compile("adam", "mse")
    return made


def test_the_same_model_gives_the_same_bytes(tmp_path: Path) -> None:
    made = model()
    for name in ("one", "two"):
        save_keras(made, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_an_archive_tells_no_date_and_its_members_stand_in_order(tmp_path: Path) -> None:
    save_keras(model(), tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m") as archive:
        assert archive.namelist() == ["config.json", "metadata.json", "model.weights.h5"]
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert "date_saved" not in json.loads(archive.read("metadata.json"))


def test_shared_objects_are_numbered_as_they_come(tmp_path: Path) -> None:
    penalty = keras.regularizers.L2(0.5)
    save_keras(keras.Sequential([keras.Input((3,)), layers.Dense(2, kernel_regularizer=penalty)]), tmp_path / "m")
    with zipfile.ZipFile(tmp_path / "m") as archive:
        text = archive.read("config.json").decode()
    numbers = [int(part.partition("}")[0].partition(",")[0]) for part in text.split('"shared_object_id": ')[1:]]
    assert all(number < 100 for number in numbers)


def test_no_draft_is_left_behind(tmp_path: Path) -> None:
    save_keras(model(), tmp_path / "m")
    save_weights(model(), tmp_path / "w")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "w"]


class Unsaid(layers.Layer):
    def get_config(self) -> dict[str, object]:
        raise ValueError("no \n config")

    def save_own_variables(self, store: object) -> None:
        raise ValueError("no \n weights")

    def build(self, shape: object) -> None:
        self.w = self.add_weight(shape=(1,))

    def call(self, x: object) -> object:
        return x


@pytest.mark.parametrize(
    ("write", "told"), [(save_keras, "save the model: ValueError: no config"), (save_weights, "save the weights: ValueError: no weights")]
)
def test_what_keras_cannot_save_is_one_sentence_and_no_file(write: object, told: str, tmp_path: Path) -> None:
    assert callable(write)
    with pytest.raises(WriteError, match=f"Keras cannot {told}"):
        write(keras.Sequential([keras.Input((3,)), Unsaid()]), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stays_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        save_keras(model(), tmp_path / "gone" / "m")


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".safetensors"])
def test_what_was_written_reads_back_as_it_was(suffix: str, tmp_path: Path) -> None:
    made = model()
    before = made.get_weights()
    save(made, tmp_path / "temp", suffix)
    again = reloaded(made, {}, tmp_path / "temp", suffix)
    assert (again is made) == (suffix != ".keras")
    assert all(np.array_equal(one, other) for one, other in zip(again.get_weights(), before, strict=True))
    assert [path.name for path in tmp_path.iterdir()] == ["temp"]


def test_weights_that_were_written_otherwise_are_seen(tmp_path: Path) -> None:
    made = model()
    save_weights(made, tmp_path / "temp")
    with h5py.File(tmp_path / "temp", "r+") as file:
        file["layers/dense/vars/0"][0, 0] += np.float32(1e-6)
    with pytest.raises(VerifyError, match=r"weight .*a/kernel was not written as it is"):
        check_weights(made, tmp_path / "temp")
    made = model()
    with pytest.raises(VerifyError, match="was not written as it is"):
        reloaded(made, {}, tmp_path / "temp", ".weights.h5")


def test_a_file_that_keras_does_not_load_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "temp").write_bytes(b"no archive")
    with pytest.raises(VerifyError, match=r"does not load in Keras 3\.") as refused:
        reloaded(model(), {}, tmp_path / "temp", ".keras")
    assert refused.value.where == str(tmp_path / "temp")
    assert [path.name for path in tmp_path.iterdir()] == ["temp"]


@pytest.mark.parametrize(("name", "suffix"), [("m.keras", ".keras"), ("a.b.weights.h5", ".weights.h5"), ("m.safetensors", ".safetensors")])
def test_the_format_of_an_output_is_its_suffix(name: str, suffix: str) -> None:
    assert suffix_of(Path("folder") / name) == suffix


@pytest.mark.parametrize("name", ["m.h5", "m", "keras", "m.keras.txt"])
def test_another_output_is_refused_with_the_names_that_there_are(name: str) -> None:
    with pytest.raises(UsageError, match="is no output of migrate") as refused:
        suffix_of(Path(name))
    assert ".keras, .weights.h5, .safetensors" in (refused.value.hint or "")


def test_half_precision_may_round_more_and_the_coarsest_layer_decides() -> None:
    def of(*dtypes: str) -> float:
        return tolerance(keras.Sequential([keras.Input((3,)), *(layers.Dense(2, dtype=dtype) for dtype in dtypes)]))

    assert of("float32") == TOLERANCE
    assert of("float32", "mixed_float16") == HALF["float16"]
    assert of("mixed_float16", "mixed_bfloat16") == HALF["bfloat16"]
    assert TOLERANCE < HALF["float16"] < HALF["bfloat16"]

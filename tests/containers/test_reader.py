import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from small_files import CONFIG, write_legacy

from layerfix.containers.digests import digest
from layerfix.containers.reader import read
from layerfix.containers.records import spoken
from layerfix.containers.tensors import open_tensors
from layerfix.errors import ReadError, UsageError

SAMPLES = Path(__file__).parents[2] / "sample_models"


def test_a_full_model_of_genuine_keras_is_read_whole():
    checkpoint = read(SAMPLES / "resnet-mean.h5")
    assert (checkpoint.format, checkpoint.keras_version, checkpoint.backend) == ("keras-hdf5", "2.2.4", "tensorflow")
    lost = checkpoint.layer("denoising_layer_1")
    assert lost is not None
    assert lost.present
    assert lost.weights == ()
    assert checkpoint.optimizer is not None
    assert checkpoint.optimizer.class_name == "Adam"
    assert checkpoint.optimizer.weights[0].shape == ()
    kernel = next(weight for weight in checkpoint.weights if weight.name.endswith("kernel:0"))
    with open_tensors(checkpoint) as tensors, h5py.File(SAMPLES / "resnet-mean.h5") as file:
        value = tensors.read(kernel.key)
        assert np.array_equal(value, file["model_weights"][kernel.owner][kernel.name][()])
        assert tensors.digest(kernel.key) == digest(value)
        assert tensors.optimizer(checkpoint.optimizer.weights[0].name) > 0


def test_every_sample_is_read_and_no_dataset_is_missed():
    samples = sorted(SAMPLES.glob("*.h5"))
    assert len(samples) > 5
    for path in samples:
        stored: list[str] = []
        with h5py.File(path) as file:
            group = file.get("model_weights", file)
            group.visititems(lambda name, item: stored.append(name) if isinstance(item, h5py.Dataset) else None)  # noqa: B023
        assert sorted("/".join(weight.key) for weight in read(path).weights) == sorted(stored), path.name


def test_an_architecture_completes_a_weights_only_file():
    bare = read(SAMPLES / "weights-only.h5")
    whole = read(SAMPLES / "weights-only.h5", architecture=SAMPLES / "weights-only.json")
    assert (bare.format, bare.config) == ("weights-hdf5", None)
    assert whole.config is not None
    assert whole.config["class_name"] == "Model"
    assert "keras_version" not in whole.config
    assert whole.architecture == SAMPLES / "weights-only.json"


def test_an_architecture_for_a_file_that_has_one_is_refused():
    with pytest.raises(UsageError, match="its own architecture"):
        read(SAMPLES / "resnet-mean.h5", architecture=SAMPLES / "weights-only.json")


def test_the_suffix_does_not_matter(tmp_path):
    for name in ("model", "model.hd5", "model.keras", "model.json"):
        assert read(write_legacy(tmp_path / name)).format == "keras-hdf5"


def test_text_attributes_may_be_str_or_bytes(tmp_path):
    path = write_legacy(tmp_path / "new.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps(CONFIG)
        file["model_weights"].attrs["layer_names"] = ["dense_1"]
    assert read(path).config == CONFIG


def test_what_a_cut_off_write_left_out_is_recorded(tmp_path):
    path = write_legacy(tmp_path / "cut.h5")
    with h5py.File(path, "r+") as file:
        file["model_weights"].attrs["layer_names"] = [b"dense_1", b"dense_2"]
        del file["model_weights/dense_1/dense_1/bias:0"]
    checkpoint = read(path)
    first, second = checkpoint.layers
    assert first.absent == ("dense_1/bias:0",)
    assert not second.present


def test_an_optimizer_that_stored_nothing_is_still_named(tmp_path):
    path = write_legacy(tmp_path / "sgd.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["training_config"] = json.dumps({"optimizer_config": {"class_name": "SGD", "config": {"lr": 0.1}}}).encode()
    optimizer = read(path).optimizer
    assert optimizer is not None
    assert (optimizer.class_name, optimizer.config, optimizer.weights) == ("SGD", {"lr": 0.1}, ())


BAD_FILES = {
    "missing": (None, "does not exist"),
    "empty": (b"", "is empty"),
    "text": (b"hello, this is no checkpoint\n", "text file"),
    "json": (b'{"class_name": "Model"}', "--architecture"),
    "pointer": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "Git LFS"),
    "pickle": (b"\x80\x04\x95pickled\x00", "is a Python pickle"),
    "other": (b"\x01\x04\x95nothing\x00", "neither HDF5 nor a zip"),
    "cut": (b"\x89HDF", "cut off"),
    "header-only": (b"\x89HDF\r\n\x1a\n" + bytes(100), "damaged or cut off"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_one_sentence_with_a_next_step(kind, tmp_path):
    content, words = BAD_FILES[kind]
    path = tmp_path / "bad.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadError, match=words) as caught:
        read(path)
    assert caught.value.where == str(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_checkpoint(tmp_path):
    with pytest.raises(ReadError, match="is a folder"):
        read(tmp_path)


def test_hdf5_without_keras_says_what_it_holds(tmp_path):
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["measurements"] = np.zeros(3)
    with pytest.raises(ReadError, match=r"no Keras checkpoint.*'measurements'"):
        read(tmp_path / "data.h5")


@pytest.mark.parametrize("content", [b"not json", b"[1, 2]", b'{"class_name": "Model"}'])
def test_a_bad_architecture_is_named(content, tmp_path):
    (tmp_path / "model.json").write_bytes(content)
    with pytest.raises(ReadError, match=r"model\.json"):
        read(SAMPLES / "weights-only.h5", architecture=tmp_path / "model.json")


@pytest.mark.parametrize(
    ("key", "told"),
    [
        (("denoising_layer_1", "denoising_layer_1/conv1d_5/kernel:0"), "denoising_layer_1/conv1d_5/kernel:0"),
        (("model_1", "conv1d_1/kernel:0"), "model_1/conv1d_1/kernel:0"),
        (("conv1d_1", "conv1d_10/kernel:0"), "conv1d_1/conv1d_10/kernel:0"),
        (("", "kernel:0"), "kernel:0"),
    ],
)
def test_a_message_names_a_tensor_s_owner_once(key, told):
    assert spoken(key) == told

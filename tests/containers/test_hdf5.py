import json

import h5py
import numpy as np
import pytest
from small_files import write_legacy

from layerfix.containers.checks import Limits
from layerfix.containers.hdf5 import GuardedFile
from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors
from layerfix.errors import HostileError, ReadError

KERNEL = "model_weights/dense_1/dense_1/kernel:0"


def external_link(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = np.ones((3, 2), np.float32)
    file[KERNEL] = h5py.ExternalLink(str(folder / "other.h5"), "secret")


def soft_link(file, folder):
    file[KERNEL] = h5py.SoftLink("/model_weights/dense_1/dense_1/bias:0")


def external_storage(file, folder):
    (folder / "raw").write_bytes(b"host file" * 10)
    file.create_dataset(KERNEL, (3, 2), "f4", external=[(str(folder / "raw"), 0, 24)])


def virtual_dataset(file, folder):
    with h5py.File(folder / "other.h5", "w") as other:
        other["secret"] = np.ones((3, 2), np.float32)
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "secret", (3, 2))
    file.create_virtual_dataset(KERNEL, layout)


def text_dataset(file, folder):
    file.create_dataset(KERNEL, data=np.array([b"text", b"more"]))


def variable_length_text(file, folder):
    file.create_dataset(KERNEL, (2,), h5py.string_dtype())


def reference_dataset(file, folder):
    file.create_dataset(KERNEL, data=np.array([file.ref], dtype=h5py.ref_dtype))


def compound_dataset(file, folder):
    file.create_dataset(KERNEL, (2,), np.dtype([("a", "f4"), ("b", "f4")]))


def never_written(file, folder):
    file.create_dataset(KERNEL, (1 << 20, 1 << 10), "f4", chunks=(1024, 1024))


def deflate_bomb(file, folder):
    file.create_dataset(KERNEL, data=np.zeros((1 << 22,), np.float32), compression="gzip", compression_opts=9, chunks=(1 << 20,))


def nine_dimensions(file, folder):
    file.create_dataset(KERNEL, data=np.zeros((1,) * 9, np.float32))


def unknown_filter(file, folder):
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((3, 2))
    plist.set_filter(305, h5py.h5z.FLAG_OPTIONAL, ())
    space, kind = h5py.h5s.create_simple((3, 2)), h5py.h5t.py_create(np.dtype("f4"))
    h5py.h5d.create(file["model_weights/dense_1/dense_1"].id, b"kernel:0", kind, space, plist)


def alias_bomb(file, folder):
    file[KERNEL] = np.random.default_rng(0).normal(size=(1 << 16,)).astype(np.float32)
    layer = file["model_weights/dense_1"]
    names = [f"dense_1/alias_{index}" for index in range(400)]
    for name in names:
        layer[name] = file[KERNEL]
    layer.attrs["weight_names"] = [name.encode() for name in names]


def group_loop(file, folder):
    layer = file["model_weights/dense_1"]
    layer["loop"] = layer
    layer.attrs["weight_names"] = [("loop/" * 40 + "kernel:0").encode()]


def compound_attribute(file, folder):
    file["model_weights/dense_1"].attrs["weight_names"] = np.zeros(2, np.dtype([("a", "f4"), ("b", "f4")]))


def deep_config(file, folder):
    file.attrs["model_config"] = ("[" * 300 + "]" * 300).encode()


HOSTILE = [
    external_link, soft_link, external_storage, virtual_dataset, text_dataset, variable_length_text, reference_dataset, compound_dataset,
    never_written, deflate_bomb, nine_dimensions, unknown_filter, alias_bomb, group_loop, compound_attribute, deep_config,
]  # fmt: skip


@pytest.mark.parametrize("plant", HOSTILE, ids=lambda plant: plant.__name__)
def test_what_no_checkpoint_does_is_refused_unread(plant, tmp_path):
    path = write_legacy(tmp_path / "hostile.h5")
    with h5py.File(path, "r+") as file:
        del file[KERNEL]
        plant(file, tmp_path)
    with pytest.raises(HostileError, match=r"hostile\.h5") as caught:
        read(path)
    assert caught.value.exit_code == 4


def test_a_whole_group_behind_an_external_link_is_refused(tmp_path):
    path = write_legacy(tmp_path / "hostile.h5")
    (tmp_path / "inner").mkdir()
    other = write_legacy(tmp_path / "inner" / "other.h5")
    with h5py.File(path, "r+") as file:
        del file["model_weights"]
        file["model_weights"] = h5py.ExternalLink(str(other), "model_weights")
    with pytest.raises(HostileError):
        read(path)


def test_compressed_and_big_endian_tensors_read_like_plain_ones(tmp_path):
    path = write_legacy(tmp_path / "odd.h5")
    value = np.random.default_rng(0).normal(size=(300, 7)).astype(">f4")
    with h5py.File(path, "r+") as file:
        del file[KERNEL]
        file.create_dataset(KERNEL, data=value, chunks=(50, 7), compression="gzip", shuffle=True)
    with open_tensors(read(path)) as tensors:
        key = ("dense_1", "dense_1/kernel:0")
        assert np.array_equal(tensors.read(key), value)
        assert np.array_equal(np.concatenate(list(tensors.chunks(key, 2000))), value)


def test_too_many_objects_are_refused(tmp_path):
    path = write_legacy(tmp_path / "many.h5")
    with GuardedFile("many.h5", path, path.stat().st_size, Limits(objects=3)) as file:
        layer = file.group(file.root, "model_weights/dense_1")
        for _ in range(3):
            assert file.group(file.root, "model_weights/dense_1") == layer
        with pytest.raises(HostileError, match="more than 3"):
            file.dataset(layer, "dense_1/kernel:0")


def test_reading_the_same_tensor_again_is_not_charged_again(tmp_path):
    path = write_legacy(tmp_path / "small.h5")
    with open_tensors(path) as tensors:
        first = tensors.read(("dense_1", "dense_1/kernel:0"))
        assert all((tensors.read(("dense_1", "dense_1/kernel:0")) == first).all() for _ in range(300))


def test_names_split_over_several_attributes_are_joined(tmp_path):
    path = write_legacy(tmp_path / "split.h5")
    with h5py.File(path, "r+") as file:
        layer = file["model_weights/dense_1"]
        del layer.attrs["weight_names"]
        layer.attrs["weight_names0"] = [b"dense_1/kernel:0"]
        layer.attrs["weight_names1"] = ["dense_1/bias:0"]
        file["model_weights"].attrs["layer_names0"] = [b"dense_1"]
        del file["model_weights"].attrs["layer_names"]
    assert [weight.name for weight in read(path).weights] == ["dense_1/kernel:0", "dense_1/bias:0"]


def test_damaged_bytes_are_one_sentence(tmp_path):
    path = write_legacy(tmp_path / "cut.h5")
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(ReadError, match="damaged or cut off") as caught:
        read(path)
    assert not isinstance(caught.value, HostileError)
    assert "\n" not in str(caught.value)


def test_a_config_that_is_no_json_is_named(tmp_path):
    path = write_legacy(tmp_path / "bad.h5")
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = json.dumps({"a": 1}).encode()[:-1]
    with pytest.raises(ReadError, match=r"bad\.h5: model_config: is no valid JSON"):
        read(path)

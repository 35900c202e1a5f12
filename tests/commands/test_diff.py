import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from layerfix.commands.diff import diff
from layerfix.results.diff import Change

SAMPLE = Path(__file__).parents[2] / "sample_models" / "nested-mean.h5"


@pytest.fixture
def copy(tmp_path):
    shutil.copy(SAMPLE, tmp_path / "copy.h5")
    return tmp_path / "copy.h5"


def layer_with_two(file):
    return next(group for group in file["model_weights"].values() if len(group.attrs["weight_names"]) == 2)


def only(found, status):
    return [tensor for tensor in found.tensors if tensor.status == status]


def test_a_copy_is_the_same(copy):
    found = diff(SAMPLE, copy)
    assert found.same
    assert set(found.counts) == {"identical"}


def test_a_changed_tensor_says_how_far(copy):
    with h5py.File(copy, "r+") as file:
        group = layer_with_two(file)
        name = group.attrs["weight_names"][0].decode()
        before = group[name][()]
        after = before * np.float32(2)
        after.reshape(-1)[0] = np.nan
        group[name][...] = after
    (tensor,) = only(diff(SAMPLE, copy), "changed")
    rest = np.abs(before.reshape(-1)[1:].astype(np.float64))
    assert tensor.max_difference == pytest.approx(rest.max(), rel=1e-6)
    assert tensor.mean_difference == pytest.approx(rest.mean(), rel=1e-6)
    assert tensor.cosine == pytest.approx(1, abs=1e-6)
    assert tensor.nonfinite == 1


def test_a_tensor_that_differs_only_in_the_sign_of_zero_is_not_identical(tmp_path):
    for name, value in (("a.h5", 0.0), ("b.h5", -0.0)):
        with h5py.File(tmp_path / name, "w") as file:
            file.attrs["layer_names"] = [b"dense"]
            file.create_group("dense").attrs["weight_names"] = [b"k"]
            file["dense/k"] = np.full(3, value, np.float32)
    (tensor,) = diff(tmp_path / "a.h5", tmp_path / "b.h5").tensors
    assert (tensor.status, tensor.max_difference, tensor.cosine) == ("changed", 0.0, None)


def test_added_removed_and_renamed_tensors(copy):
    with h5py.File(copy, "r+") as file:
        group = layer_with_two(file)
        first, second = group.attrs["weight_names"]
        group.move(first.decode(), "renamed/kernel:0")
        del group[second.decode()]
        group["new"] = np.ones((2, 2), np.float32)
        group.attrs["weight_names"] = [b"renamed/kernel:0", b"new"]
    found = diff(SAMPLE, copy)
    (renamed,) = only(found, "renamed")
    assert renamed.before is not None
    assert renamed.before[1] == first.decode()
    assert renamed.after is not None
    assert renamed.after[1] == "renamed/kernel:0"
    assert [tensor.key[1] for tensor in only(found, "added")] == ["new"]
    assert [tensor.key[1] for tensor in only(found, "removed")] == [second.decode()]


def test_another_order_is_seen_since_keras_loads_by_it(copy):
    with h5py.File(copy, "r+") as file:
        group = layer_with_two(file)
        group.attrs["weight_names"] = group.attrs["weight_names"][::-1]
    found = diff(SAMPLE, copy)
    assert len(only(found, "reordered")) == 2
    assert not found.same


@pytest.mark.parametrize(("change", "status"), [(lambda v: v.astype("f8"), "recast"), (lambda v: v.reshape(-1, 1), "reshaped")])
def test_another_type_or_shape_has_its_own_word(change, status, copy):
    with h5py.File(copy, "r+") as file:
        group = layer_with_two(file)
        name = group.attrs["weight_names"][0].decode()
        value = change(group[name][()])
        del group[name]
        group[name] = value
    (tensor,) = only(diff(SAMPLE, copy), status)
    assert tensor.max_difference == (0 if status == "recast" else None)


def test_config_and_training_changes_name_the_layer(copy):
    with h5py.File(copy, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layer = config["config"]["layers"][-1]
        layer["config"]["activation"] = "relu"
        file.attrs["model_config"] = json.dumps(config).encode()
        training = json.loads(file.attrs["training_config"])
        del training["loss"]
        file.attrs["training_config"] = json.dumps(training).encode()
    found = diff(SAMPLE, copy)
    assert found.config == (Change(f"config/layers/{layer['name']}/config/activation", "changed", "softmax", "relu"),)
    assert [(change.path, change.kind) for change in found.training_config] == [("loss", "removed")]


def test_optimizer_slots_inserted_in_between_do_not_shift_the_rest(copy):
    with h5py.File(copy, "r+") as file:
        group = file["optimizer_weights"]
        names = [name.decode() for name in group.attrs["weight_names"]]
        for number in range(len(names) - 1, 1, -1):
            group.move(names[number], f"shifted_{number}")
        group["zeros"] = np.zeros((7, 7), np.float32)
        group.attrs["weight_names"] = [n.encode() for n in [*names[:2], "zeros", *[f"shifted_{k}" for k in range(2, len(names))]]]
    found = diff(SAMPLE, copy)
    assert [tensor.status for tensor in found.optimizer] == ["identical"] * 2 + ["added"] + ["renamed"] * (len(names) - 2)


def test_facts_about_the_file_are_compared(copy):
    with h5py.File(copy, "r+") as file:
        file.attrs["keras_version"] = b"2.3.1"
    (change,) = diff(SAMPLE, copy).attributes
    assert (change.name, change.before, change.after) == ("keras_version", "2.2.5", "2.3.1")

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from layerfix.containers.reader import read
from layerfix.write.verify import verify_file

SAMPLE = Path(__file__).parents[2] / "sample_models" / "nested-mean.h5"


@pytest.fixture
def copy(tmp_path):
    shutil.copy(SAMPLE, tmp_path / "copy.h5")
    return tmp_path / "copy.h5"


def change(path, action):
    with h5py.File(path, "r+") as file:
        weights: list[str] = []
        file["model_weights"].visititems(lambda name, item: weights.append(name) if isinstance(item, h5py.Dataset) else None)
        action(file, file["model_weights"], weights)


def test_a_copy_passes(copy):
    checked = verify_file(read(SAMPLE), copy, {})
    assert checked.ok
    assert checked.kept == checked.identical > 0


def flip(file, weights, names):
    value = weights[names[0]][()]
    value.reshape(-1).view(np.uint32)[0] ^= 1
    weights[names[0]][...] = value


def lose(file, weights, names):
    del weights[names[0]]


def add(file, weights, names):
    owner = names[0].split("/")[0]
    weights[owner]["extra"] = np.zeros(2, np.float32)
    weights[owner].attrs["weight_names"] = [*weights[owner].attrs["weight_names"], b"extra"]


def reorder(file, weights, names):
    owner = next(name for name in weights if len(weights[name].attrs["weight_names"]) > 1)
    weights[owner].attrs["weight_names"] = weights[owner].attrs["weight_names"][::-1]


def forget_config(file, weights, names):
    del file.attrs["model_config"]


def forget_training(file, weights, names):
    del file.attrs["training_config"]


def touch_optimizer(file, weights, names):
    group = file["optimizer_weights"]
    name = group.attrs["weight_names"][1]
    group[name][...] = group[name][()] + 1


@pytest.mark.parametrize("action", [flip, lose, add, reorder, forget_config, forget_training, touch_optimizer])
def test_anything_else_is_a_problem(action, copy):
    change(copy, action)
    assert verify_file(read(SAMPLE), copy, {}).problems


def test_a_planned_value_must_be_there_bit_for_bit(copy):
    change(copy, add)
    source = read(SAMPLE)
    key = next(weight.key for weight in read(copy).weights if weight.name == "extra")
    assert verify_file(source, copy, {key: np.zeros(2, np.float32)}).ok
    wrong = verify_file(source, copy, {key: np.full(2, -0.0, np.float32)})
    assert (wrong.planned, wrong.planned_equal) == (1, 0)
    assert not wrong.ok

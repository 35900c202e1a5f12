"""Layers that are made of others, in genuine files of three releases: attention, two directions, stacked cells (make_composed.py)."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from functools import cache
from pathlib import Path

import pytest
from damaged import is_true, values

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.given import architecture_of
from layerfix.scavenge.hdf5 import Given, Scavenged, scavenge
from layerfix.scavenge.image import Image
from layerfix.scavenge.names import optimizer_of, scaled_by
from layerfix.scavenge.slots import scaled_names
from layerfix.scavenge.tree import Tree

FILES = Path(__file__).parent / "files"
WEIGHTS = "model.weights.h5"


@cache
def genuine(name: str) -> tuple[bytes, Given | None]:
    """The HDF5 part of a file, and its architecture where it has none of its own."""
    data = gzip.decompress((FILES / f"{name}.gz").read_bytes())
    if name.endswith(".h5"):
        return data, None if name.startswith("composed_tf24") else architecture_of((FILES / f"{name}.json").read_bytes())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(WEIGHTS), architecture_of(archive.read("config.json"))


def cut(name: str, percent: int) -> tuple[Scavenged, bytes, set[str]]:
    """What is found in the beginning of a file, and the tensors that are there by the whole file's extents."""
    data, given = genuine(name)
    inner = name.endswith(".keras")
    bad = data[: len(data) * percent // 100]
    extents = {t.path: t.dataset.extents for t in scavenge(Image(data, inner=inner)).tensors if t.dataset is not None}
    there = {path for path, spans in extents.items() if all(end <= len(bad) for _, end in spans)}
    return scavenge(Image(bad, inner=inner), (), given, asserted=False), bad, there


@pytest.mark.parametrize("percent", [35, 50, 65, 80, 95])
@pytest.mark.parametrize("name", ["composed_tf24.h5", "composed_tf215.keras", "composed_keras315.weights.h5"])
def test_every_weight_of_a_cut_file_is_back_that_is_in_it(name: str, percent: int) -> None:
    found, bad, there = cut(name, percent)
    held = {tensor.path for tensor in found.tensors if tensor.state == "whole" and tensor.path}
    zeros = {tensor.path for tensor in found.tensors if "zeros" in tensor.why}
    counted = {path for path in there if "gru_cell" in path} if "tf24" in name else set()
    assert there - zeros - counted <= held
    assert is_true(bad, values(io.BytesIO(genuine(name)[0])), found) == len(held)


def test_an_older_architecture_that_is_given_does_not_override_the_files_own() -> None:
    data, _ = genuine("composed_tf24.h5")
    other = json.loads((FILES / "composed_tf24.h5.json").read_text())
    for layer in other["config"]["layers"]:
        layer["config"].update({"units": 7} if layer["class_name"] == "Dense" else {})
    bad = data[: len(data) * 60 // 100]
    assert scavenge(Image(bad), (), {"model_config": other}).tensors == scavenge(Image(bad)).tensors


def test_an_architecture_that_is_a_users_word_places_small_tensors_only_where_numbers_end_as_it_says() -> None:
    data, given = genuine("composed_keras315.weights.h5")
    bad = data[: len(data) * 65 // 100]
    told = [scavenge(Image(bad), (), given, asserted=asserted) for asserted in (False, True)]
    count = [is_true(bad, values(io.BytesIO(data)), found) for found in told]
    assert count[0] > count[1] > 10


@pytest.mark.parametrize("wrong", [{"num_heads": 3}, {"key_dim": 4}, {"value_dim": 1}, {"use_bias": False}])
def test_an_architecture_of_another_model_places_nothing_wrong(wrong: dict[str, object]) -> None:
    data, given = genuine("composed_keras315.weights.h5")
    assert given is not None
    other = json.loads(json.dumps(given))
    next(layer for layer in other["model_config"]["config"]["layers"] if layer["name"] == "heads")["config"].update(wrong)
    for percent in (50, 80):
        bad = data[: len(data) * percent // 100]
        is_true(bad, values(io.BytesIO(data)), scavenge(Image(bad), (), other))


def text(value: object) -> Value:
    return Value("text", (), texts=((value if isinstance(value, str) else json.dumps(value)).encode(),))


def test_mixed_precision_keeps_an_optimizer_inside_of_what_scales_the_loss() -> None:
    inner = {"class_name": "Nadam", "config": {"name": "nadam_1"}}
    scaling = {"class_name": "LossScaleOptimizer", "config": {"name": "loss_scale_optimizer", "inner_optimizer": inner}}
    named = Tree(attributes={"": {"training_config": text({"optimizer_config": scaling})}})
    assert (optimizer_of(named), scaled_by(named)) == (("Nadam", {"name": "nadam_1"}), "loss_scale_optimizer")
    plain = Tree(attributes={"": {"training_config": text({"optimizer_config": inner})}})
    assert (optimizer_of(plain), scaled_by(plain)) == (("Nadam", {"name": "nadam_1"}), "")


def test_an_archive_of_keras_2_15_states_only_the_optimizer_inside_and_the_policy() -> None:
    layer = {"class_name": "Dense", "config": {"dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}}}
    given = {"model_config": {"config": {"layers": [layer]}}, "training_config": {"optimizer": {"class_name": "Adam", "config": {}}}}
    assert scaled_by(Tree(given=given)) == "loss_scale_optimizer"


def test_without_a_config_the_names_in_the_file_tell_both_optimizers() -> None:
    places = {"optimizer/vars": {"name": text("loss_scale_optimizer_2")}, "optimizer/inner_optimizer/vars": {"name": text("adam")}}
    named = Tree(attributes=places)
    assert (optimizer_of(named)[0], scaled_by(named)) == ("Adam", "loss_scale_optimizer_2")


def test_names_of_a_scaled_optimizer_as_keras_3_15_lists_them() -> None:
    own = ("nadam/iteration", "nadam/learning_rate", "nadam/d_kernel_momentum", "nadam/variable")
    assert scaled_names("scale", own) == (
        "scale/iteration",
        "scale/learning_rate",
        "scale/step_counter",
        "scale/dynamic_scale",
        "nadam/iteration",
        "nadam/learning_rate",
        "scale/nadam/d_kernel_momentum",
    )

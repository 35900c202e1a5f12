import hashlib
from dataclasses import replace

import h5py
import numpy as np
import pytest
from blueprints import SAMPLES, blueprint_of, lost_values

from layerfix.blueprint import Blueprint
from layerfix.containers.config import tree, walk
from layerfix.containers.reader import read
from layerfix.errors import WriteError
from layerfix.write.h5 import set_names, write_h5
from layerfix.write.verify import verify_file

BROKEN = ["resnet-mean", "resnet-nonlocal", "resnet-he-normal", "sequential-mean", "nested-mean", "shared-nonlocal", "unseeded-plain"]


def repair(name, target, arguments=None, architecture=None):
    source = read(SAMPLES / f"{name}.h5", architecture=architecture)
    blueprint, values = blueprint_of(source, lost_values(name))
    outcome = write_h5(source, target, blueprint=blueprint, values=values, arguments=arguments or {})
    return source, values, outcome


@pytest.mark.parametrize("name", BROKEN)
def test_a_repaired_sample_holds_all_that_was_and_all_that_was_lost(name, tmp_path):
    source, values, outcome = repair(name, tmp_path / "fixed.h5")
    assert outcome.status == "extended"
    checked = verify_file(source, tmp_path / "fixed.h5", values)
    assert checked.problems == ()
    assert (checked.kept, checked.identical) == (len(source.weights), len(source.weights))
    assert checked.planned_equal == len(values) > 0


@pytest.mark.parametrize("name", ["resnet-mean", "nested-mean"])
def test_the_same_repair_writes_the_same_bytes(name, tmp_path):
    digests = set()
    for number in range(2):
        repair(name, tmp_path / f"{number}.h5")
        digests.add(hashlib.sha256((tmp_path / f"{number}.h5").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_the_source_is_never_touched(tmp_path):
    before = (SAMPLES / "resnet-mean.h5").read_bytes()
    repair("resnet-mean", tmp_path / "fixed.h5")
    assert (SAMPLES / "resnet-mean.h5").read_bytes() == before


def test_arguments_reach_layers_of_nested_models(tmp_path):
    source = read(SAMPLES / "nested-mean.h5")
    paths = [node.path for node in walk(tree(source.config)) if node.class_name == "Denoising_layer"]
    assert all("/" in path for path in paths)
    repair("nested-mean", tmp_path / "fixed.h5", {path: {"filter_type": "mean"} for path in paths})
    after = {node.path: node.config for node in walk(tree(read(tmp_path / "fixed.h5").config))}
    assert all(after[path]["filter_type"] == "mean" for path in paths)


def test_a_config_that_takes_no_argument_is_left_as_it_is(tmp_path):
    repair("resnet-mean", tmp_path / "fixed.h5")
    with h5py.File(SAMPLES / "resnet-mean.h5") as old, h5py.File(tmp_path / "fixed.h5") as new:
        assert old.attrs["model_config"] == new.attrs["model_config"]


def test_legacy_keras_finds_bytes_where_it_decodes(tmp_path):
    source = read(SAMPLES / "resnet-mean.h5")
    name = next(node.path for node in walk(tree(source.config)) if node.class_name == "Denoising_layer")
    repair("resnet-mean", tmp_path / "fixed.h5", {name: {"filter_type": "mean"}})
    with h5py.File(tmp_path / "fixed.h5") as file:
        kind = h5py.h5a.open(file.id, b"model_config").get_type()
        assert kind.get_cset() == h5py.h5t.CSET_ASCII


def test_an_unknown_layer_cannot_take_arguments(tmp_path):
    with pytest.raises(WriteError, match="no layer 'ghost'"):
        repair("resnet-mean", tmp_path / "fixed.h5", {"ghost": {"filter_type": "mean"}})


def test_weights_with_an_architecture_become_a_full_model(tmp_path):
    source, values, outcome = repair("weights-only", tmp_path / "fixed.h5", architecture=SAMPLES / "weights-only.json")
    written = read(tmp_path / "fixed.h5")
    assert (source.format, written.format) == ("weights-hdf5", "keras-hdf5")
    assert outcome.status == "none"
    assert written.config == source.config
    assert (written.keras_version, written.backend) == (source.keras_version, source.backend)
    assert verify_file(source, tmp_path / "fixed.h5", values).problems == ()
    with h5py.File(tmp_path / "fixed.h5") as file:
        assert sorted(file) == ["model_weights"]
        assert "layer_names" not in file.attrs


def test_stored_names_that_differ_are_matched_by_position(tmp_path):
    source = read(SAMPLES / "nested-mean.h5")
    blueprint, values = blueprint_of(source, lost_values("nested-mean"))
    renamed = tuple(spec if spec.hidden else replace(spec, name=f"other/{spec.name}") for spec in blueprint.weights)
    write_h5(source, tmp_path / "fixed.h5", blueprint=Blueprint(renamed, (), {}), values=values, arguments={})
    assert verify_file(source, tmp_path / "fixed.h5", values).problems == ()


def test_a_graph_that_does_not_fit_the_file_is_refused(tmp_path):
    source = read(SAMPLES / "nested-mean.h5")
    blueprint, values = blueprint_of(source, lost_values("nested-mean"))
    first = next(spec for spec in blueprint.weights if not spec.hidden and spec.owner in {key[0] for key in values})
    fewer = Blueprint(tuple(spec for spec in blueprint.weights if spec != first), (), {})
    with pytest.raises(WriteError, match="beside what was lost"):
        write_h5(source, tmp_path / "fixed.h5", blueprint=fewer, values=values, arguments={})


def test_a_value_of_another_shape_is_refused(tmp_path):
    source = read(SAMPLES / "nested-mean.h5")
    blueprint, values = blueprint_of(source, lost_values("nested-mean"))
    wrong = {key: np.zeros((2, 2), np.float32) for key in values}
    with pytest.raises(WriteError, match="should have shape"):
        write_h5(source, tmp_path / "fixed.h5", blueprint=blueprint, values=wrong, arguments={})


def test_many_long_names_are_split_as_keras_splits_them(tmp_path):
    names = [f"layer_{index}/{'x' * 200}" for index in range(1000)]
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.attrs["weight_names"] = [b"old"]
        set_names(file, "weight_names", names)
        pieces = [file.attrs[f"weight_names{index}"] for index in range(len(file.attrs))]
    assert len(pieces) > 1
    assert all(piece.nbytes <= 64512 for piece in pieces)
    assert [name.decode() for piece in pieces for name in piece] == names

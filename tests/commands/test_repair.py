"""A repair from one end to the other, on checkpoints that genuine legacy Keras saved."""

from __future__ import annotations

import json
import runpy
import shutil
from collections import Counter
from pathlib import Path

import h5py
import keras
import numpy as np
import pytest
from genuine import Repaired, lost_tensors, recorded, stored_tensors

import layerfix
from layerfix.commands.repair import repair
from layerfix.containers.donor import read_donor
from layerfix.containers.reader import read
from layerfix.containers.tensors import open_tensors
from layerfix.disk.hashing import file_sha256
from layerfix.errors import GraphError, LayerfixError, PlanError, UsageError
from layerfix.graph.forward import forward

SEEDS = {"sequential-mean": 123, "nested-mean": 2018, "shared-nonlocal": 0, "resnet-nonlocal": 7}
WITNESSED_OR_NOT = (("exact", 0), ("recovered", 1))
"""Verdict and exit code of what a seed told, with a witness in the file and without."""
FILTERS = {"sequential-mean": "mean", "nested-mean": "mean", "shared-nonlocal": "non_local_mean", "resnet-nonlocal": "non_local_mean"}


def test_the_verdict_from_the_file_alone_is_exact(repaired: Repaired) -> None:
    report = repaired.result.report
    assert report.verdict == "exact"
    assert report.exit_code == 0
    weights = [weight for layer in report.layers for weight in layer.weights]
    assert len(weights) == 4
    assert all(weight.exact and weight.strategy == "recover" and weight.status == "restored" for weight in weights)
    assert all(weight.evidence["false_positive_bound"] <= 1e-6 for weight in weights)
    assert report.search["numpy_seed"] == 42


def test_lost_tensors_are_back_bit_for_bit_and_kept_ones_unchanged(repaired: Repaired) -> None:
    before, after = stored_tensors(repaired.source), stored_tensors(repaired.output)
    lost = lost_tensors("resnet-mean")
    back = {key[1]: value for key, value in after.items() if key not in before}
    assert back.keys() == lost.keys()
    assert all(back[name].dtype == lost[name].dtype and back[name].tobytes() == lost[name].tobytes() for name in lost)
    assert all(after[key].tobytes() == value.tobytes() for key, value in before.items())
    assert repaired.result.report.kept == {"tensors": len(before), "identical": len(before)}


def test_the_input_is_left_as_it_was(repaired: Repaired) -> None:
    assert file_sha256(repaired.source) == repaired.before == repaired.result.report.source.sha256
    assert repaired.result.report.target is not None
    assert repaired.result.report.target.sha256 == file_sha256(repaired.output)


def test_a_repaired_file_predicts_what_was_recorded_before_the_save(repaired: Repaired) -> None:
    x, p = recorded("resnet-mean")
    model = layerfix.load_model(repaired.output)
    assert np.abs(forward(model, x)[0] - p).max() <= 1e-4


def test_the_argument_that_the_config_lost_is_in_the_repaired_file(repaired: Repaired) -> None:
    arguments = {(layer.name, argument.name): argument for layer in repaired.result.report.layers for argument in layer.arguments}
    assert {place: (argument.value, argument.how) for place, argument in arguments.items()} == {
        ("denoising_layer_1", "filter_type"): ("mean", "inferred"),
        ("denoising_layer_2", "filter_type"): ("mean", "inferred"),
    }


def test_a_repaired_file_is_healthy(repaired: Repaired) -> None:
    again = repair(repaired.output, dry_run=True)
    assert again.report.verdict == "clean"
    assert again.report.exit_code == 0


@pytest.mark.slow
def test_an_archive_loads_in_plain_keras_with_the_emitted_source(repaired: Repaired, tmp_path: Path) -> None:
    output = tmp_path / "fixed.keras"
    result = repair(repaired.source, output=output, numpy_seed=42, arguments={"Denoising_layer": {"filter_type": "mean"}})
    assert result.report.verdict == "exact"
    registered = keras.saving.get_custom_objects()
    before = dict(registered)
    classes = {name: value for name, value in runpy.run_path(str(repaired.source_file)).items() if isinstance(value, type)}
    registered.clear()  # the emitted file registers its class under the shipped one's name
    registered.update(before)
    custom = {name: value for name, value in classes.items() if issubclass(value, keras.layers.Layer)}
    model = keras.saving.load_model(str(output), custom_objects={**custom, "Denoising_layer": custom["DenoisingLayer"]})
    x, p = recorded("resnet-mean")
    assert np.abs(forward(model, x)[0] - p).max() <= 1e-4
    assert result.report.kept["identical"] == result.report.kept["tensors"] == 40
    assert result.report.optimizer["status"] == "extended"
    _check_momentums(model, repaired.source)


def _check_momentums(model: keras.Model, source: Path) -> None:
    """Every kept trainable weight goes on with the first moment that Adam stored for it, and restored ones with zeros."""
    checkpoint = read(source)
    with open_tensors(checkpoint) as tensors:
        trained = [tensors.read(weight.key) for weight in checkpoint.weights if "moving_" not in weight.name]
        assert checkpoint.optimizer is not None
        slots = [tensors.optimizer(weight.name) for weight in checkpoint.optimizer.weights]
    moments = {value.tobytes(): slot for value, slot in zip(trained, slots[1 : 1 + len(trained)], strict=True) if value.ndim > 1}
    variables = zip(model.optimizer._trainable_variables, model.optimizer._momentums, strict=True)
    pairs = [(weight, moment) for weight, moment in variables if len(weight.shape) > 1]
    restored = [np.asarray(moment) for weight, moment in pairs if np.asarray(weight).tobytes() not in moments]
    assert len(moments) == len(pairs) - 2 == 8
    assert int(model.optimizer.iterations) == int(slots[0]) > 0
    assert all(np.array_equal(moments[key], moment) for w, moment in pairs if (key := np.asarray(w).tobytes()) in moments)
    assert len(restored) == 2
    assert not any(moment.any() for moment in restored)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SEEDS))
def test_every_shape_of_model_comes_back_bit_for_bit_and_predicts(name: str, models: Path, tmp_path: Path) -> None:
    output = tmp_path / f"{name}.h5"
    arguments = {"Denoising_layer": {"filter_type": FILTERS[name]}}
    result = repair(models / f"{name}.h5", output=output, numpy_seed=SEEDS[name], arguments=arguments)
    assert (result.report.verdict, result.report.exit_code) in WITNESSED_OR_NOT
    assert result.values is not None
    lost = lost_tensors(name)
    assert {key[1]: value.tobytes() for key, value in result.values.items()} == {key: value.tobytes() for key, value in lost.items()}
    x, p = recorded(name)
    assert np.abs(forward(layerfix.load_model(output), x)[0] - p).max() <= 1e-4


@pytest.mark.parametrize("name", ["healthy-stock", "healthy-stateless"])
def test_a_healthy_file_is_clean_and_nothing_is_written(name: str, models: Path, tmp_path: Path) -> None:
    layers = [models / "stateless.py"] if name == "healthy-stateless" else []
    result = repair(models / f"{name}.h5", output=tmp_path / "fixed.h5", layers=layers)
    assert result.report.verdict == "clean"
    assert result.report.exit_code == 0
    assert result.output is None
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_plans_and_writes_nothing(models: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(models / "sequential-mean.h5", tmp_path))
    result = repair(source, dry_run=True, strategy="reinitialize", emit_layers=tmp_path / "layers.py")
    assert result.plan is not None
    assert len(result.plan.steps) == 2
    assert result.output is None
    assert result.report.target is None
    assert list(tmp_path.iterdir()) == [source]


def test_the_output_lies_beside_the_input_by_default(models: Path, tmp_path: Path) -> None:
    source = Path(shutil.copy(models / "sequential-mean.h5", tmp_path))
    result = repair(source, strategy="reinitialize")
    assert result.output == tmp_path / "sequential-mean.repaired.h5"
    assert result.report.verdict == "reinitialized"
    assert result.report.exit_code == 1


def test_an_existing_output_is_kept_unless_forced(models: Path, tmp_path: Path) -> None:
    output = tmp_path / "fixed.h5"
    output.write_bytes(b"precious")
    with pytest.raises(LayerfixError, match="exists"):
        repair(models / "sequential-mean.h5", output=output, strategy="reinitialize")
    assert output.read_bytes() == b"precious"
    repair(models / "sequential-mean.h5", output=output, strategy="reinitialize", force=True)
    assert output.read_bytes() != b"precious"


@pytest.mark.parametrize("force", [False, True])
def test_the_input_is_never_the_output(models: Path, tmp_path: Path, force: bool) -> None:
    source = Path(shutil.copy(models / "sequential-mean.h5", tmp_path))
    link = tmp_path / "link.h5"
    link.symlink_to(source)
    before = file_sha256(source)
    for output in (source, link):
        with pytest.raises(LayerfixError):
            repair(source, output=output, strategy="reinitialize", force=force)
    assert file_sha256(source) == before


def test_an_unknown_format_of_the_output_is_refused(models: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'\.onnx' is no known format"):
        repair(models / "sequential-mean.h5", output=tmp_path / "fixed.onnx")


def test_weights_alone_need_the_architecture(models: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--architecture"):
        repair(models / "weights-only.h5", output=tmp_path / "fixed.h5")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_weights_alone_come_back_with_the_architecture(models: Path, tmp_path: Path) -> None:
    result = repair(models / "weights-only.h5", architecture=models / "weights-only.json", output=tmp_path / "f.h5", numpy_seed=1337)
    assert result.report.verdict in dict(WITNESSED_OR_NOT)
    lost = lost_tensors("weights-only")
    after = {key[1]: value for key, value in stored_tensors(tmp_path / "f.h5").items()}
    assert all(after[name].tobytes() == lost[name].tobytes() for name in lost)


def test_an_unknown_class_is_named_with_the_way_to_give_it(tmp_path: Path) -> None:
    broken = Path(__file__).parents[1] / "legacy" / "classes" / "partial-loss" / "broken.h5"
    with pytest.raises(LayerfixError) as caught:
        repair(broken, output=tmp_path / "fixed.h5")
    assert "--layers" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_all_classes_that_are_missing_are_named_together(models: Path, tmp_path: Path) -> None:
    other, source = tmp_path / "other.h5", tmp_path / "other.py"
    shutil.copy(models / "resnet-mean.h5", other)
    with h5py.File(other, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        denoising = [entry for entry in config["config"]["layers"] if entry["class_name"] == "Denoising_layer"]
        denoising[0]["class_name"], denoising[1]["class_name"] = "Smoothing", "Sharpening"
        file.attrs["model_config"] = json.dumps(config)
    source.write_text("class Softening: pass")
    with pytest.raises(GraphError, match=r"Smoothing.*Sharpening.*other\.py was looked through"):
        repair(other, layers=[source], output=tmp_path / "fixed.h5")


@pytest.mark.slow
def test_a_search_without_time_ends_at_once_and_the_report_says_so(models: Path, tmp_path: Path) -> None:
    report = repair(models / "unseeded-batchnorm.h5", output=tmp_path / "new.h5", time_budget=1e-9).report
    assert (report.verdict, report.exit_code) == ("reinitialized", 1)
    assert "search was ended before it was through" in report.summary
    assert report.advice[0].startswith("The search was ended; to let it run through: `layerfix repair")


def test_settings_and_strategies_for_layers_that_are_not_there_are_refused(models: Path) -> None:
    with pytest.raises(UsageError, match="'denoising_layer_7'"):
        repair(models / "sequential-mean.h5", dry_run=True, arguments={"denoising_layer_7": {"filter_type": "mean"}})
    with pytest.raises(PlanError, match=r"'dense_l'.*Did you mean 'dense_1'"):
        repair(models / "sequential-mean.h5", dry_run=True, layer_strategies={"dense_l": "fit"})
    with pytest.raises(PlanError, match="'dense_1', which lost nothing"):
        repair(models / "sequential-mean.h5", dry_run=True, strategy="reinitialize", layer_strategies={"dense_1": "reinitialize"})


@pytest.mark.parametrize("suffix", [".weights.h5", ".safetensors"])
def test_weights_alone_hold_every_weight_of_the_repaired_model(models: Path, tmp_path: Path, suffix: str) -> None:
    result = repair(models / "sequential-mean.h5", output=tmp_path / f"new{suffix}", numpy_seed=7, strategy="reinitialize")
    assert result.output is not None
    donor = read_donor(result.output)
    held = Counter(donor.read(entry).tobytes() for entry in donor.entries)
    with open_tensors(read(models / "sequential-mean.h5")) as tensors:
        kept = [tensors.read(weight.key).tobytes() for weight in read(models / "sequential-mean.h5").weights]
    lost = [value.tobytes() for value in (result.values or {}).values()]
    assert lost
    assert not Counter([*kept, *lost]) - held

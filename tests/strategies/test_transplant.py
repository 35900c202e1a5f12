from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from genuine import lost_tensors

from layerfix.blueprint import WeightSpec
from layerfix.commands.repair import repair
from layerfix.containers.donor import read_donor
from layerfix.containers.reader import read
from layerfix.containers.records import Checkpoint
from layerfix.errors import PlanError
from layerfix.results.repaired import RepairResult
from layerfix.strategies.session import judge

SESSION = Path(__file__).parents[1] / "containers" / "session"
KERNEL, BIAS = "denoising_layer_1/conv1d_2/kernel:0", "denoising_layer_1/conv1d_2/bias:0"


def transplanted(models: Path, *donors: Path, **options: Any) -> RepairResult:
    return repair(models / "sequential-mean.h5", dry_run=True, donors=donors, **{"strategy": "transplant", **options})


def npz(path: Path, **arrays: Any) -> Path:
    np.savez(path, **arrays)
    return path


def refusal(result: RepairResult) -> str:
    assert result.plan is not None
    assert result.report.verdict != "exact"
    return " ".join(item.why for item in result.plan.unplanned)


def test_weights_are_matched_by_their_own_names(models: Path, tmp_path: Path) -> None:
    lost = lost_tensors("sequential-mean")
    result = transplanted(models, npz(tmp_path / "d.npz", **lost, other=lost[KERNEL]))
    assert result.values is not None
    assert {key[1]: value.tobytes() for key, value in result.values.items()} == {name: value.tobytes() for name, value in lost.items()}
    assert result.report.verdict == "restored"
    weights = [weight for layer in result.report.layers for weight in layer.weights]
    assert not any(weight.exact for weight in weights)
    assert {weight.evidence["matched_by"] for weight in weights} == {"name"}


def test_weights_are_matched_by_owner_role_and_shape_where_names_differ(models: Path, tmp_path: Path) -> None:
    lost = lost_tensors("sequential-mean")
    renamed = {"denoising_layer_1/kernel": lost[KERNEL], "denoising_layer_1/bias": lost[BIAS]}
    result = transplanted(models, npz(tmp_path / "d.npz", **renamed))
    assert result.plan is not None
    assert {step.evidence["matched_by"] for step in result.plan.steps} == {"owner, role and shape"}
    assert result.values is not None
    assert all(np.array_equal(value, lost[key[1]]) for key, value in result.values.items())


def test_an_ambiguous_donor_is_refused_with_all_that_would_fit(models: Path, tmp_path: Path) -> None:
    kernel = lost_tensors("sequential-mean")[KERNEL]
    donor = npz(tmp_path / "d.npz", **{"denoising_layer_1/a/kernel": kernel, "denoising_layer_1/b/kernel": kernel})
    told = refusal(transplanted(models, donor))
    assert KERNEL in told
    assert "denoising_layer_1/a/kernel, denoising_layer_1/b/kernel" in told


def test_an_ill_shaped_donor_is_refused_with_both_shapes(models: Path, tmp_path: Path) -> None:
    told = refusal(transplanted(models, npz(tmp_path / "d.npz", **{KERNEL: np.zeros((3, 8, 8), np.float32)})))
    assert "(3, 8, 8)" in told
    assert "(1, 8, 8)" in told


@pytest.mark.slow
def test_the_first_donor_that_has_a_weight_gives_it(models: Path, tmp_path: Path) -> None:
    first = npz(tmp_path / "a.npz", **{KERNEL: np.ones((1, 8, 8), np.float32)})
    second = npz(tmp_path / "b.npz", **{KERNEL: np.zeros((1, 8, 8), np.float32), BIAS: np.full(8, 2, np.float32)})
    result = transplanted(models, first, second)
    assert result.plan is not None
    assert {step.weight[1]: step.evidence["donor"] for step in result.plan.steps} == {KERNEL: "a.npz", BIAS: "b.npz"}


@pytest.mark.slow
def test_a_healthy_twin_gives_working_values_and_no_exact_ones(models: Path) -> None:
    twin = models / "resnet-mean-twin.h5"
    result = repair(models / "resnet-mean.h5", dry_run=True, donors=[twin], strategy="transplant")
    assert result.report.verdict == "restored"
    assert result.plan is not None
    assert len(result.plan.steps) == 4
    assert not any(step.exact or step.evidence["same_session"] for step in result.plan.steps)


@pytest.mark.slow
def test_auto_with_a_donor_that_lacks_the_weight_is_refused_not_reinitialized(models: Path, tmp_path: Path) -> None:
    donor = npz(tmp_path / "d.npz", something=np.zeros((2, 2), np.float32))
    with pytest.raises(PlanError) as caught:
        transplanted(models, donor, strategy="auto", layer_strategies={"denoising_layer_1": "auto"}, numpy_seed=999_999_937)
    told = str(caught.value)
    assert KERNEL in told
    assert "d.npz: it has no tensor for" in told
    assert "Give another --donor" in told


def test_without_a_donor_a_transplant_says_what_is_missing(models: Path) -> None:
    assert "no donor was given (--donor)" in refusal(transplanted(models))


@pytest.fixture
def session_checkpoint(tmp_path: Path) -> Checkpoint:
    """A file that holds the tracked tensors of the session under tests/containers, as its broken save would have."""
    donor = read_donor(SESSION / "session.ckpt")
    path = tmp_path / "broken.h5"
    with h5py.File(path, "w") as file:
        names = []
        for owner in ("conv1d_1", "dense_1"):
            group = file.create_group(owner)
            held = [f"{owner}/{role}:0" for role in ("kernel", "bias")]
            for name in held:
                group[name] = donor.read(name[:-2])
            group.attrs["weight_names"] = [name.encode() for name in held]
            names.append(owner)
        file.attrs["layer_names"] = [name.encode() for name in names]
        file.attrs["keras_version"], file.attrs["backend"] = "2.2.4", "tensorflow"
    return read(path)


HIDDEN = [WeightSpec("denoising_layer_1", KERNEL, "denoising_layer_1", "conv1d/kernel", (1, 4, 4), "float32", None, True, True)]


def test_a_session_with_identical_tracked_tensors_is_the_session_itself(session_checkpoint: Checkpoint) -> None:
    assert judge(read_donor(SESSION / "session.ckpt"), session_checkpoint, HIDDEN).standing == "session"


def test_one_other_bit_makes_it_another_session(session_checkpoint: Checkpoint) -> None:
    with h5py.File(session_checkpoint.path, "r+") as file:
        stored = file["dense_1/dense_1/bias:0"]
        stored[0] = np.nextafter(stored[0], np.float32(9))
    assert judge(read_donor(SESSION / "session.ckpt"), read(session_checkpoint.path), HIDDEN).standing == "stranger"


def test_a_keras_file_is_never_a_session_even_where_all_kept_tensors_agree(models: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(models / "resnet-mean.h5", tmp_path))
    assert judge(read_donor(copy), read(models / "resnet-mean.h5"), HIDDEN).standing == "stranger"

"""Unseeded models and samples, searched among the first million op seeds: the true one of unseeded-batchnorm is 809371."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from genuine import lost_tensors

from layerfix.commands.repair import repair
from layerfix.inference import by_samples, imprints, race, sampling
from layerfix.results.repaired import RepairResult

TRUTH = 809371
Given = Callable[..., RepairResult]


@pytest.fixture(scope="module")
def given(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Repairs unseeded-batchnorm with arrays as samples; all else stands as it is, but the search is a tenth as wide."""
    folder, known = tmp_path_factory.mktemp("samples"), dict(np.load(models / "unseeded-batchnorm.npz"))

    def run(change: Callable[[dict[str, Any]], dict[str, Any]]) -> RepairResult:
        np.savez(folder / "s.npz", **change({name: known[name] for name in "xyp"}))
        return repair(models / "unseeded-batchnorm.h5", dry_run=True, samples=folder / "s.npz", numpy_seed=1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(by_samples, "by_statistics", lambda inquiry, answers, asked: iter(()))  # which needs no samples
        patch.setattr(race, "OP_SEEDS", 1_000_000)
        patch.setattr(imprints, "OP_SEEDS", 1_000_000)
        patch.setattr(sampling, "SCREENED", 3000)
        patch.setattr(sampling, "ENTRANTS", 3000)
        yield run


@pytest.fixture(scope="module")
def by_inputs(given: Given) -> RepairResult:
    return given(lambda held: {"x": held["x"]})


def kernel_step(result: RepairResult) -> Any:
    assert result.plan is not None
    return next(step for step in result.plan.steps if "kernel" in step.weight[1])


@pytest.mark.slow
def test_inputs_alone_find_the_op_seed_and_the_argument(by_inputs: RepairResult) -> None:
    step = kernel_step(by_inputs)
    assert step.strategy == "recover"
    assert step.evidence["op_seed"] == TRUTH
    assert by_inputs.plan is not None
    assert by_inputs.plan.arguments == {"denoising_layer_1": {"filter_type": "mean"}}
    assert by_inputs.values is not None
    lost = lost_tensors("unseeded-batchnorm")
    assert all(value.tobytes() == lost[key[1]].tobytes() for key, value in by_inputs.values.items())


@pytest.mark.slow
def test_the_evidence_names_both_halves_the_runner_up_and_the_kind_of_bound(by_inputs: RepairResult) -> None:
    evidence = kernel_step(by_inputs).evidence
    assert evidence["held_out_agrees"]
    assert evidence["badness"] < evidence["badness_of_next"]
    assert evidence["samples"] == 128
    assert "extrapolation" in evidence["bound_is"]
    assert kernel_step(by_inputs).exact == (evidence["log10_bound"] <= -6)


@pytest.mark.slow
def test_reproduced_predictions_prove_the_kernel(given: Given) -> None:
    result = given(lambda held: {"x": held["x"], "p": held["p"]})
    step = kernel_step(result)
    assert step.exact
    assert step.evidence["op_seed"] == TRUTH
    assert step.evidence["predictions_reproduced"]
    assert result.report.verdict == "exact"


@pytest.mark.slow
@pytest.mark.parametrize(
    "foreign",
    [
        lambda held: {"x": np.random.default_rng(0).normal(size=held["x"].shape).astype(np.float32)},
        lambda held: {"x": 5 * held["x"]},
    ],
    ids=["noise", "another scaling"],
)
def test_foreign_inputs_lead_to_the_lost_kernel_or_to_nothing(given: Given, foreign: Any) -> None:
    step = kernel_step(given(foreign))
    assert step.evidence.get("op_seed", TRUTH) == TRUTH
    assert step.strategy == "recover" or not step.exact


@pytest.mark.slow
@pytest.mark.parametrize(
    "foreign",
    [
        lambda held: {"x": held["x"], "p": np.roll(held["p"], 1, axis=0)},
        lambda held: {"x": held["x"][:6]},
    ],
    ids=["predictions of other samples", "six samples"],
)
def test_foreign_samples_decide_nothing_and_say_why(given: Given, foreign: Any) -> None:
    result = given(foreign)
    step = kernel_step(result)
    assert step.strategy in ("fit", "reinitialize")
    assert not step.exact
    assert result.plan is not None
    assert result.plan.refusals[step.weight][0].startswith("recover: ")
    assert result.report.verdict in ("restored", "reinitialized")
    assert result.report.advice


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unseeded-batchnorm", "unseeded-plain"])
def test_an_unseeded_file_alone_is_never_exact(models: Path, name: str) -> None:
    result = repair(models / f"{name}.h5", dry_run=True, numpy_seed=1)
    assert result.report.verdict == "reinitialized"
    assert not kernel_step(result).exact

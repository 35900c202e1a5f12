"""Trainings that could fool a recovery, saved by genuine Keras 2.2.4: what is claimed of each, against the truth."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.commands import compose
from layerfix.commands.repair import repair
from layerfix.diagnose.diagnosis import diagnose
from layerfix.results.repair import WeightReport
from layerfix.results.repaired import RepairResult
from layerfix.strategies.restore import Restoration

CASES = Path(__file__).parents[1] / "legacy" / "claims"
ADAPTERS = frozenset({"simple", "simple-bn", "transfer-bn", "clone-bn"})
"""Cases whose lost argument is given, for it is another matter."""


@cache
def repaired(name: str, samples: str = "", **options: Any) -> RepairResult:
    """A dry run; `samples` names the arrays that are given: "x", "xy", "xp"."""
    folder = CASES / name
    given = None
    if samples:
        held = {**np.load(folder / "samples.npz"), **np.load(folder / "truth.npz")}
        given = Path(tempfile.mkdtemp()) / f"{name}-{samples}.npz"
        np.savez(given, **{key: held[key] for key in samples})
    arguments = {"Adapter": {"initializer": "glorot_uniform"}} if name in ADAPTERS else {}
    try:
        return repair(
            folder / "broken.h5",
            layers=[folder / "layers.py"],
            samples=given,
            arguments=arguments,
            dry_run=True,
            **options,
        )
    finally:
        if given is not None:
            shutil.rmtree(given.parent)


def weights(result: RepairResult) -> list[WeightReport]:
    return [weight for layer in result.report.layers for weight in layer.weights]


def truth(name: str) -> dict[str, Any]:
    held = np.load(CASES / name / "truth.npz")
    return {key[5:]: held[key] for key in held.files if key.startswith("lost/")}


def back(name: str, result: RepairResult) -> set[str]:
    """Names of lost weights whose true value the repair holds; a later session numbers layers anew."""
    assert result.values is not None
    values = list(result.values.values())
    lost = truth(name).items()
    return {key for key, true in lost if any(value.shape == true.shape and np.allclose(value, true, atol=1e-6) for value in values)}


def doubts(result: RepairResult) -> set[str]:
    """Doubts that stand for some weight."""
    told = (doubt for weight in weights(result) for doubt in weight.evidence.get("considered", ()))
    return {doubt["doubt"] for doubt in told if doubt["stands"]}


@pytest.mark.slow
def test_what_a_seed_alone_tells_is_recovered_on_one_condition_with_a_command_that_settles_it() -> None:
    report = repaired("simple").report
    assert (report.verdict, report.exit_code) == ("recovered", 1)
    assert {weight.condition for weight in weights(repaired("simple"))} == {"one-session"}
    assert not any(weight.exact for weight in weights(repaired("simple")))
    assert any("--assume one-session" in step for step in report.advice)
    assert back("simple", repaired("simple")) == set(truth("simple"))


@pytest.mark.slow
def test_a_user_who_vouches_for_one_session_gets_exit_code_0_and_no_better_word() -> None:
    report = repaired("simple", assume=("one-session",)).report
    assert (report.verdict, report.exit_code) == ("recovered", 0)


@pytest.mark.slow
def test_samples_that_prefer_the_value_of_the_seed_make_it_exact() -> None:
    result = repaired("simple-bn", "x")
    assert all(weight.exact for weight in weights(result))
    kernel = next(weight for weight in weights(result) if "kernel" in weight.name)
    assert all(witness["agrees"] is not False for witness in kernel.evidence["witnesses"])
    assert any(witness["kind"] == "samples" and witness["agrees"] for witness in kernel.evidence["witnesses"])


@pytest.mark.slow
def test_of_a_model_that_was_loaded_and_trained_on_nothing_false_is_claimed() -> None:
    result = repaired("transfer-bn", "x")
    kernel = next(weight for weight in weights(result) if "kernel" in weight.name)
    true = len(back("transfer-bn", result)) == len(truth("transfer-bn"))
    assert true or not (kernel.exact or kernel.condition)
    assert true or result.report.exit_code == 1


@pytest.mark.slow
def test_a_clone_is_told_by_its_stored_names_and_its_kernel_left_open() -> None:
    result = repaired("clone-bn")
    assert result.report.verdict == "reinitialized"
    kernel = next(weight for weight in weights(result) if "kernel" in weight.name)
    assert kernel.strategy == "reinitialize"


@pytest.mark.slow
def test_a_draw_that_nothing_visible_explains_makes_no_argument() -> None:
    report = repaired("aux-behind").report
    depth = next(found for layer in report.layers for found in layer.arguments)
    assert (depth.how, report.exit_code) == ("ambiguous", 1)
    assert {1, 2} <= {depth.value, *depth.evidence["also_possible"]}


@pytest.mark.slow
def test_what_an_update_moves_is_no_constant() -> None:
    result = repaired("updates-running")
    mean = next(weight for weight in weights(result) if "mean" in weight.name)
    assert not mean.exact
    assert mean.condition is None
    assert result.report.exit_code == 1
    assert "updates" in doubts(result)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["preset", "lambda-dense", "own-initializer"])
def test_stated_values_lambdas_that_make_layers_and_own_initializers_come_back(name: str) -> None:
    assert back(name, repaired(name)) == set(truth(name))
    assert repaired(name).report.verdict == "recovered"


@pytest.mark.slow
def test_a_lost_factor_of_which_only_the_default_was_tried_is_undecided() -> None:
    report = repaired("scale-bn").report
    assert report.exit_code == 1
    assert "scale" in report.summary


@pytest.mark.slow
def test_samples_find_a_lost_factor() -> None:
    report = repaired("scale-bn", "x").report
    scale = next(found for layer in report.layers for found in layer.arguments if found.name == "scale")
    assert scale.value == 1.5


@pytest.mark.slow
def test_an_activation_is_not_decided_while_a_lost_factor_stands_at_its_default() -> None:
    """2.5 times a tanh: of the factors without activation one explains the statistics far better than the default with any activation."""
    found = {argument.name: argument for layer in repaired("scale-and-activation", "x").report.layers for argument in layer.arguments}
    assert found["activation"].how != "inferred" or found["activation"].value == "tanh"
    assert repaired("scale-and-activation", "x").report.exit_code == 1


@pytest.mark.slow
def test_kernels_of_a_class_whose_calls_changed_places_come_back_where_behaviour_tells_them_apart() -> None:
    """The class as given calls `query` before `key`; the one that trained called them the other way round."""
    result = repaired("edited-order", "x")
    assert back("edited-order", result) == set(truth("edited-order"))
    exact = {weight.name for weight in weights(result) if weight.exact}
    assert "pair_1/dense_2/kernel:0" in exact
    assert result.report.exit_code == 1


@pytest.mark.slow
def test_a_class_that_was_edited_so_that_no_statistic_shows_it_is_not_exit_code_0() -> None:
    """A hard sigmoid today, a sigmoid in training: the kernel is the lost one, and the predictions differ by 0.03."""
    result = repaired("edited-gate", "x")
    assert back("edited-gate", result) == set(truth("edited-gate"))
    assert all(weight.exact for weight in weights(result))
    assert (result.report.verdict, result.report.exit_code) == ("recovered", 1)
    assert "if the class as given is the one that trained" in result.report.summary
    assert any("edits" in told for told in result.report.not_established)
    assert any("Predictions recorded" in step for step in result.report.advice)


@pytest.mark.slow
def test_the_user_can_vouch_for_the_class_as_given() -> None:
    report = repaired("simple-bn", "x", assume=("one-session",)).report
    assert (report.verdict, report.exit_code) == ("recovered", 0)


@pytest.mark.slow
def test_recorded_predictions_show_the_class() -> None:
    report = repaired("simple-bn", "xp").report
    assert (report.verdict, report.exit_code) == ("exact", 0)


@pytest.mark.slow
def test_a_number_tuned_in_the_class_since_is_named_and_not_exit_code_0() -> None:
    result = repaired("blend-five", "x")
    assert (result.report.verdict, result.report.exit_code) == ("recovered", 1)
    assert "0.63 (Blend.call, layers.py, line 16)" in result.report.summary
    assert all(weight.exact for weight in weights(result))
    assert len(back("blend-five", result)) == len(truth("blend-five"))
    assert any("Predictions recorded" in step for step in result.report.advice)


@pytest.mark.slow
def test_a_loose_number_is_not_exit_code_0_where_no_class_was_given_either() -> None:
    made = repaired("blend-five", "x")
    assert made.case is not None
    assert made.plan is not None
    assert made.values is not None
    case = replace(made.case, options=replace(made.case.options, layers=()))
    report = compose.repaired(case, made.plan, Restoration(made.values, {}), diagnose(case.checkpoint), "", None)
    assert (report.verdict, report.exit_code) == ("recovered", 1)


@pytest.mark.slow
def test_recorded_predictions_leave_no_number_loose(tmp_path: Path) -> None:
    held = {**np.load(CASES / "blend-five" / "samples.npz"), **np.load(CASES / "blend-five" / "truth.npz")}
    np.savez(tmp_path / "samples.npz", x=held["x"], p=held["p"])
    (tmp_path / "layers.py").write_text((CASES / "blend-five" / "layers.py").read_text().replace("0.63", "0.6"))
    report = repair(
        CASES / "blend-five" / "broken.h5",
        layers=[tmp_path / "layers.py"],
        samples=tmp_path / "samples.npz",
        output=tmp_path / "out.h5",
    ).report
    assert (report.verdict, report.exit_code) == ("exact", 0)

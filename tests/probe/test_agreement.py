from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from genuine import MODELS, recorded

from layerfix.commands.repair import repair
from layerfix.containers.samples import Samples
from layerfix.probe.agreement import agreement, contradiction
from layerfix.results.repaired import RepairResult

KNOWN = {"numpy_seed": 42}
MEAN = {"Denoising_layer": {"filter_type": "mean"}}


def _repaired(folder: Path, name: str, **arrays: np.ndarray) -> RepairResult:
    x, _ = recorded("resnet-mean")
    np.savez(folder / f"{name}.npz", x=x[0], **arrays)
    return repair(MODELS / "resnet-mean.h5", output=folder / f"{name}.h5", samples=folder / f"{name}.npz", arguments=MEAN, **KNOWN)


@pytest.mark.slow
def test_a_report_says_how_well_the_written_model_does_on_the_samples(tmp_path: Path) -> None:
    _, p = recorded("resnet-mean")
    report = _repaired(tmp_path, "right", p=p, y=np.eye(p.shape[1], dtype=np.float32)[p.argmax(1)]).report
    figures = report.verification["samples"]
    assert figures["reproduced"] is True
    assert figures["largest_difference"] <= 1e-4
    assert figures["accuracy"] == 1.0
    assert (report.verdict, report.exit_code) == ("exact", 0)


@pytest.mark.slow
def test_predictions_of_another_model_are_named_in_the_verdict_and_end_with_exit_code_1(tmp_path: Path) -> None:
    _, p = recorded("resnet-mean")
    report = _repaired(tmp_path, "wrong", p=p[::-1]).report
    assert report.verification["samples"]["reproduced"] is False
    assert "does not reproduce the recorded predictions" in report.summary
    assert report.exit_code == 1


@pytest.mark.slow
def test_what_a_seed_alone_tells_says_its_condition_and_an_undecided_argument_ends_with_exit_code_1(tmp_path: Path) -> None:
    report = repair(MODELS / "sequential-mean.h5", output=tmp_path / "out.h5", numpy_seed=123).report
    argument = report.layers[0].arguments[0]
    assert (report.verdict, argument.how, report.exit_code) == ("recovered", "ambiguous", 1)
    assert "they are the lost ones if the class of that name that ships with layerfix is the one that trained" in report.summary


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (np.array([0, 1, 1]), {"accuracy": 2 / 3}),
        (np.eye(2)[[0, 1, 0]], {"accuracy": 1.0}),
        (np.zeros((3, 2, 2)), {}),
    ],
)
def test_labels_give_an_accuracy_where_they_fit_the_output(labels: np.ndarray, expected: dict[str, float]) -> None:
    output = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
    figures = agreement([output], Samples((np.zeros((3, 1)),), labels=labels))
    assert {key: figures[key] for key in figures if key == "accuracy"} == expected
    assert bool(figures) == bool(expected)


def test_nothing_recorded_contradicts_nothing() -> None:
    assert contradiction({}) == ""
    assert agreement([np.zeros((3, 2))], Samples((np.zeros((3, 1)),))) == {}

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from layerfix.commands.repair import repair
from layerfix.probe import fitting


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few steps are enough to see the loss fall."""
    monkeypatch.setattr(fitting, "STEPS", 30)


@pytest.mark.slow
@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("evidence", ["y", "p"])
def test_a_fit_lowers_the_held_out_loss_and_is_never_exact(models: Path, tmp_path: Path, evidence: str) -> None:
    with np.load(models / "sequential-mean.npz") as held:
        np.savez(tmp_path / "s.npz", x=held["x"], **{evidence: held[evidence]})
    given = {"Denoising_layer": {"filter_type": "mean"}}
    result = repair(models / "sequential-mean.h5", dry_run=True, strategy="fit", samples=tmp_path / "s.npz", arguments=given)
    assert result.report.verdict == "restored"
    weights = [weight for layer in result.report.layers for weight in layer.weights]
    assert not any(weight.exact for weight in weights)
    for weight in weights:
        assert weight.evidence["held_out_loss_after"] < weight.evidence["held_out_loss_before"]
        assert weight.evidence["samples"] == 128


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ({}, "no samples were given (--samples)"),
        ({"x": 128}, "neither labels (y) nor recorded predictions (p)"),
        ({"x": 5, "y": 5}, "5 samples are too few to fit to"),
    ],
)
def test_a_fit_without_enough_to_fit_to_says_what_is_missing(models: Path, tmp_path: Path, kept: dict[str, int], told: str) -> None:
    with np.load(models / "sequential-mean.npz") as held:
        np.savez(tmp_path / "s.npz", **{name: held[name][:count] for name, count in kept.items()})
    result = repair(models / "sequential-mean.h5", dry_run=True, strategy="fit", samples=tmp_path / "s.npz" if kept else None)
    assert result.plan is not None
    assert result.report.verdict == "unrepaired"
    assert result.report.exit_code == 1
    assert all(told in item.why for item in result.plan.unplanned)

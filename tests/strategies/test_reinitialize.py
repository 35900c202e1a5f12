from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layerfix.blueprint import WeightSpec
from layerfix.commands.repair import repair
from layerfix.results.repaired import RepairResult
from layerfix.strategies.reinitialize import fresh


def reinitialized(models: Path, **options: Any) -> RepairResult:
    result = repair(models / "sequential-mean.h5", dry_run=True, strategy="reinitialize", **options)
    assert result.report.verdict == "reinitialized"
    assert result.plan is not None
    assert not any(step.exact for step in result.plan.steps)
    return result


def kernel(result: RepairResult) -> Any:
    assert result.values is not None
    return next(value for key, value in result.values.items() if "kernel" in key[1])


@pytest.mark.slow
def test_the_same_seed_gives_the_same_value_and_another_one_another(models: Path) -> None:
    first, again, other = (kernel(reinitialized(models, seed=seed)) for seed in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.abs(first).max() <= np.sqrt(6 / 16)


def test_zeros_turn_the_branch_off_and_the_report_says_so(models: Path) -> None:
    result = reinitialized(models, init="zeros")
    assert result.values is not None
    assert not any(value.any() for value in result.values.values())
    notes = [weight.note for layer in result.report.layers for weight in layer.weights]
    assert all("turned off" in note for note in notes)


def spec(class_name: str | None, name: str = "kernel:0", shape: tuple[int, ...] = (64, 64), **config: Any) -> WeightSpec:
    initializer = {"class_name": class_name, "config": config} if class_name else None
    return WeightSpec("dense", name, "dense", "kernel", shape, "float32", initializer, True, True)


@pytest.mark.parametrize(
    ("class_name", "config", "deviation"),
    [
        ("RandomUniform", {"minval": -0.6, "maxval": 0.6}, 0.6 / np.sqrt(3)),
        ("RandomNormal", {"mean": 0.0, "stddev": 0.3}, 0.3),
        ("TruncatedNormal", {"mean": 0.0, "stddev": 1.0}, 0.87962566),
        (None, {}, np.sqrt(2 / 128)),
    ],
)
def test_fresh_values_follow_the_initializer(class_name: str | None, config: dict[str, Any], deviation: float) -> None:
    value = fresh(spec(class_name, **config), "2.2.4", seed=0)
    assert value.dtype == np.float32
    assert abs(float(value.mean())) < 4 * deviation / 64
    assert float(value.std()) == pytest.approx(deviation, rel=0.05)


def test_fresh_orthogonal_values_are_orthogonal() -> None:
    for shape in ((16, 16), (8, 20), (20, 8)):
        value = fresh(spec("Orthogonal", shape=shape, gain=1.0), "2.2.4", seed=0).astype(float)
        product = value @ value.T if shape[0] <= shape[1] else value.T @ value
        assert np.allclose(product, np.eye(min(shape)), atol=1e-5)


def test_two_weights_of_one_run_differ() -> None:
    first, second = (fresh(spec("GlorotUniform", name), "2.2.4", seed=0) for name in ("a/kernel:0", "b/kernel:0"))
    assert not np.array_equal(first, second)

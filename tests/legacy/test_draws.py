"""The tables against what genuine legacy Keras drew and stored (draws-*.json, recorded by record_draws.py).

Before Keras 2.0.9 a Dropout's config does not state its seed; the one case with a seed is left out of the older records.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from layerfix.legacy.draws import StockDraw
from layerfix.legacy.draws import draws as stock_draws
from layerfix.legacy.weights import weights as stock_weights

RECORDED = {
    version: json.loads((Path(__file__).parent / f"draws-{version}.json").read_text()) for version in ("2.0.2", "2.0.9", "2.1.4", "2.2.4")
}
CASES = [
    pytest.param(version, case, id=f"{version}-{index}-{case['class_name']}")
    for version, recorded in RECORDED.items()
    for index, case in enumerate(recorded["cases"])
]


def leaf(role: str | None) -> str | None:
    return role and role.split("/")[-1]


def triples(drawn: tuple[StockDraw, ...]) -> list[list[str | None]]:
    return [[draw.kind, draw.phase, leaf(draw.role)] for draw in drawn]


@pytest.mark.parametrize(("version", "case"), CASES)
def test_first_call_draws_what_legacy_keras_drew(version: str, case: dict[str, Any]) -> None:
    assert triples(stock_draws(case["class_name"], case["config"], first_call=True, keras_version=version)) == case["first"]


@pytest.mark.parametrize(("version", "case"), CASES)
def test_second_call_draws_what_legacy_keras_drew(version: str, case: dict[str, Any]) -> None:
    assert triples(stock_draws(case["class_name"], case["config"], first_call=False, keras_version=version)) == case["again"]


@pytest.mark.parametrize(("version", "case"), CASES)
def test_weights_are_those_that_legacy_keras_stored(version: str, case: dict[str, Any]) -> None:
    found = stock_weights(case["class_name"], case["config"])
    assert [weight.trainable for weight in found] == [True] * case["trained"] + [False] * (len(case["weights"]) - case["trained"])
    for weight, name, ndim in zip(found, case["weights"], case["ndim"], strict=True):
        assert name.startswith(weight.role.split("/")[-1])  # stacked cells store "kernel_1"
        assert weight.ndim in (None, ndim)


def test_explicit_seed_draws_nothing() -> None:
    seeded = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_in", "distribution": "uniform", "seed": 3}}
    assert stock_draws("Dense", {"kernel_initializer": seeded}, first_call=True) == ()


@pytest.mark.parametrize(("version", "calls"), [("2.0.9", 0), ("2.1.0", 1), ("2.2.4", 1)])
def test_model_put_first_into_a_sequential_is_called_again_since_2_1(version: str, calls: int) -> None:
    # Recorded in Keras 2.0.5-2.0.9, 2.1.0, 2.1.4-2.1.6, 2.2.0, 2.2.3 and 2.2.4: `outer.add(inner)` draws for inner's Dropout or not.
    inner = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Dropout", "config": {"rate": 0.4}}]}}
    made = stock_draws("Sequential", {"layers": [inner]}, first_call=True, keras_version=version)
    called = stock_draws("Sequential", {"layers": [inner]}, first_call=False, keras_version=version)
    assert len(made) - len(called) == 1 + calls


def test_unknown_class_is_refused() -> None:
    with pytest.raises(KeyError, match="Denoising_layer"):
        stock_draws("TimeDistributed", {"layer": {"class_name": "Denoising_layer", "config": {}}}, first_call=True)

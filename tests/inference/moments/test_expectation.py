"""The expectations that the bound rests on are those of random kernels."""

from __future__ import annotations

import numpy as np
import pytest

from layerfix.inference.moments.expectation import Expectations
from layerfix.rng.initializers import TRUNCATED_DEVIATION


def standardised(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    generator = np.random.default_rng(1)
    if kind == "uniform":
        return generator.uniform(-np.sqrt(3), np.sqrt(3), shape)
    numbers = generator.normal(size=(4, *shape))
    if kind == "normal":
        return numbers[0]
    inside = np.where(np.abs(numbers) < 2, numbers, np.nan)
    return np.nan_to_num(np.nanmax(inside[:1], axis=0), nan=0.5) / TRUNCATED_DEVIATION


@pytest.mark.parametrize("kind", ["uniform", "normal"])
@pytest.mark.parametrize("elements", [1, 3, 40])
def test_expectation_is_that_of_random_elements(kind: str, elements: int) -> None:
    direction = np.random.default_rng(0).uniform(0.5, 1, elements)
    direction /= np.linalg.norm(direction)
    sums = standardised(kind, (200_000, elements)) @ direction
    for centre, width in ((0.0, 0.2), (0.8, 0.5), (-1.5, 1.0), (2.0, 5.0)):
        simulated = np.exp(-(((centre - sums) / width) ** 2) / 2).mean()
        told = Expectations(kind, direction[None])(np.array([centre]), np.array([width]))[0]
        assert told == pytest.approx(simulated, rel=0.03)


def test_truncated_elements_have_deviation_one() -> None:
    direction = np.full((1, 9), 1 / 3)
    wide = Expectations("truncated_normal", direction)(np.array([0.0]), np.array([5.0]))[0]
    assert wide == pytest.approx(5 / np.sqrt(26), rel=1e-3)


def test_what_no_random_kernel_can_be_is_next_to_impossible_but_never_zero() -> None:
    outside = Expectations("uniform", np.ones((1, 1)))(np.array([9.0]), np.array([0.5]))[0]
    assert 0 < outside < 1e-10

"""Probabilities of rounded sums are those of random elements."""

from __future__ import annotations

import numpy as np
import pytest

from layerfix.inference.moments.grid import POINTS, probabilities, rounded
from layerfix.rng.initializers import TRUNCATED_DEVIATION, Kind


def standardised(kind: str, shape: tuple[int, ...]) -> np.ndarray:
    generator = np.random.default_rng(1)
    if kind == "uniform":
        return generator.uniform(-np.sqrt(3), np.sqrt(3), shape)
    numbers = generator.normal(size=shape)
    while kind == "truncated_normal" and (outside := np.abs(numbers) > 2).any():
        numbers[outside] = generator.normal(size=int(outside.sum()))
    return numbers / (TRUNCATED_DEVIATION if kind == "truncated_normal" else 1.0)


@pytest.mark.parametrize("kind", ["uniform", "normal", "truncated_normal"])
@pytest.mark.parametrize("elements", [12, 60])
def test_probabilities_are_those_of_random_elements(kind: Kind, elements: int) -> None:
    direction = np.random.default_rng(0).uniform(0.5, 1, elements)
    direction /= np.linalg.norm(direction)
    sums = standardised(kind, (200_000, elements)) @ direction
    chances, right = probabilities(kind, direction[None])
    told = np.cumsum(chances[0])
    assert right.all()
    assert told[-1] == pytest.approx(1, abs=1e-8)
    for level in (-2.5, -1.0, 0.0, 0.6, 1.7, 3.0):
        assert told[rounded(np.array([level]))[0]] == pytest.approx(np.mean(sums <= level + 0.0125), abs=0.004)


def test_a_sum_of_few_elements_is_not_taken_for_a_bell() -> None:
    _, right = probabilities("uniform", np.array([[1.0, *[0.0] * 15], [0.6, 0.8, *[0.0] * 14], [0.25] * 16]))
    assert right.tolist() == [False, False, True]


def test_one_large_term_among_many_leaves_a_bell() -> None:
    direction = np.full(60, 0.6 / np.sqrt(59))
    direction[7] = 0.8
    sums = standardised("uniform", (200_000, 60)) @ direction
    chances, right = probabilities("uniform", direction[None])
    assert right.all()
    assert np.cumsum(chances[0])[rounded(np.array([1.0]))[0]] == pytest.approx(np.mean(sums <= 1.0125), abs=0.004)


def test_what_lies_beyond_the_grid_is_rounded_to_its_ends() -> None:
    assert POINTS[rounded(np.array([-99.0, 0.01, 99.0]))].tolist() == pytest.approx([-7.0, 0.0, 7.0])

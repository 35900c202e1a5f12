"""How far two tensors are apart, piece by piece: figures of numpy over all their numbers at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerfix.arrays import Array
from layerfix.comparison.numbers import Distance, distance

DTYPES = ["float32", "float64", "float16", "int32", "uint8", "bool"]


def pieces(array: Array, length: int = 3) -> list[Array]:
    return [array[start : start + length] for start in range(0, len(array), length)]


def apart(one: Any, two: Any, length: int = 3) -> Distance:
    return distance(pieces(np.asarray(one), length), pieces(np.asarray(two), length))


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int32"])
@pytest.mark.parametrize("length", [1, 3, 100])
def test_the_figures_are_those_of_all_numbers_at_once(dtype: str, length: int) -> None:
    generator = np.random.default_rng(1)
    one, two = ((generator.normal(size=(10, 4)) * 3).astype(dtype) for _ in range(2))
    found = apart(one, two, length)
    a, b = (array.astype("float64").ravel() for array in (one, two))
    assert not found.equal
    assert found.largest == pytest.approx(np.abs(a - b).max(), rel=1e-5)
    assert found.mean == pytest.approx(np.abs(a - b).mean(), rel=1e-5)
    assert found.cosine == pytest.approx(a @ b / np.linalg.norm(a) / np.linalg.norm(b), rel=1e-5)


@pytest.mark.parametrize("dtype", DTYPES)
def test_equal_bits_are_no_distance(dtype: str) -> None:
    array = np.arange(1, 9).astype(dtype)
    found = apart(array, array.copy())
    assert (found.equal, found.largest, found.mean, found.nonfinite) == (True, 0.0, 0.0, 0)
    assert found.cosine == pytest.approx(1.0)


def test_pieces_that_are_equal_before_one_that_is_not_count_in_the_mean() -> None:
    assert apart([1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 5.0], 1).mean == 1.0


def test_zeros_of_both_signs_are_equal_numbers_of_other_bits() -> None:
    found = apart(np.array([0.0], "float32"), np.array([-0.0], "float32"))
    assert (found.equal, found.largest) == (False, 0.0)


def test_no_angle_stands_to_a_tensor_of_zeros() -> None:
    assert apart([0.0, 0.0], [1.0, 2.0]).cosine is None
    assert apart([0.0, 0.0], [0.0, 0.0]).cosine is None
    assert distance([], []).cosine is None
    assert distance([], []).mean == 0.0


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_counted_and_left_out(bad: float) -> None:
    found = apart(np.array([1.0, bad, 3.0], "float32"), np.array([2.0, 7.0, bad], "float32"))
    assert (found.nonfinite, found.largest, found.mean, found.count) == (2, 1.0, 1.0, 1)


def test_what_is_no_number_in_both_alike_is_equal_and_counted() -> None:
    found = apart(np.array([1.0, np.nan], "float32"), np.array([1.0, np.nan], "float32"))
    assert (found.equal, found.nonfinite, found.count) == (True, 1, 1)


@pytest.mark.parametrize("scale", [1e25, 3e38])
def test_an_angle_between_numbers_whose_squares_no_float32_holds(scale: float) -> None:
    one, two = np.array([scale, 0.0], "float32"), np.array([scale, scale], "float32")
    assert apart(one, two).cosine == pytest.approx(np.sqrt(0.5), rel=1e-6)
    assert apart(np.array([scale, 1.0], "float32"), np.array([scale, 2.0], "float32"), 1).cosine == pytest.approx(1.0)
    assert apart(one, one).nonfinite == 0


def test_the_cosine_stays_within_its_bounds_whatever_rounding_makes() -> None:
    array = np.full(1000, 0.1, "float32")
    other = array * np.float32(-3)
    assert -1.0 <= (apart(array, other, 7).cosine or 0.0) < -0.999


def test_tensors_of_other_numbers_of_pieces_are_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        distance([np.zeros(1)], [])

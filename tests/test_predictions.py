"""One answer to whether predictions agree."""

import ml_dtypes
import numpy as np
import pytest

from layerfix.commands.verify import _compared
from layerfix.predictions import agree, difference, largest_difference
from layerfix.probe.evidence import reproduces

SMALL = np.linspace(1e-5, 9e-5, 9, dtype=np.float32).reshape(3, 3)


def test_zeros_do_not_agree_with_small_predictions():
    assert not agree([np.zeros_like(SMALL)], [SMALL])
    assert not _compared([np.zeros_like(SMALL)], [SMALL]).passed
    assert not reproduces([np.zeros_like(SMALL)], [SMALL])


def test_nan_agrees_with_nan_in_its_place_alone():
    expected = np.array([[1.0, np.nan, np.inf]])
    assert agree([expected.copy()], [expected])
    assert _compared([expected.copy()], [expected]).passed
    assert not agree([np.array([[np.nan, 1.0, np.inf]])], [expected])
    assert not agree([np.array([[1.0, np.nan, -np.inf]])], [expected])
    assert not agree([np.array([[1.0, 2.0, np.inf]])], [expected])


def test_each_output_is_measured_by_its_own_scale():
    large, small = np.full((2, 2), 1e6), np.full((2, 2), 1e-3)
    assert not agree([large, small * 2], [large, small])
    assert difference([large + 10, small], [large, small]) == pytest.approx(1e-5)
    assert largest_difference([large + 10, small], [large, small]) == pytest.approx(10)


def test_outputs_of_other_shapes_or_number_are_infinitely_far():
    assert difference([SMALL], [SMALL[:2]]) == np.inf
    assert difference([SMALL], [SMALL, SMALL]) == np.inf


def test_rounding_agrees_and_nothing_is_compared_with_nothing():
    assert agree([SMALL * np.float32(1 + 1e-6)], [SMALL])
    assert agree([np.zeros((0, 3))], [np.zeros((0, 3))])


def test_words_agree_when_they_are_the_same():
    assert agree([np.array(["a", "b"])], [np.array(["a", "b"])])
    assert not agree([np.array(["a", "c"])], [np.array(["a", "b"])])


def test_half_precision_that_numpy_does_not_know_is_compared_as_numbers() -> None:
    found = np.asarray([1.0, 2.015625], ml_dtypes.bfloat16)
    assert difference([found], [np.asarray([1.0, 2.0], np.float32)]) == pytest.approx(0.015625 / 2)
    assert agree([found], [found])

"""Stored means behind a lost kernel depend on it as the moments before it say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import KEY, MEANS, X, model, rebuilt

from layerfix.probe.means import Means, Squares
from layerfix.probe.simulation import Simulation, Spread


@pytest.fixture(scope="module")
def graph() -> Any:
    return rebuilt(model())


def test_the_mean_of_a_product_is_the_product_with_the_mean(graph: Any) -> None:
    """E[x k] = E[x] k: the slope of channel c by k[i, c] is the mean of channel i before it, and nothing else moves it."""
    found = Simulation(graph, "lost", ()).means(KEY, {KEY: Spread(0.0, 0.5)})
    assert found is not None
    slope = found.slope.reshape(2, 3, 2)
    np.testing.assert_allclose(slope[0, :, 0], MEANS, atol=1e-4)
    np.testing.assert_allclose(slope[1, :, 1], MEANS, atol=1e-4)
    np.testing.assert_allclose(slope[0, :, 1], 0, atol=1e-6)
    np.testing.assert_allclose(found.offset, 0, atol=1e-4)
    np.testing.assert_allclose(found.stored, [3, -4])
    np.testing.assert_allclose(found.variance, [2, 5])
    np.testing.assert_allclose(found.shift, np.eye(2), atol=1e-6)
    assert found.bend < 1e-6
    assert found.tell


def test_the_model_is_left_as_it_was(graph: Any) -> None:
    before = np.asarray(graph.variables[KEY]).copy()
    Simulation(graph, "lost", ()).means(KEY, {KEY: Spread(0.0, 0.5)})
    np.testing.assert_array_equal(np.asarray(graph.variables[KEY]), before)


def test_samples_take_the_place_of_made_up_activations(graph: Any) -> None:
    """What reaches the layer is normalised by the batch, as it was in training: its means are those of the normalization again."""
    simulation = Simulation(graph, "lost", (), [X])
    assert simulation.tells
    assert simulation.levelled
    assert simulation.channels == 2
    assert not simulation.stale
    found = simulation.means(KEY, {KEY: Spread(0.0, 0.5)})
    assert found is not None
    np.testing.assert_allclose(found.slope.reshape(2, 3, 2)[0, :, 0], MEANS, atol=1e-4)


@pytest.mark.parametrize("inputs", [(), (X,)])
def test_behind_another_undecided_layer_nothing_is_told(graph: Any, inputs: Any) -> None:
    assert not Simulation(graph, "lost", ("before",), inputs).tells
    assert Simulation(graph, "lost", ("head",), inputs).tells, "what lies behind the statistics does not matter"


def test_a_layer_without_statistics_behind_it_tells_no_means(graph: Any) -> None:
    simulation = Simulation(graph, "head", ())
    assert not simulation.tells
    assert simulation.means(KEY, {KEY: Spread(0.0, 0.5)}) is None


@pytest.mark.parametrize(("slope", "tells"), [([[1.0, 0.0]], True), ([[0.0, 0.0]], False), ([[np.nan, 1.0]], False)])
def test_a_slope_of_nothing_or_of_no_number_tells_nothing(slope: Any, tells: bool) -> None:
    one = np.ones(1)
    assert Means(one, one, one, np.array(slope), one, one, 0.0).tell is tells


@pytest.mark.parametrize(
    ("told", "direction", "tells"), [([1.0], [1.0], True), ([np.nan], [1.0], False), ([1.0], [0.0], False), ([1.0], [np.inf], False)]
)
def test_squares_tell_where_any_is_known_and_the_features_depend_on_the_kernel(told: Any, direction: Any, tells: bool) -> None:
    assert Squares(np.array(told), np.ones((1, 1)), np.ones((1, 1)), np.array(direction)).tell is tells

"""What is seen behind a lost layer for given samples: statistics at the next normalization, outputs, and how both depend on a kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from small import GAINS, KEY, MEANS, X, model, rebuilt

from layerfix.probe.observe import Observer

KERNEL = np.random.default_rng(3).normal(size=(3, 2)).astype(np.float32)


@pytest.fixture
def graph() -> Any:
    made = rebuilt(model())
    made.variables[KEY].assign(KERNEL)
    return made


def handed(x: np.ndarray[Any, Any], epsilon: float = 1e-3) -> np.ndarray[Any, Any]:
    """What reaches the lost layer in training: normalised by the batch."""
    return np.asarray((x - x.mean(0)) / np.sqrt(x.var(0) + epsilon) * GAINS + MEANS)


def test_statistics_are_those_of_the_samples_as_training_saw_them(graph: Any) -> None:
    seen = Observer(graph, "lost", (), [X])
    assert seen.normalization is not None
    assert seen.normalization.layer.name == "behind"
    mean, variance = seen.statistics(range(16))
    np.testing.assert_allclose(mean, (handed(X) @ KERNEL).mean(0), rtol=1e-4)
    np.testing.assert_allclose(variance, (handed(X) @ KERNEL).var(0), rtol=1e-3)
    np.testing.assert_allclose(seen.moving_statistics, [[3, -4], [2, 5]])
    assert seen.statistics_shape == (2,)


def test_outputs_as_predictions_go_by_the_stored_statistics(graph: Any) -> None:
    seen = Observer(graph, "lost", (), [X])
    assert seen.sees_outputs
    (found,) = seen.outputs([0, 5], "predictions")
    np.testing.assert_allclose(found, graph.model.predict(X, verbose=0)[[0, 5]], rtol=1e-5)


def test_before_the_layer_every_normalization_is_held_against_the_samples(graph: Any) -> None:
    ((mean, variance, stored_mean, stored_variance),) = Observer(graph, "lost", (), [X]).statistics_before()
    np.testing.assert_allclose(mean, X.mean(0), atol=1e-6)
    np.testing.assert_allclose(variance, X.var(0), rtol=1e-5)
    assert (stored_mean.tolist(), stored_variance.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_the_means_respond_to_a_kernel_along_a_straight_line(graph: Any) -> None:
    offset, slope, deviation = Observer(graph, "lost", (), [X]).mean_response(graph.variables[KEY], range(16), 0.5)
    np.testing.assert_allclose(offset, 0, atol=1e-6)
    np.testing.assert_allclose(slope.reshape(2, 3, 2)[0, :, 0], handed(X).mean(0), rtol=1e-4)
    assert deviation < 1e-3
    assert not np.asarray(graph.variables[KEY]).any(), "it is left at zero"


def test_nothing_is_seen_through_an_undecided_layer(graph: Any) -> None:
    behind = Observer(graph, "lost", ("behind",), [X])
    assert behind.normalization is not None
    assert not behind.sees_outputs
    before = Observer(graph, "lost", ("before",), [X])
    assert before.normalization is None
    assert not before.stale


def test_neighbours_are_trained_before_the_layer_or_first_behind_it(graph: Any) -> None:
    layers = {name: graph.model.get_layer(name) for name in ("before", "behind", "head")}
    found = Observer(graph, "lost", (), [X]).neighbours
    assert found == {id(variable) for name in ("before", "behind") for variable in layers[name].trainable_weights}

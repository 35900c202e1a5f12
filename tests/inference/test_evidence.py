from __future__ import annotations

import math

import numpy as np
import pytest

from layerfix.probe.evidence import (
    as_targets,
    gap,
    label_losses,
    own_labels,
    pattern_badness,
    prediction_errors,
    reproduces,
    statistics_badness,
)

RNG = np.random.default_rng(3)


def test_statistics_that_agree_have_no_badness_and_each_deviation_adds_its_square() -> None:
    mean, variance = RNG.normal(size=4), RNG.uniform(1, 2, 4)
    assert statistics_badness(mean, variance, mean, variance) == 0
    assert statistics_badness(mean + 3 * np.sqrt(variance), variance, mean, variance) == pytest.approx(9, rel=1e-5)
    assert statistics_badness(mean, variance * math.e**2, mean, variance) == pytest.approx(4, rel=1e-5)


def test_statistics_of_many_candidates_are_judged_at_once() -> None:
    mean, variance = RNG.normal(size=(5, 4)), RNG.uniform(1, 2, (5, 4))
    together = statistics_badness(mean, variance, mean[0], variance[0])
    assert together.shape == (5,)
    assert together[0] == 0
    assert together[3] == pytest.approx(float(statistics_badness(mean[3], variance[3], mean[0], variance[0])))


def test_a_dead_channel_weighs_no_more_than_its_cap() -> None:
    assert np.isfinite(statistics_badness(np.array([1e9]), np.array([0.0]), np.array([0.0]), np.array([0.0])))


def test_what_all_channels_share_counts_a_tenth_of_what_they_do_not() -> None:
    mean, variance = RNG.normal(size=6), RNG.uniform(1, 2, 6)
    assert pattern_badness(mean, variance, mean, variance) == pytest.approx(0, abs=1e-9)
    assert pattern_badness(mean, variance * math.e, mean, variance) == pytest.approx(0.1, rel=1e-4)
    gained = statistics_badness(1.5 * mean, variance, mean, variance)
    assert pattern_badness(1.5 * mean, variance, mean, variance) == pytest.approx(0.1 * gained, rel=1e-3)
    apart = variance * np.exp([1, -1, 1, -1, 1, -1])
    assert pattern_badness(mean, apart, mean, variance) == pytest.approx(1, rel=1e-4)


def test_class_numbers_and_one_hot_labels_have_the_same_cross_entropy() -> None:
    outputs = np.array([[[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]], [[0.2, 0.2, 0.6], [0.3, 0.4, 0.3]]])
    numbers = np.array([0, 2])
    expected = -np.log([[0.7, 0.8], [0.2, 0.3]])
    assert np.allclose(label_losses(outputs, numbers), expected)
    assert np.allclose(label_losses(outputs, np.eye(3)[numbers]), expected)


def test_one_probability_is_judged_by_binary_cross_entropy() -> None:
    losses = label_losses(np.array([[0.9], [0.2]]), np.array([1, 1]))
    assert np.allclose(losses, -np.log([0.9, 0.2]), atol=1e-6)


def test_real_targets_are_judged_by_squared_error() -> None:
    assert np.allclose(label_losses(np.array([[1.0, 2.0], [3.0, 5.0]]), np.array([[1.0, 4.0], [3.0, 5.0]])), [2, 0])
    assert np.allclose(label_losses(np.array([[[1.5]], [[-2.0]]]), np.array([0.5])), [[1.0], [6.25]])


def test_labels_of_every_step_are_averaged_over_the_steps() -> None:
    outputs = np.full((2, 3, 2), 0.5)
    targets = np.eye(2)[np.zeros((2, 3), int)]
    assert np.allclose(label_losses(outputs, targets), [math.log(2)] * 2)


def test_class_numbers_become_one_hot_targets() -> None:
    assert as_targets(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert as_targets(np.array([0.5, 1.5]), 1).tolist() == [[0.5], [1.5]]


def test_a_classifier_s_own_answers_are_its_most_probable_classes() -> None:
    assert own_labels(np.array([[0.2, 0.8], [0.9, 0.1]])).tolist() == [[0, 1], [1, 0]]
    assert own_labels(np.array([[0.2], [0.9]])).tolist() == [[0], [1]]


def test_prediction_errors_are_relative_to_the_spread_of_what_was_recorded() -> None:
    recorded = RNG.normal(size=(6, 2))
    candidates = np.stack([recorded, recorded + 1])
    small, large = prediction_errors([candidates], [recorded]), prediction_errors([1000 * candidates], [1000 * recorded])
    assert small.shape == (2, 6)
    assert np.all(small[0] == 0)
    assert np.allclose(small, large, rtol=1e-4)


def test_equal_predictions_reproduce_and_other_ones_do_not() -> None:
    recorded = RNG.uniform(size=(8, 3))
    assert reproduces([recorded + 1e-6], [recorded])
    assert not reproduces([recorded + 1e-3], [recorded])
    assert not reproduces([np.full_like(recorded, np.nan)], [recorded])


def test_constant_predictions_prove_nothing() -> None:
    constant = np.full((8, 3), 0.3)
    assert not reproduces([constant], [constant])
    one_input = np.tile([[0.7, 0.2, 0.1]], (12, 1))
    assert not reproduces([one_input], [one_input]), "classes differ, inputs do not"
    few = np.random.default_rng(0).random((7, 3))
    assert not reproduces([few], [few])
    assert not reproduces([np.zeros((8, 3))], [np.zeros((8, 3))])


def test_without_an_outlier_the_gap_is_what_chance_makes() -> None:
    chances = [gap(np.random.default_rng(seed).lognormal(size=1000).tolist()).log10_chance for seed in range(200)]
    assert np.mean(np.array(chances) < -2) < 0.05
    assert min(chances) > -6


def test_an_outlier_far_ahead_is_hardly_chance() -> None:
    scores = RNG.uniform(1.0, 1.2, 500).tolist()
    found = gap([*scores, 0.01])
    assert found.best == 0.01
    assert found.second == min(scores)
    assert found.log10_chance < -6


def test_every_hypothesis_is_paid_for() -> None:
    scores = [*RNG.uniform(1.0, 1.2, 500), 0.8]
    once, often = gap(scores).log10_chance, gap(scores, hypotheses=100).log10_chance
    assert often == pytest.approx(once + 2)


@pytest.mark.parametrize(
    "scores",
    [[], [0.1], [0.001, *[1.0 + i / 10 for i in range(7)]], [0.5, 0.5, *range(1, 20)], [float("nan")] * 20 + [1.0]],
    ids=["none", "one", "eight", "a tie", "all but one undefined"],
)
def test_too_few_scores_and_ties_claim_nothing(scores: list[float]) -> None:
    assert gap(scores).log10_chance == 0


def test_a_gap_over_few_runners_up_counts_the_error_of_their_spacing() -> None:
    scores = np.exp(-np.random.default_rng(5).exponential(size=300)).tolist()
    best = [*scores, min(scores) / 1e4]
    assert gap(best, neighbours=20).log10_chance > gap(best, neighbours=200).log10_chance
    assert gap(best, neighbours=20).log10_chance < -2

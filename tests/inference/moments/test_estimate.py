"""Evidence for kernels from stored means: true ones have much, wrong ones never more than chance allows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from layerfix.inference.moments.estimate import Estimate, estimate
from layerfix.inference.moments.witness import verdict
from layerfix.probe.means import Means, Squares
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import stream
from layerfix.rng.streams import DEFAULT_GRAPH_SEED

CHANNELS = 40
TRUE = 1_234_567
STREAM = stream("glorot_uniform", (1, CHANNELS, CHANNELS), "2.2.4")


def kernels(op_seeds: list[int]) -> np.ndarray:
    return candidates(STREAM, DEFAULT_GRAPH_SEED, np.array(op_seeds), CHANNELS**2)


def told(error: float, lie: float = 0.0, squares: Sequence[Squares] = ()) -> Estimate:
    """From means that a residual layer and a convolution behind it would leave, expected up to an error; `lie` is unexplained."""
    generator = np.random.default_rng(3)
    reached = generator.uniform(0.2, 0.8, CHANNELS)
    mix = generator.normal(size=(CHANNELS, CHANNELS)) / math.sqrt(CHANNELS)
    matrix = kernels([TRUE]).reshape(CHANNELS, CHANNELS)
    stored = mix.T @ (reached + matrix.T @ reached) + lie * generator.normal(size=CHANNELS)
    expected = reached + error * 0.5 * generator.normal(size=CHANNELS)
    slope = np.einsum("i,uf->fiu", expected, mix).reshape(CHANNELS, -1)
    means = Means(stored, np.ones(CHANNELS), mix.T @ expected, slope, mix.T, expected, 0.0)
    return estimate(means, squares, (1, CHANNELS, CHANNELS), STREAM)


def remembered(error: float) -> Squares:
    """What an optimizer remembers of a residual layer's output, its logarithms off by an error."""
    generator = np.random.default_rng(4)
    reached = generator.uniform(0.2, 0.8, CHANNELS)
    drawn = kernels([TRUE, *range(100, 164)]).reshape(-1, CHANNELS, CHANNELS)
    answers = np.log((reached + np.einsum("nku,k->nu", drawn, reached)) ** 2 + 0.1)
    told = answers[0] - 3.0 + error * generator.normal(size=CHANNELS)
    return Squares(told, drawn[1:].reshape(64, -1), answers[1:], np.repeat(reached, CHANNELS))


@pytest.mark.parametrize("error", [0.1, 0.4])
def test_remembered_squares_speak_for_the_true_kernel_without_any_mean(error: float) -> None:
    found = estimate(None, [remembered(error)], (1, CHANNELS, CHANNELS), STREAM)
    true, wrong = (found.log_evidence(kernels(each)) for each in ([TRUE], list(range(2000, 4000))))
    assert true[0] > 3 * math.log(10)
    assert found.promised > 0.3 * true[0]
    for level in (10.0, 100.0):
        assert np.mean(wrong >= math.log(level)) <= 1 / level + 3 / math.sqrt(2000 * level)


def test_squares_add_to_what_means_tell() -> None:
    squares = Squares(
        **{**{f: getattr(remembered(0.3), f) for f in ("kernels", "answers", "direction")}, "told": np.full(CHANNELS, np.nan)}
    )
    silent, speaking = told(0.3, squares=[squares]), told(0.3, squares=[remembered(0.3)])
    assert silent.log_evidence(kernels([TRUE])) == pytest.approx(told(0.3).log_evidence(kernels([TRUE])))
    assert speaking.promised > silent.promised


@pytest.mark.parametrize("error", [0.02, 0.1, 0.3])
def test_the_true_kernel_has_the_evidence_that_the_file_promises(error: float) -> None:
    found = told(error)
    evidence = float(found.log_evidence(kernels([TRUE]))[0])
    assert evidence > 7 * math.log(10)
    assert found.promised > 0.3 * evidence
    assert found.resemblance(kernels([TRUE]))[0] > 0.6 * found.promised_z


@pytest.mark.parametrize(("error", "lie"), [(0.02, 0.0), (0.3, 0.0), (0.0, 1.0), (0.3, 5.0)])
def test_wrong_kernels_have_no_more_evidence_than_markov_allows_however_wrong_the_file_is(error: float, lie: float) -> None:
    evidence = told(error, lie).log_evidence(kernels(list(range(2000))))
    for level in (10.0, 100.0):
        assert np.mean(evidence >= math.log(level)) <= 1 / level + 3 / math.sqrt(2000 * level)


def test_a_claimed_kernel_is_agreed_with_or_contradicted() -> None:
    found = told(0.1)
    assert verdict(found, kernels([TRUE]), levelled=True).agrees is True
    wrong = [verdict(found, kernels([seed]), levelled=True).agrees for seed in range(50)]
    assert wrong.count(True) == 0
    assert wrong.count(False) >= 40


def test_nothing_is_contradicted_where_what_reaches_the_layer_is_unknown() -> None:
    found = told(0.1)
    assert all(verdict(found, kernels([seed]), levelled=False).agrees is None for seed in range(20))


def test_means_that_do_not_know_the_kernel_are_silent() -> None:
    found = told(0.1, lie=20.0)
    assert verdict(found, kernels([TRUE]), levelled=True).agrees is None


def test_statistics_that_tell_a_pattern_and_prefer_another_size_of_it_leave_the_class_in_doubt() -> None:
    found = told(0.02)
    right, small = (verdict(found, np.float32(size) * kernels([TRUE]), levelled=True) for size in (1.0, 0.7071))
    assert right.agrees is True
    assert right.excludes("class")
    assert small.agrees is True  # the pattern is the true one
    assert small.excludes("order")
    assert not small.excludes("class")
    assert not small.excludes("arguments")

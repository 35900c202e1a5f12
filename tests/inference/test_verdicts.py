"""How clearly one candidate won, and closed forms that stand in for forward passes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layerfix.diagnose.arguments import LostArgument
from layerfix.inference import race as race_
from layerfix.inference.race import Lap, Line, Quadratic, counted, race, scored, screen, spread
from layerfix.inference.untried import ANYTHING, others
from layerfix.inference.verdicts import Decision, Judged, Outcome, decided
from layerfix.progress import silent
from layerfix.rng.generate import candidates
from layerfix.rng.initializers import Stream, stream

TRIAL: Any = object()
RIVAL: Any = object()


def outcome(*scores: float, trial: Any = TRIAL, held_out: float = 0.0, z: float = 0.0, rivals: tuple[float, ...] = ()) -> Outcome:
    """A ranking whose first has `scores[0]`; runners-up explain the held-out half by as much as the other."""
    own = [
        Judged(trial, place, score, held_out if place == 0 else score, score, z if place == 0 else 0.0)
        for place, score in enumerate(scores)
    ]
    others = [Judged(RIVAL, 99, score, score, score) for score in rivals]
    ranking = sorted([*own, *others], key=lambda item: item.searched)
    return Outcome(tuple(ranking), "labels", by_trial=(min(scores), *rivals[:1]))


CROWD = tuple(1.0 + 0.01 * place for place in range(30))


def test_one_far_ahead_of_a_crowd_is_hardly_chance_and_one_in_it_is() -> None:
    assert decided(outcome(1e-6, *CROWD)).log10_chance < -6
    assert decided(outcome(0.999, *CROWD)).log10_chance > -2


def test_the_held_out_half_confirms_supports_or_contradicts() -> None:
    assert decided(outcome(1e-6, *CROWD, held_out=0.1)).confirmed
    second = decided(outcome(1e-6, *CROWD, held_out=1.005))
    assert (second.held_out_rank, second.confirmed, second.supported) == (1, False, True)
    assert not decided(outcome(1e-6, *CROWD, held_out=1.2)).supported


def test_other_arguments_that_explain_as_well_take_the_chance_away() -> None:
    assert decided(outcome(1e-6, *CROWD, rivals=(1.5e-6,))).log10_chance == 0
    assert decided(outcome(1e-6, *CROWD, rivals=(1.0,))).log10_chance < -6


def test_every_set_that_was_tried_is_paid_for() -> None:
    alone, among = decided(outcome(1e-3, *CROWD)), decided(outcome(1e-3, *CROWD), hypotheses=1000)
    assert among.log10_chance == pytest.approx(min(0.0, alone.log10_chance + 3))


def test_resemblance_to_an_estimate_proves_by_its_own_bound() -> None:
    found = decided(outcome(0.999, *CROWD, z=12.0))
    assert found.proven
    assert found.log10_chance == found.log10_bound < -20
    assert not decided(outcome(0.999, *CROWD, z=3.0)).proven


def test_a_decision_tells_its_chance() -> None:
    assert Decision(-3.0, -1.0, 0, 40).chance == pytest.approx(1e-3)
    assert Decision(-3.0, -7.0, 0, 40).proven
    assert [Decision(0, 0, rank, 40).supported for rank in (0, 2, 3)] == [True, True, False]


def test_statistics_in_closed_form_are_those_of_the_outputs() -> None:
    random = np.random.default_rng(0)
    inputs, still = random.normal(size=(50, 3)), random.normal(size=(50, 2))
    maps = random.normal(size=(3, 3, 2))

    def outputs(kernel: Any) -> Any:
        return still + np.einsum("pi,ijc,j->pc", inputs, maps, kernel)

    responses = np.stack([outputs(np.zeros(3)), *(outputs(unit) for unit in np.eye(3))])
    kernels = random.normal(size=(4, 3))
    means, variances = Quadratic.of(responses).statistics(kernels)
    np.testing.assert_allclose(means, [outputs(kernel).mean(0) for kernel in kernels])
    np.testing.assert_allclose(variances, [outputs(kernel).var(0) for kernel in kernels])


@pytest.mark.parametrize(("name", "shape"), [("glorot_uniform", (40, 50)), ("he_normal", (40, 50)), ("random_normal", (40, 50))])
def test_the_spread_of_a_stream_is_that_of_its_elements(name: str, shape: tuple[int, ...]) -> None:
    from layerfix.rng.generate import candidates

    drawn: Stream = stream(name, shape, "2.2.4")
    values = candidates(drawn, 87654321, np.array([1, 2, 3]), 2000)
    assert values.std() == pytest.approx(spread(drawn), rel=0.05)


def test_candidates_are_scored_in_batches_of_one_size_and_none_is_lost() -> None:
    sizes = []

    def score(kernels: Any, chosen: Any) -> Any:
        sizes.append(len(kernels))
        return kernels[:, 0] * len(chosen)

    kernels = np.arange(2500.0)[:, None]
    np.testing.assert_array_equal(scored(score, kernels, [0, 1]), 2 * np.arange(2500))
    assert set(sizes) == {1024}


def test_a_race_keeps_the_nearest_of_each_lap() -> None:
    drawn = stream("glorot_uniform", (2, 3), "2.2.4")
    from layerfix.rng.generate import candidates

    entrants = np.arange(500)
    kernels = candidates(drawn, 87654321, entrants, 6)
    wanted = kernels[321]

    def score(tried: Any, chosen: Any) -> Any:
        return np.abs(tried - wanted)[:, : 2 * len(chosen)].sum(1)

    laps = [Lap(1, 100), Lap(3, 2)]
    found = race(score, drawn, 87654321, 6, [0, 1, 2], laps, silent, entrants)
    nearest = np.argsort(np.abs(kernels - wanted).sum(1))
    assert found[0] == 321
    assert set(found) <= set(nearest[:100])
    assert counted(1) == "1 sample"
    assert counted(8) == "8 samples"


@pytest.mark.parametrize(
    ("default", "candidates", "expected"),
    [
        (3, (1, 2, 3), [1, 2]),
        (0.5, (), [0.61 * 0.5 + 0.137, 1.37]),
        ((3, 3), (), [(7, 7)]),
        ([1, "a"], (), [[3, "a"]]),
        ("relu", (), [value for value in ANYTHING if value != "relu"]),
        (None, (), list(ANYTHING)),
    ],
)
def test_values_unlike_the_default_are_tried(default: Any, candidates: tuple[Any, ...], expected: list[Any]) -> None:
    assert others(LostArgument("a", "Own", "x", default, candidates, False)) == expected


@pytest.mark.parametrize("work", [10**6, 72])
def test_the_most_telling_channels_judge_all_op_seeds_and_the_others_what_is_left(work: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race_, "OP_SEEDS", 20_000)
    monkeypatch.setattr(race_, "WORK", work)
    drawn, generator = Stream("uniform", -0.4, 0.4), np.random.default_rng(0)
    slope = generator.normal(size=(14, 12)) * np.linspace(0.0, 1.0, 14)[:, None]  # the first channel hears nothing
    target = slope @ candidates(drawn, 87654321, np.array([4321]), 12)[0] + 0.02 * generator.normal(size=14)
    found = screen(Line(np.zeros(14), slope, target, np.ones(14)), drawn, 87654321, 50, silent)
    assert found[0] == 4321
    assert len(set(found)) == 50

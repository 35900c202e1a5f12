"""What remembered squares say of sums, what a search keeps and bounds, and when stored statistics agree, contradict or are silent."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from layerfix.inference.moments.find import AHEAD, _common
from layerfix.inference.moments.grid import POINTS
from layerfix.inference.moments.memory import LOWEST, STRAY, _likelihood, _response, remembered
from layerfix.inference.moments.search import KEPT, NUMBERS, Ranked, _kept, equivalent_z, promising
from layerfix.inference.moments.witness import EXPECTED, FAR, OF_SIZE, verdict
from layerfix.probe.means import Squares
from layerfix.rng.certificate import bound
from layerfix.rng.streams import OP_SEEDS

Array = NDArray[np.float64]
EVEN: Array = np.exp(-(POINTS**2) / 2)[None].repeat(4, axis=0)
"""A random kernel's sums, for four units."""


def squares(told: Any, sums: Array, level: float = 0.0) -> Squares:
    """Of units whose mean square is (1 + sum) squared, as drawn kernels gave it."""
    answers = np.log((1 + sums) ** 2 + 0.05) + level
    return Squares(np.asarray(told, float), np.zeros((len(sums), 4), "float32"), answers, np.ones(4))


def drawn(units: int = 4) -> Array:
    return np.random.default_rng(0).normal(size=(64, units))


def test_the_response_to_a_sum_is_followed_and_what_it_leaves_open_is_told() -> None:
    sums = np.linspace(-2, 2, 64)
    curve, rest = _response(sums, np.log(1 + sums**2))
    at = np.abs(POINTS[:, None] - sums).min(axis=1) < 0.01
    np.testing.assert_allclose(curve[at], np.log(1 + POINTS[at] ** 2), atol=0.02)
    assert rest < 0.01
    _, noisy = _response(sums, np.log(1 + sums**2) + np.random.default_rng(0).normal(0, 0.5, 64))
    assert 0.3 < noisy < 0.8


def test_less_than_a_part_of_the_smallest_square_is_believed_of_no_sum() -> None:
    sums = np.linspace(0, 2, 64)
    curve, _ = _response(sums, np.log(sums**2 + 0.01))
    assert np.exp(curve.min()) >= LOWEST * 0.01 * 0.99


@pytest.mark.parametrize("shift", [-3.0, 0.0, 5.0])
def test_sums_that_give_what_is_told_are_likelier_whatever_all_have_in_common(shift: float) -> None:
    sums, wanted = drawn(40), np.random.default_rng(1).normal(size=40)
    told = np.log((1 + wanted) ** 2 + 0.05) + shift
    found = remembered(squares(told, sums), sums, np.exp(-(POINTS**2) / 2)[None].repeat(40, axis=0))
    assert found.max() <= 1.0
    units = np.arange(40)
    true, others = (np.log(found[units, np.abs(POINTS[:, None] - each).argmin(axis=0)]) for each in (wanted, np.roll(wanted, 1)))
    assert true.mean() > -0.5
    assert others.mean() < true.mean() - 1.5  # forty units: a factor of e^60 in all


@pytest.mark.parametrize("told", [[np.nan] * 4, [0.5, np.nan, np.nan, np.nan], [np.inf] * 4])
def test_where_fewer_than_two_channels_are_told_nothing_is_likelier(told: list[float]) -> None:
    sums = drawn()
    assert (remembered(squares(told, sums), sums, EVEN) == 1).all()


def test_a_channel_that_is_not_told_is_left_alone() -> None:
    sums = drawn()
    found = remembered(squares([1.0, 0.5, np.nan, 0.7], sums), sums, EVEN)
    assert (found[2] == 1).all()
    assert (found[[0, 1, 3]] < 1).any(axis=1).all()


def test_a_far_error_keeps_the_likelihood_of_a_stray() -> None:
    assert _likelihood(np.array([0.0])) == pytest.approx(1.0)
    assert _likelihood(np.array([4.0]))[0] == pytest.approx(STRAY * math.exp(-0.5), rel=0.02)
    assert (np.diff(_likelihood(np.linspace(0, 9, 50))) < 0).all()


@pytest.mark.parametrize(("evidence", "z"), [(0.0, 0.0), (-3.0, 0.0), (2.0, 2.0), (18.0, 6.0)])
def test_evidence_is_a_score_of_the_same_bound(evidence: float, z: float) -> None:
    assert equivalent_z(evidence) == pytest.approx(z)
    assert math.exp(-(z**2) / 2) == pytest.approx(math.exp(-max(0.0, evidence)))


def test_a_winner_pays_for_every_seed_and_hypothesis() -> None:
    found = Ranked(7, 40.0, 3.0)
    assert found.bound(1).log10 == pytest.approx((math.log(OP_SEEDS) - 40.0) / math.log(10))
    assert found.bound(100).log10 - found.bound(1).log10 == pytest.approx(2.0)
    assert found.bound(3).log10 == pytest.approx(bound(equivalent_z(40.0), 3 * OP_SEEDS).log10)


@pytest.mark.parametrize(("size", "kept"), [(100, KEPT[1]), (1000, 50_000), (2304, int(NUMBERS / 2304)), (10**6, KEPT[0])])
def test_wide_kernels_are_judged_in_full_less_often(size: int, kept: int) -> None:
    mark: Any = SimpleNamespace(values=np.zeros(size))
    assert _kept(mark) == kept


@pytest.mark.parametrize(
    ("log10_promised", "strain", "worth"), [(5.0, 1.0, True), (3.9, 1.0, False), (5.0, 4.5, False), (5.0, 0.2, False), (4.1, 0.25, True)]
)
def test_a_search_is_worth_its_while_where_much_is_promised_and_the_means_fit(log10_promised: float, strain: float, worth: bool) -> None:
    estimate: Any = SimpleNamespace(promised=log10_promised * math.log(10), strain=strain)
    assert promising(estimate) is worth


class Told:
    """An estimate that gives a kernel of each size an evidence."""

    def __init__(self, evidence: float, others: float, z: float, expected: float, strain: float = 1.0) -> None:
        self.evidence, self.others, self.z, self.promised_z, self.strain = evidence, others, z, expected, strain

    def log_evidence(self, kernels: Any) -> Any:
        return np.full(len(kernels), self.others) if len(kernels) > 1 else np.array([self.evidence])

    def resemblance(self, kernels: Any) -> Any:
        return np.full(len(kernels), self.z)


SURE, UNLIKE = 8 * math.log(10), -3 * math.log(10)


@pytest.mark.parametrize(
    ("told", "levelled", "agrees", "blind"),
    [
        (Told(SURE, 0.0, 5.0, 5.0), True, True, frozenset()),
        (Told(SURE, SURE, 5.0, 5.0), True, True, OF_SIZE),
        (Told(SURE, 0.0, 5.0, 5.0, strain=3.0), True, True, OF_SIZE),
        (Told(SURE, 0.0, 5.0, 5.0), False, True, frozenset()),
        (Told(math.log(900), 0.0, 5.0, 5.0), True, None, frozenset()),
        (Told(UNLIKE, 0.0, 0.1, 5.0), True, False, frozenset()),
        (Told(UNLIKE, 0.0, 0.1, 5.0), False, None, frozenset()),
        (Told(UNLIKE, 0.0, 0.1, 5.0, strain=3.0), True, None, frozenset()),
        (Told(UNLIKE, 0.0, FAR * 5.0 + 0.01, 5.0), True, None, frozenset()),
        (Told(UNLIKE, 0.0, 0.1, EXPECTED - 0.01), True, None, frozenset()),
        (Told(-1.0, 0.0, 0.1, 5.0), True, None, frozenset()),
    ],
    ids=[
        "agrees", "another size does as well", "strained", "agrees though inputs are unknown", "short of a thousand", "contradicts",
        "inputs unknown", "strained too", "resembles it a little", "little was expected", "hardly unlikely",
    ],
)  # fmt: skip
def test_stored_statistics_agree_contradict_or_are_silent(told: Any, levelled: bool, agrees: bool | None, blind: frozenset[Any]) -> None:
    found = verdict(told, np.ones((1, 4), "float32"), levelled=levelled)
    assert (found.agrees, found.blind) == (agrees, blind)
    assert found.bound == (pytest.approx(math.exp(-told.evidence)) if agrees else 1.0)


@pytest.mark.parametrize(
    ("sets", "common"),
    [
        ([{"a": 1, "b": "x"}], {"a": 1, "b": "x"}),
        ([{"a": 1, "b": "x"}, {"a": 1, "b": "y"}], {"a": 1}),
        ([{"a": (1, 2)}, {"a": [1, 2]}], {"a": (1, 2)}),
        ([{"a": 1}, {}], {}),
        ([{"a": None}, {"a": None}], {"a": None}),
    ],
)
def test_arguments_are_decided_where_all_that_come_near_agree(sets: list[dict[str, Any]], common: dict[str, Any]) -> None:
    assert _common(sets) == common
    assert pytest.approx(1e6) == math.exp(AHEAD)

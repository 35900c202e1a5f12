"""Bounds on false claims."""

import math

import pytest

from layerfix.rng.certificate import bound


def test_the_bound_is_hypotheses_times_the_tail():
    assert bound(9.0, 1e7).probability == pytest.approx(1e7 * math.exp(-40.5))


@pytest.mark.parametrize("z", [0.0, -5.0, float("nan")])
def test_no_evidence_proves_nothing(z):
    assert bound(z, 1).probability == 1.0
    assert not bound(z, 1).exact


def test_exact_begins_at_one_in_a_million():
    z = math.sqrt(2 * math.log(1e7 / 1e-6))
    assert bound(z + 1e-9, 1e7).exact
    assert not bound(z - 1e-3, 1e7).exact


def test_tiny_bounds_do_not_underflow():
    assert bound(85.0, 2**32).log10 == pytest.approx((32 * math.log(2) - 85.0**2 / 2) / math.log(10))


def test_less_than_one_hypothesis_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        bound(5.0, 0)

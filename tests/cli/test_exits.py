"""The precedence of exit codes."""

from __future__ import annotations

import itertools

import pytest

from layerfix.results import exits


@pytest.mark.parametrize(
    ("codes", "expected"),
    [([], 3), ([0], 0), ([0, 3], 3), ([0, 1, 3], 1), ([0, 1, 4], 4), ([0, 1, 4, 2], 2), ([0, 1, 2, 130], 130), ([143, 130], 143)],
)
def test_the_worst_code_wins_in_any_order(codes: list[int], expected: int) -> None:
    assert {exits.worst(order) for order in itertools.permutations(codes)} == {expected}

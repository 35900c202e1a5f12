"""Exit codes of runs of many parts: signal before 2 before 4 before 1 before 3 before 0, whatever the command."""

from __future__ import annotations

from itertools import pairwise, permutations

import pytest

from layerfix.results.exits import FAILED, FINDINGS, HOSTILE, NOTHING, OK, worst
from layerfix.results.migrate import MigratedFile, Migration
from layerfix.results.verify import CheckedFile, Trial

ORDER = (FAILED, HOSTILE, FINDINGS, NOTHING, OK)


@pytest.mark.parametrize(("stronger", "weaker"), pairwise(ORDER))
def test_of_two_codes_the_stronger_wins_in_any_order(stronger: int, weaker: int) -> None:
    assert [worst(order) for order in permutations([stronger, weaker, weaker])] == [stronger] * 6


def test_a_signal_wins_over_all_and_the_highest_over_others() -> None:
    assert worst([*ORDER, 130]) == 130
    assert worst([137, 130, FAILED]) == 137


def test_nothing_at_all_is_nothing_to_do() -> None:
    assert worst([]) == NOTHING
    assert Trial(()).exit_code == NOTHING
    assert Migration(()).exit_code == NOTHING


def test_a_verification_passes_only_where_there_is_a_file_and_each_passes() -> None:
    good, bad = CheckedFile("a"), CheckedFile("b", exit_code=FINDINGS)
    assert (Trial((good,)).passed, Trial((good, bad)).passed, Trial(()).passed) == (True, False, False)
    assert (Trial((good,)).exit_code, Trial((good, bad)).exit_code) == (OK, FINDINGS)
    assert repr(Trial((good, bad))) == "<Trial: 1 of 2 files passed>"


def test_a_migration_ends_as_its_worst_file_does() -> None:
    assert Migration((MigratedFile("a", exit_code=HOSTILE), MigratedFile("b", exit_code=FAILED))).exit_code == FAILED

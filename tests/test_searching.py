"""Searches that are ended keep what they found."""

from __future__ import annotations

import threading

from layerfix.progress import silent
from layerfix.rng.cores import by_all_cores
from layerfix.searching import end_search, endable, searching


def test_without_a_search_there_is_nothing_to_end() -> None:
    with endable(silent) as progress:
        assert not end_search()
        progress("work", 1, 2)


def test_an_asked_for_end_comes_where_progress_is_told_and_leaves_the_search() -> None:
    found = []
    with endable(silent) as progress, searching() as search:
        for number in range(5):
            progress("numbers", number, 5)
            found.append(number)
            if number == 2:
                assert end_search()
    assert (found, search.ended) == ([0, 1, 2], True)


def test_searches_behind_one_that_was_ended_end_too_and_the_next_run_does_not() -> None:
    with endable(silent) as progress:
        with searching():
            assert end_search()
        with searching() as second:
            progress("more", 0, 1)
    with endable(silent) as progress, searching() as third:
        progress("again", 0, 1)
    assert (second.ended, third.ended) == (True, False)


def test_a_time_budget_ends_searches_and_nothing_else() -> None:
    with endable(silent, seconds=0.0) as progress:
        progress("building", 0, 1)
        with searching() as search:
            progress("searching", 0, 1)
    assert search.ended


def test_so_does_the_cpu_time_that_is_allowed() -> None:
    with endable(silent, cpu_seconds=0.0) as progress:
        progress("building", 0, 1)
        with searching() as search:
            sum(range(10**5))
            progress("searching", 0, 1)
    assert search.ended
    with endable(silent, cpu_seconds=3600.0) as progress, searching() as search:
        progress("searching", 0, 1)
    assert not search.ended


def test_pieces_that_nobody_waits_for_are_dropped() -> None:
    begun: list[int] = []
    released = threading.Event()

    def work(piece: int) -> None:
        begun.append(piece)
        if piece:
            released.wait(60)

    results = by_all_cores(work, range(1000))
    next(results)
    threading.Timer(0.2, released.set).start()
    del results
    assert released.is_set()
    assert len(begun) < 1000

"""Searches that can be ended without losing what they found: by a signal, or when their time is over."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from layerfix.progress import Progress

ENOUGH = 240.0
"""CPU seconds after which searches end that nobody gave a time."""
HOW_TO_END = "Ending it (Ctrl-C in a terminal) writes what is found by then."


class SearchEnded(BaseException):
    """Raised in a search that shall end, where it reports progress and nowhere else: what it has entered by then is whole."""


@dataclass(slots=True)
class Search:
    """A search that is under way.

    Attributes:
        ended: whether it was ended before it was through.
    """

    ended: bool = False


_running: list[Search] = []
_asked: list[str] = []


def end_search() -> bool:
    """Asks the search that runs in this process, and those behind it, to end; False where none runs that could."""
    if _running:
        _asked.append("asked")
    return bool(_running)


@contextmanager
def searching() -> Iterator[Search]:
    """Marks a search that may be ended: the block is left then, and its `Search` says so."""
    search = Search()
    _running.append(search)
    try:
        yield search
    except SearchEnded:
        search.ended = True
    finally:
        _running.remove(search)


@contextmanager
def endable(progress: Progress, seconds: float | None = None, cpu_seconds: float = math.inf) -> Iterator[Progress]:
    """`progress` under which searches end when somebody asks for it, or when all of them together took `seconds`, or so much of the CPU."""
    until = math.inf if seconds is None else time.monotonic() + seconds
    spent = time.process_time() + cpu_seconds

    def told(label: str, done: int, total: int) -> None:
        if _running and (_asked or time.monotonic() > until or time.process_time() > spent):
            raise SearchEnded
        progress(label, done, total)

    try:
        yield told
    finally:
        _asked.clear()

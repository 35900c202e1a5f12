"""How long work tells that it moves: the library calls, the command line draws."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""(label, done, total): total 0 where it is unknown. Called often; must be cheap."""


def silent(label: str, done: int, total: int) -> None:
    """Progress that nobody watches."""

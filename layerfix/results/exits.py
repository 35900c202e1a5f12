"""Exit codes and their precedence: the same for every command, whatever the output format."""

from __future__ import annotations

from collections.abc import Iterable

OK = 0
"""Nothing lost, or done and verified."""
FINDINGS = 1
"""Findings, or something left unrepaired."""
FAILED = 2
"""Usage, or a file that could not be read or written."""
NOTHING = 3
"""Nothing to do: no checkpoint found."""
HOSTILE = 4
"""Refused as hostile."""
SIGNAL = 128
"""128 + N: ended by signal N."""

_PRECEDENCE = (FAILED, HOSTILE, FINDINGS, NOTHING, OK)


def worst(codes: Iterable[int]) -> int:
    """The code of a run made of several parts: signal > 2 > 4 > 1 > 3 > 0. No parts at all give `NOTHING`."""
    seen = set(codes)
    signals = [code for code in seen if code > SIGNAL]
    if signals:
        return max(signals)
    return next((code for code in _PRECEDENCE if code in seen), NOTHING)

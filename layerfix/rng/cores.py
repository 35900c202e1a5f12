"""How the searches use the machine: how many threads, and whether compiled code serves."""

from __future__ import annotations

import os


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def numba_wanted() -> bool:
    """False where LAYERFIX_NO_NUMBA asks for plain numpy."""
    return not os.environ.get("LAYERFIX_NO_NUMBA")

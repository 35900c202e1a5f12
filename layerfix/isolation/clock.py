"""The clock of one task: it ends a child that hangs, and is patient with one that merely gets little of a busy machine."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from layerfix.isolation.forked import Process

BUSY, IDLE = 0.5, 0.005
"""Shares of the time allowed: a child that used more CPU had its time; one that used less since the last ring is not waiting for CPU."""
RINGS = 12
"""Times that a starved child gets the time allowed."""


class Clock:
    """Kills a process that is late. Use as a context manager around the task.

    A genuine file on a machine with a hundred busy processes takes long by the clock and little by its CPU time; calling it hostile for
    that would be false. Where CPU times cannot be read (no /proc) the clock alone decides.

    Args:
        process: the child.
        seconds: of clock that a task may take on a machine that is not overloaded.
    """

    def __init__(self, process: Process, seconds: float) -> None:
        self.late = False
        self._process, self._seconds, self._rings = process, seconds, 0
        self._start = self._last = cpu_seconds(process.pid)
        self._lock, self._done = threading.Lock(), False
        self._wind()

    def __enter__(self) -> Clock:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._done = True
            self._timer.cancel()

    def _wind(self) -> None:
        self._timer = threading.Timer(self._seconds, self._ring)
        self._timer.daemon = True
        self._timer.start()

    def _ring(self) -> None:
        with self._lock:
            if self._done:
                return
            self._rings += 1
            if self._starved():
                self._wind()
            else:
                self.late = True
                self._process.kill()

    def _starved(self) -> bool:
        used = cpu_seconds(self._process.pid)
        if used is None or self._start is None or self._last is None or self._rings >= RINGS:
            return False
        recent, self._last = used - self._last, used
        return used - self._start < BUSY * self._seconds and recent > IDLE * self._seconds


def cpu_seconds(process: int) -> float | None:
    """CPU time that a process has used; None where the system does not tell (see proc(5): fields 14 and 15 of stat)."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError, AttributeError):
        return None

"""One child process that does task after task, and is replaced when a task kills it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from types import TracebackType
from typing import Any, BinaryIO, cast

from layerfix.isolation.clock import Clock
from layerfix.isolation.forked import Process, forkable
from layerfix.isolation.limits import READING, Limits
from layerfix.isolation.program import command, environment, places
from layerfix.isolation.wire import receive, send

TASKS_EACH = 2000
"""Tasks after which a child is replaced, so that leaks in libraries never add up."""
WORKER = "layerfix.isolation.worker"
"""The program of a child; named, not imported: it has children of its own."""
FAREWELL = 5.0
"""Seconds that a child which hung up gets to end by itself, so that its own ending is told and not ours."""
_FROM_OUTSIDE = frozenset(
    number for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGKILL") if (number := getattr(signal, name, None))
)
"""Signals that no file brings about: somebody sent them, or the system did for want of memory."""
_running: weakref.WeakSet[Child] = weakref.WeakSet()
_lock = threading.Lock()


class ChildError(Exception):
    """A task ended its child; the text says how, as the end of a sentence about the file.

    Attributes:
        outside: whether it was ended by somebody else, which says nothing of the file.
    """

    def __init__(self, ending: str, *, outside: bool = False) -> None:
        super().__init__(ending)
        self.outside = outside


class StoppedError(Exception):
    """This process ended the child on purpose: there is no answer, and nothing to be told of the file."""


class Child:
    """A worker process. Use as a context manager; one thread at a time, but for `stop`.

    Args:
        limits: what each task may use.
        more: further variables for the child.
        process: one that serves tasks under these limits already; by default one is started for the first task.
    """

    def __init__(
        self,
        limits: Limits = READING,
        more: Mapping[str, str] | None = None,
        *,
        process: Process | None = None,
    ) -> None:
        self.limits = limits
        self._more = more or {}
        self._process = process
        self._done = 0
        self._stopped = False

    def __enter__(self) -> Child:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def ask(self, task: Mapping[str, object], *, patience: int = 0) -> Any:
        """The answer to one task (JSON in, JSON out).

        Args:
            task: "do" and its arguments.
            patience: seconds that a large file may take beyond the limits.

        Raises:
            ChildError: where the task crashed the child or broke its limits. The next task gets a new child.
            StoppedError: where `stop` was called.
        """
        process, seconds = self._alive(), self.limits.seconds + patience
        with Clock(process, seconds) as clock:
            try:
                send(cast(BinaryIO, process.stdin), {**task, "patience": patience})
                answer = receive(cast(BinaryIO, process.stdout))
            except (OSError, EOFError, ValueError) as error:
                raise self._ending(process, seconds if clock.late else None) from error
        self._done += 1
        return answer

    def close(self) -> None:
        """Ends the process."""
        process, self._process, self._done = self._process, None, 0
        if process is None:
            return
        _kill(process)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):  # what was not yet sent to a dead child
                    stream.close()
        process.wait()

    def stop(self) -> None:
        """Ends the process for good, from any thread: who waits for its answer gets `StoppedError`."""
        with _lock:
            self._stopped = True
            if self._process is not None:
                _kill(self._process)

    def start(self) -> None:
        """Starts the process ahead of its first task, so that its imports run while this process does something else."""
        self._alive()

    def _alive(self) -> Process:
        if self._done >= TASKS_EACH:
            self.close()
        if self._process is None and not self._stopped:
            fresh = self._start()  # not under the lock, which a fork would inherit locked
            with _lock:
                self._process = fresh
                _running.add(self)
                if self._stopped:
                    _kill(fresh)
        with _lock:
            if self._stopped or self._process is None:
                raise StoppedError
            return self._process

    def _start(self) -> Process:
        if not self._more and forkable() and sys.path == places():
            return cast(Process, import_module(WORKER).forked(self.limits))
        program = command(json.dumps(asdict(self.limits)), str(os.getpid()))
        return subprocess.Popen(
            program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(self._more),
            start_new_session=True,  # Ctrl-C is for the parent, which decides
        )

    def _ending(self, process: Process, late: float | None) -> Exception:
        """How a child ended that gave no answer."""
        code: int | None = None
        with suppress(subprocess.TimeoutExpired):
            code = process.wait(FAREWELL)
        self.close()
        if self._stopped:
            return StoppedError()
        if late is not None:
            return ChildError(f"took longer than {late:g} s")
        if code is None:
            return ChildError("answered what is no answer")
        if code >= 0:
            return ChildError(f"ended the process that did it (exit code {code})")
        if -code == getattr(signal, "SIGXCPU", None):
            return ChildError("took more CPU than it may")
        if -code in _FROM_OUTSIDE:
            return ChildError(f"was ended from outside ({signal.Signals(-code).name})", outside=True)
        return ChildError(f"crashed the process that did it ({_signal(-code)})")


def stop_all() -> None:
    """Ends every child of this process for good; for a program that a signal ends."""
    for child in list(_running):
        child.stop()


def _kill(process: Process) -> None:
    """Ends a child with all that it started."""
    if process.poll() is None and hasattr(os, "killpg"):
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"

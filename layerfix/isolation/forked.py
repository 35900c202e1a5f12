"""A child made by a fork: it has the libraries of this process at once, and none of its files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import BinaryIO, NoReturn, TypeAlias, cast

Process: TypeAlias = "subprocess.Popen[bytes] | Forked"
Work = Callable[[BinaryIO, BinaryIO], None]
"""What a fork does with (tasks, answers) until its parent hangs up."""
_LOADED = frozenset({"numpy", "h5py", "tensorflow", "keras"})


class Forked:
    """As much of `subprocess.Popen` as a `Child` needs.

    Fork before any thread is started and before anything of a file is in memory: a fork has one thread alone, and knows what is known
    here.

    Args:
        work: done by the fork, which then ends.
        foreign: streams of this process that are not the fork's business.
    """

    def __init__(self, work: Work, foreign: Iterable[BinaryIO]) -> None:
        (tasks, told), (answered, answers) = os.pipe(), os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            for number in (told, answered, *(stream.fileno() for stream in foreign)):
                os.close(number)
            _run(work, tasks, answers)
        os.close(tasks)
        os.close(answers)
        self.stdin = _stream(told, "wb")
        self.stdout = _stream(answered, "rb")

    def poll(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        if self.returncode is None:
            with suppress(ChildProcessError):
                ended, status = os.waitpid(self.pid, os.WNOHANG)
                self.returncode = os.waitstatus_to_exitcode(status) if ended else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once there is one.

        Raises:
            subprocess.TimeoutExpired: where that takes longer.
        """
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired("a fork", cast(float, timeout))
            time.sleep(0.005)
        return code

    def kill(self) -> None:
        """Ends it."""
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def forkable() -> bool:
    """Whether a fork of this process may do the work of a new interpreter: on Linux, with one thread, before libraries of files are loaded,
    which take their limits and variables when they are.
    """
    alone = threading.active_count() == 1 and threading.current_thread() is threading.main_thread()
    return sys.platform == "linux" and alone and not _LOADED & sys.modules.keys()


def forget(kept: Collection[int]) -> None:
    """Makes this fork's descriptors lead nowhere, but for some, and takes its parent's signal handlers from it.

    Each is led to the null device and not closed: an object of the parent's that still knows its number must not close another's.
    """
    null = os.open(os.devnull, os.O_RDWR)
    for number in map(int, os.listdir("/proc/self/fd")):
        if number not in kept and number != null:
            with suppress(OSError):  # that of the listing itself
                os.fstat(number)
                os.dup2(null, number)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)


def _run(work: Work, tasks: int, answers: int) -> NoReturn:
    """The fork's life: whatever happens, nothing of its parent's runs on in it."""
    try:
        os.setsid()  # Ctrl-C is for the parent, which decides
        work(_stream(tasks, "rb"), _stream(answers, "wb"))
    except BaseException:
        os._exit(1)
    os._exit(0)


def _stream(number: int, mode: str) -> BinaryIO:
    return cast(BinaryIO, open(number, mode))

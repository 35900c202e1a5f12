"""A child does not outlive its parent: the kernel ends it, and where no kernel does, a pipe that closes."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading

_PR_SET_PDEATHSIG = 1
"""prctl(2), linux/prctl.h."""


def bind(parent: int, pipe: int) -> None:
    """Ends this process as soon as its parent is gone.

    Args:
        parent: the parent's process number; where it is gone already, this process ends at once.
        pipe: a descriptor whose other end the parent holds.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
    if hasattr(select, "poll"):
        threading.Thread(target=_wait_for_end, args=(pipe,), daemon=True).start()


def _wait_for_end(pipe: int) -> None:
    watch = select.poll()
    watch.register(pipe, 0)  # a hang-up is always told
    while not any(event & (select.POLLHUP | select.POLLERR) for _, event in watch.poll()):
        pass
    os._exit(1)

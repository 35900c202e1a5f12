"""What a child process may use, set by itself before it touches a file."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass

SUPPORTED = hasattr(os, "fork")
"""Whether the platform has resource limits (POSIX). Elsewhere only the parent's clock limits a child."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one child.

    Attributes:
        seconds: wall-clock time for one task; the parent kills the child then, unless the machine gave it no CPU (`Clock`).
        cpu: CPU seconds for one task.
        memory: bytes of address space beyond what the interpreter and its libraries take; None for no limit.
        may_write: whether the child may write files.
        data: bytes of memory that it may allocate for one task (code and files of libraries do not count), beyond `DATA_RATIO` times the
            size of its file; None for no limit.
    """

    seconds: float = 10.0
    cpu: int = 10
    memory: int | None = 400 << 20
    may_write: bool = False
    data: int | None = None


READING = Limits()
"""For reading a file's structure."""
WRITING = Limits(seconds=6 * 3600.0, cpu=24 * 3600, memory=None, may_write=True, data=6 << 30)
"""For repairs and migrations, which import TensorFlow, search seeds and write."""
DATA_RATIO = 16
"""Bytes of memory for each byte of the file: the arrays of a large model, as stored, in the model, as written and as checked."""


def confine(limits: Limits) -> None:
    """Takes rights from this process, for good: memory, writing, core dumps. Call it once, after the imports."""
    if not SUPPORTED:
        return
    import resource

    _lower(resource.RLIMIT_CORE, 0)  # a core dump would be a file with a stranger's bytes in it
    if not limits.may_write:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that a write fails with an error, which can be told, and not by a signal
        _lower(resource.RLIMIT_FSIZE, 0)
    if limits.memory is not None:
        _lower(resource.RLIMIT_AS, _address_space() + limits.memory)


def allow_cpu(limits: Limits, patience: int = 0) -> None:
    """Gives this process its CPU seconds for one more task; it dies by SIGXCPU beyond them."""
    if not SUPPORTED:
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(used.ru_utime + used.ru_stime) + limits.cpu + patience + 1  # the limit counts whole seconds, and those used are cut
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def allow_data(limits: Limits, size: int) -> None:
    """Gives this process its memory for one more task; what is asked for beyond it is not there (MemoryError).

    RLIMIT_DATA, unlike the address space, does not count what TensorFlow reserves and never uses (setrlimit(2), since Linux 4.7).
    """
    if not SUPPORTED or limits.data is None:
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    wanted = limits.data + DATA_RATIO * size
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _lower(which: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(which)[1]
    wanted = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (wanted, wanted))


def _address_space() -> int:
    """Bytes of address space in use now; a generous guess where /proc is missing."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 2 << 30

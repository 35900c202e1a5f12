"""Opening a file that may be anything: only regular files are read, and nothing is ever waited for."""

from __future__ import annotations

import os
import stat
from io import BufferedReader, FileIO
from pathlib import Path

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
SPARSE = 64 << 20
"""Bytes up to which a file's size is believed, whatever the disk says that it stores."""


def open_regular(path: Path | str) -> BufferedReader:
    """A regular file, open for reading. A pipe that nobody writes to would otherwise make us wait for ever, a device never end.

    Raises:
        OSError: where it cannot be opened or is no regular file; `strerror` says which.
        ValueError: where the path holds a NUL.
    """
    handle = os.open(path, os.O_RDONLY | _AT_ONCE)
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return BufferedReader(FileIO(handle, "rb"))
    os.close(handle)
    raise OSError(0, "it is no regular file", str(path))


def stored_bytes(path: Path) -> int:
    """About how many bytes of a file are on the disk: a file of a terabyte may be one hole. 0 where there is none."""
    try:
        state = path.stat()
    except (OSError, ValueError):
        return 0
    known = getattr(state, "st_blocks", 0) * 512  # some file systems do not tell, and say 0
    return min(state.st_size, max(SPARSE, known)) if known else state.st_size

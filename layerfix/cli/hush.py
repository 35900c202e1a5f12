"""Keeps the chatter of native libraries (TensorFlow's C++ start-up messages) off the user's terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def hushed() -> Iterator[None]:
    """While it lasts, what native code writes to file descriptor 2 goes nowhere; `sys.stderr` still reaches the user.

    Does nothing where stderr is not the process's own (a test, a notebook) and under LAYERFIX_DEBUG=1.
    """
    original = sys.stderr
    if os.environ.get("LAYERFIX_DEBUG") == "1" or not _is_native(original):
        yield
        return
    original.flush()
    real = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        os.dup2(nowhere, 2)
        with open(real, "w", buffering=1, encoding=original.encoding, errors="backslashreplace", closefd=False) as sys.stderr:
            yield
    finally:
        sys.stderr = original
        os.dup2(real, 2)
        os.close(real)
        os.close(nowhere)


def _is_native(stream: object) -> bool:
    try:
        return stream is sys.__stderr__ and sys.stderr.fileno() == 2
    except (AttributeError, OSError, ValueError):
        return False

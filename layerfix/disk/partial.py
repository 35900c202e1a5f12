"""A file of which only some blocks are here: it can be read as far as they go, and what else was wanted is noted."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Any

from layerfix.disk.files import open_regular

BLOCK = 1 << 17
"""Bytes of a block: the blocks of a file are numbered from 0, and its last one may be shorter."""

_held: dict[str, tuple[frozenset[int], set[int]]] = {}
"""By path: the blocks that are here, and those that were wanted and are not."""


@contextmanager
def partly(path: Path | str, blocks: Collection[int]) -> Iterator[set[int]]:
    """While it lasts, `path` is a file of which only these blocks are here; the rest of it is a hole that nobody may read.

    Gives:
        The set of blocks that were wanted in vain: whatever came of a run that wanted some means nothing.
    """
    absent: set[int] = set()
    _held[str(path)] = (frozenset(blocks), absent)
    try:
        yield absent
    finally:
        del _held[str(path)]


def is_partial(path: Path | str) -> bool:
    """Whether only a part of the file is here."""
    return str(path) in _held


def open_here(path: Path | str) -> BufferedReader:
    """`open_regular`, of a partial file too: a read that touches an absent block raises an OSError."""
    if not is_partial(path):
        return open_regular(path)
    with open_regular(path) as whole:
        return BufferedReader(_Partial(os.dup(whole.fileno()), *_held[str(path)]))


class _Partial(io.RawIOBase):
    def __init__(self, handle: int, blocks: frozenset[int], absent: set[int]) -> None:
        self._file = io.FileIO(handle, "rb")
        self._blocks, self._absent = blocks, absent

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._file.seek(offset, whence)

    def readinto(self, buffer: Any) -> int:
        at, size = self._file.tell(), os.fstat(self._file.fileno()).st_size
        wanted = min(len(buffer), BLOCK - at % BLOCK, max(0, size - at))
        if wanted and at // BLOCK not in self._blocks:
            self._absent.add(at // BLOCK)
            raise OSError(0, "this part of the file is not here")
        return self._file.readinto(memoryview(buffer)[:wanted]) or 0

    def close(self) -> None:
        self._file.close()
        super().close()

"""A remote file is audited by the few blocks that tell its structure: the child says which it misses, this process fetches those.

The child never touches the network, and this process never looks at a file's bytes.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from layerfix.disk.partial import BLOCK
from layerfix.fleet.remote import Cache, remote_size, remote_stream

WHOLE = 4 << 20
"""Bytes up to which a file is fetched at once."""
SHARE = 0.5
"""Share of a file's blocks from which on the others are fetched too."""

Ask = Callable[[str, Collection[int]], dict[str, Any]]
"""(local path, blocks that are there) -> a child's answer."""


def asked_by_blocks(name: str, cache: Cache, ask: Ask) -> dict[str, Any] | None:
    """The child's answer on a remote file, of which only what it needs was fetched.

    Args:
        name: the address.
        cache: where the blocks are kept while it lasts.
        ask: puts the question to the child; its answer has the state "absent" with "blocks" where it needs more.

    Returns:
        The answer; None where the file is small, or the place gives no parts of files: then it is to be fetched whole.

    Raises:
        ReadError: where the place cannot be reached.
    """
    size = remote_size(name)
    if size <= WHOLE:
        return None
    with cache.room(size), tempfile.TemporaryDirectory(dir=cache.folder) as folder:
        local = Path(folder) / (Path(name).name or "file")
        with local.open("w+b") as here, remote_stream(name) as there, suppress(_NoPartsError):
            here.truncate(size)
            return _asked(str(local), here, there, size, ask)
    return None


class _NoPartsError(Exception):
    """The place gives files as a whole alone, or not at all: fetching the whole will tell."""


def _fetched(there: BinaryIO, block: int, size: int) -> bytes:
    try:
        there.seek(block * BLOCK)
        found = there.read(BLOCK)
    except Exception as error:  # whatever fsspec's many parts raise
        raise _NoPartsError from error
    if len(found) != min(BLOCK, size - block * BLOCK):
        raise _NoPartsError
    return found


def _asked(local: str, here: BinaryIO, there: BinaryIO, size: int, ask: Ask) -> dict[str, Any] | None:
    count = -(-size // BLOCK)
    held: set[int] = set()
    wanted = {0, count - 1}
    while wanted:
        if len(held | wanted) > SHARE * count:
            return None
        for block in sorted(wanted):
            here.seek(block * BLOCK)
            here.write(_fetched(there, block, size))
        here.flush()
        held |= wanted
        answer = ask(local, sorted(held))
        if answer["state"] != "absent":
            return answer
        wanted = {int(block) for block in answer["blocks"] if 0 <= int(block) < count} - held
    return None

"""Copying a file at the speed of `cp`: inside the kernel where it can."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

BLOCK = 1 << 30


def copy_bytes(source: Path, target: Path) -> None:
    """Makes `target` byte for byte equal to `source`. Raises OSError where a disk refuses."""
    if not hasattr(os, "copy_file_range"):
        shutil.copyfile(source, target)
        return
    with source.open("rb") as reader, target.open("r+b" if target.exists() else "w+b") as writer:
        size = os.fstat(reader.fileno()).st_size
        writer.truncate(0)
        done = 0
        try:
            while done < size and (count := os.copy_file_range(reader.fileno(), writer.fileno(), min(BLOCK, size - done))):
                done += count
        except OSError:
            if done:
                raise
        if done < size:  # other file systems, or a kernel without it
            shutil.copyfileobj(reader, writer, 1 << 20)

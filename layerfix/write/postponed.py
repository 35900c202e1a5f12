"""A file that keeps a disk's refusal to itself until HDF5 has closed it: libhdf5 crashes the process where a write fails on the way."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class PostponedFile(io.FileIO):
    """An existing file open for changes, for HDF5 through h5py. After the first error nothing more is written.

    Attributes:
        fault: that error.
    """

    fault: OSError | None = None

    def write(self, data: Any) -> int:
        """Writes all of `data`, or seems to."""
        view = memoryview(data).cast("B")
        done = 0
        try:
            while done < len(view) and self.fault is None:
                done += super().write(view[done:]) or 0
        except OSError as error:
            self.fault = error
        return len(view)

    def truncate(self, size: int | None = None) -> int:
        """Cuts or extends the file, or seems to."""
        try:
            return super().truncate(size) if self.fault is None else int(size or 0)
        except OSError as error:
            self.fault = error
            return int(size or 0)


@contextmanager
def postponed(path: Path) -> Iterator[PostponedFile]:
    """A file for HDF5 to change.

    Raises:
        OSError: after the block, where the disk refused on the way, whatever HDF5 made of it.
    """
    with PostponedFile(path, "r+b") as file:
        try:
            yield file
        except Exception:
            if file.fault is None:
                raise
        if file.fault is not None:
            raise file.fault

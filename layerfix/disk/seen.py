"""What inputs were before they were read, so that nothing is written from a file that changed meanwhile."""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from layerfix.disk.hashing import file_sha256
from layerfix.errors import WriteError


@dataclass(frozen=True, slots=True)
class Seen:
    """Files that are read, and what they were before: (device, inode, size, time of change, SHA-256), or None for what was not there."""

    files: Mapping[Path, tuple[object, ...] | None]

    def sha256(self, path: Path) -> str | None:
        """Of a file as it was; None where it was not looked at."""
        state = self.files.get(path)
        return None if state is None or state[-1] is None else str(state[-1])

    def unchanged(self) -> None:
        """Looks again, at every byte.

        Raises:
            WriteError: where a file is not what it was.
        """
        for path, before in self.files.items():
            if _state(path) != before:
                message = "changed while it was being read; nothing was written."
                raise WriteError(message, where=str(path), hint="Run again when it is at rest.")


def seen(paths: Sequence[Path | str]) -> Seen:
    """What files are now; take it before anything of them is read."""
    return Seen({path: _state(path) for path in map(Path, paths)})


def _state(path: Path) -> tuple[object, ...] | None:
    try:
        state = path.stat()
        digest = file_sha256(path) if stat.S_ISREG(state.st_mode) else None
    except (OSError, ValueError):
        return None
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, digest)

"""Writes a document whole: a sibling temporary file, flushed to disk, renamed."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from layerfix.errors import WriteError


def save(document: str, output: Path, *, force: bool) -> None:
    """Puts `document` (UTF-8) under its final name, all of it or nothing.

    Raises:
        WriteError: where `output` exists and `force` is False, is a folder, or cannot be written.
    """
    if output.is_dir():
        raise WriteError("this is a folder.", where=str(output), hint="Give a file name.")
    if output.exists() and not force:
        raise WriteError("it exists already.", where=str(output), hint="Choose another name, or give --force to replace it.")
    data = document.encode("utf-8", "backslashreplace")
    try:
        _replace(data, output)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WriteError(
            f"it cannot be written ({reason}).", where=str(output), hint="Check the folder, its permissions and its free space."
        ) from error


def _replace(data: bytes, output: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{output.name[:60]}.", suffix=".tmp", dir=output.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, output)
    except BaseException:
        os.unlink(name)
        raise

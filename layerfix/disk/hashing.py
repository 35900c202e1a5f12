"""The hash of a whole file, in chunks."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import BinaryIO

from layerfix.disk.files import open_regular


def stream_sha256(stream: BinaryIO) -> str:
    """SHA-256 of what an open file holds from here on, as hex (`hashlib.file_digest` is younger than Python 3.10)."""
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    with path.open("rb") as file:
        return stream_sha256(file)


def known_sha256(path: Path) -> str | None:
    """SHA-256 of a file that may have gone since, or be no file here at all (a URL); None then."""
    try:
        with open_regular(path) as file:
            return stream_sha256(file)
    except (OSError, ValueError):
        return None

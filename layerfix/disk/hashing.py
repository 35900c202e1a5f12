"""The hash of a whole file, in chunks."""

from __future__ import annotations

import hashlib
from pathlib import Path

from layerfix.disk.files import open_regular


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def known_sha256(path: Path) -> str | None:
    """SHA-256 of a file that may have gone since, or be no file here at all (a URL); None then."""
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return None

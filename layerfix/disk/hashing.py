"""The hash of a whole file, in chunks."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from layerfix.disk.files import open_regular
from layerfix.disk.folders import parts


def stream_sha256(stream: BinaryIO) -> str:
    """SHA-256 of what an open file holds from here on, as hex (`hashlib.file_digest` is younger than Python 3.10)."""
    digest = hashlib.sha256()
    while chunk := stream.read(1 << 20):
        digest.update(chunk)
    return digest.hexdigest()


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, as hex; of the names and bytes of all files where a checkpoint is several."""
    files = parts(path)
    if files == (path,):
        with path.open("rb") as file:
            return stream_sha256(file)
    digest = hashlib.sha256()
    for one in files:
        with open_regular(one) as stream:
            digest.update(f"{one.relative_to(path.parent)!s}\0{stream_sha256(stream)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def known_sha256(path: Path) -> str | None:
    """SHA-256 of a file that may have gone since, or be no file here at all (a URL); None then."""
    try:
        with open_regular(path) as file:
            return stream_sha256(file)
    except (OSError, ValueError):
        return None


def content_sha256(path: Path) -> str | None:
    """SHA-256 of a file, or of the names and files in a folder (links to folders are not followed); None where there is neither."""
    if not path.is_dir():
        return known_sha256(path)
    digest = hashlib.sha256()
    for place, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(names):
            file = Path(place, name)
            digest.update(f"{file.relative_to(path)!s}\0{known_sha256(file)}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()

"""What a file is, by its bytes: suffixes lie."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from layerfix.disk.partial import open_here
from layerfix.errors import ReadError

Kind = Literal["hdf5", "zip"]
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
LFS_POINTER = b"version https://git-lfs"
FOREIGN = {
    b"\x1f\x8b": "compressed by gzip (unpack it first)",
    b"BZh": "compressed by bzip2 (unpack it first)",
    b"\xfd7zXZ": "compressed by xz (unpack it first)",
    b"\x28\xb5\x2f\xfd": "compressed by zstd (unpack it first)",
    b"\x93NUMPY": "a numpy array",
    b"\x80": "a Python pickle",
    b"SQLite format 3\0": "an SQLite database",
}
"""Beginnings of files that are taken for checkpoints. Others are not quoted: they may be a host file behind a link."""
WANTED = "A Keras checkpoint is an HDF5 file (.h5) or a .keras archive."


def sniff(path: Path) -> Kind:
    """Whether the file is HDF5 or a zip archive.

    Raises:
        ReadError: where it is missing, a folder, empty, or anything else, each in its own sentence.
    """
    head, size = _head(path)
    if _has_hdf5_signature(path, head, size):
        return "hdf5"
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    raise ReadError(_describe(head), where=str(path), hint=WANTED)


def _head(path: Path) -> tuple[bytes, int]:
    """The first bytes and the size of a regular file."""
    try:
        if path.is_dir():
            raise ReadError("is a folder, no checkpoint file.", where=str(path), hint="Name the file inside it.")
        if not path.exists():
            raise ReadError("does not exist.", where=str(path), hint="Check the path.")
        if not path.is_file():
            raise ReadError("is no regular file.", where=str(path), hint=WANTED)
        with open_here(path) as stream:
            head = stream.read(512)
            size = stream.seek(0, 2)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ReadError(f"cannot be opened ({reason}).", where=str(path), hint="Check the path and its permissions.") from error
    if size == 0:
        raise ReadError("is empty (0 bytes).", where=str(path), hint="Take another copy of the file.")
    return head, size


def _has_hdf5_signature(path: Path, head: bytes, size: int) -> bool:
    """HDF5 allows a user block: the signature is at 0, 512, 1024, 2048, ..."""
    if head.startswith(HDF5_SIGNATURE):
        return True
    offset = 512
    with open_here(path) as stream:
        while offset < min(size, 1 << 24):
            stream.seek(offset)
            if stream.read(8) == HDF5_SIGNATURE:
                return True
            offset *= 2
    return False


def _describe(head: bytes) -> str:
    if head.startswith(LFS_POINTER):
        return "is a Git LFS pointer, not the checkpoint itself (`git lfs pull` fetches it)."
    if HDF5_SIGNATURE.startswith(head[:8]):
        return f"is cut off after {len(head)} bytes."
    if head.startswith((b"{", b"[")):
        return "is a JSON text, no checkpoint; an architecture goes with a weights file by `--architecture`."
    if b"\0" not in head and _is_text(head):
        return "is a text file, no checkpoint."
    known = next((name for start, name in FOREIGN.items() if head.startswith(start)), None)
    return f"is {known}, no checkpoint." if known else "is neither HDF5 nor a zip archive."


def _is_text(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4 and len(head) == 512
    return True

"""Line endings translated by FTP in text mode, by git or by an editor: recognised by HDF5's signature, which was made for that.

"\\r\\n" and "\\n" in the signature (II.A) tell what became of line feeds. Where a carriage return was put
before every line feed, taking it away is the exact inverse. Where some were taken away, nobody knows
which, and the addresses behind each are wrong by one.
"""

from __future__ import annotations

from mmap import mmap

from layerfix.scavenge.image import Image, attempt
from layerfix.scavenge.superblock import SIGNATURE, superblock

WIDENED = (b"\x89HDF\r\r\n\x1a\r\n", b"\x89HDF\r\n\x1a\r\n")
ARCHIVE, ENOUGH = b"PK", 4
"""How a zip archive begins, which has no such mark: four line feeds in a row have a carriage return each by chance once in 2^32."""
NARROWED = b"\x89HDF\n\x1a\n"


def repaired(data: mmap | bytes) -> tuple[bytes, str] | None:
    """The bytes before the translation, and what was undone; None where no translation is to be seen."""
    whole = bytes(data) if bytes(data[:10]) == WIDENED[0] or bytes(data[:2]) == ARCHIVE else b""
    count = whole.count(b"\n")
    if count >= ENOUGH and count == whole.count(b"\r\n"):
        return whole.replace(b"\r\n", b"\n"), "every line feed had become CR LF; that is undone exactly"
    return None


def restored(data: mmap | bytes) -> tuple[bytes, str] | None:
    """The bytes before carriage returns were taken out, where the signature's was the only one: the length that the file states tells."""
    if bytes(data[: len(NARROWED)]) != NARROWED:
        return None
    whole = SIGNATURE + bytes(data[len(NARROWED) :])
    block = attempt(superblock, Image(whole))
    if block is None or block.end != len(whole):
        return None
    return whole, "the carriage return of its signature was taken out, and no other: its length is the one that it states"


def narrowed(data: mmap | bytes) -> bool:
    """Whether carriage returns were taken out."""
    return bytes(data[: len(NARROWED)]) == NARROWED or bytes(data[:9]) == WIDENED[1]

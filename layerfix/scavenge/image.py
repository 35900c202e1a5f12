"""The bytes of a damaged file, read with bounds: what is not there raises `Torn`, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from mmap import mmap
from typing import Any, TypeVar

Found = TypeVar("Found")
UNDEFINED = 0xFFFF_FFFF_FFFF_FFFF
"""The undefined address (II. Disk Format: "all bits set")."""


class Torn(ValueError):  # noqa: N818  the state of bytes, not a failure of the run
    """Bytes that should be there are not, or they do not follow the grammar."""


def attempt(parse: Callable[..., Found], *given: Any) -> Found | None:
    """What a parser reads, or None where the bytes are torn."""
    try:
        return parse(*given)
    except Torn:
        return None


@dataclass(frozen=True, slots=True)
class Image:
    """A file's bytes.

    Attributes:
        data: all of them, for searching.
        base: position of address 0 (behind a user block or leading garbage).
        inner: whether it lies in another file, so that nothing says where a disk's sectors begin.
    """

    data: mmap | bytes
    base: int = 0
    inner: bool = False

    @property
    def size(self) -> int:
        """Bytes from address 0 on."""
        return max(0, len(self.data) - self.base)

    def take(self, address: int, size: int) -> bytes:
        """`size` bytes at an address. Raises Torn where the file does not hold them all."""
        if address < 0 or size < 0 or address + size > self.size:
            raise Torn(f"{size} bytes at {address} are not all there")
        start = self.base + address
        return self.data[start : start + size]

    def present(self, address: int, size: int) -> int:
        """How many of `size` bytes at an address the file holds."""
        return max(0, min(size, self.size - address)) if address >= 0 else 0

    def find(self, pattern: bytes) -> Iterator[int]:
        """Every address at which a pattern stands."""
        at = self.data.find(pattern, self.base)
        while at >= 0:
            yield at - self.base
            at = self.data.find(pattern, at + 1)


class Cursor:
    """Reads little-endian fields one behind the other."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self.data) - self.at

    def take(self, size: int) -> bytes:
        """The next bytes. Raises Torn where they are not all there."""
        if size < 0 or size > self.left:
            raise Torn(f"{size} bytes wanted, {self.left} left")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, size: int) -> int:
        """The next unsigned number of that many bytes."""
        return int.from_bytes(self.take(size), "little")

    def expect(self, wanted: bytes) -> None:
        """Raises Torn where the next bytes are others."""
        found = self.take(len(wanted))
        if found != wanted:
            raise Torn(f"{found!r} where {wanted!r} should be")

    def pad(self, size: int, multiple: int = 8) -> None:
        """Skips what fills a field of `size` bytes up to a multiple."""
        self.take(-size % multiple)

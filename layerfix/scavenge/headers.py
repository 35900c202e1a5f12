"""Object headers, by address and by search (IV.A.1): the grammar tells a header from any other bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from layerfix.scavenge.checksum import lookup3
from layerfix.scavenge.image import Cursor, Image, Torn
from layerfix.scavenge.messages import CONTINUATION, LAST_TYPE

SIGNATURE = b"OHDR"
MAX_BLOCK = 1 << 24
MAX_BLOCKS = 4096
_FIRST = re.compile(
    rb"\x01\x00(?=[\x00-\xff]{2}[\x01-\xff]\x00\x00\x00[\x00-\xff]{3}\x00\x00\x00\x00\x00"
    rb"[\x00-\x18]\x00[\x00-\xff]{2}[\x00-\x7f]\x00\x00\x00)"
)
"""Version 1: version, messages, references, size, four empty bytes; then a first message."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its type, its data, and whether it only refers to one elsewhere."""

    type: int
    data: bytes
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    """An object header.

    Attributes:
        address: where it begins.
        messages: those that could be read.
        spans: (address, end) of its blocks.
        torn: whether a part of it is missing or broken.
        broken: whether bytes that are there break the grammar; what the file ends before is only torn.
    """

    address: int
    messages: tuple[Message, ...]
    spans: tuple[Span, ...]
    torn: bool
    broken: bool = False

    def of(self, kind: int) -> Iterator[Cursor]:
        """The messages of a type."""
        return (Cursor(m.data) for m in self.messages if m.type == kind and not m.shared)

    def one(self, kind: int) -> Cursor:
        """The message of a type. Raises Torn where there is none."""
        found = next(self.of(kind), None)
        if found is None:
            raise Torn(f"no message of type {kind:#x}")
        return found


def header(image: Image, address: int) -> Header:
    """The header at an address, of either version. Raises Torn where none begins there."""
    start = image.take(address, 4)
    return _second(image, address) if start == SIGNATURE else _first(image, address)


def search(image: Image) -> Iterator[int]:
    """Addresses at which a header may begin."""
    for match in _FIRST.finditer(image.data, image.base):
        yield match.start() - image.base
    yield from image.find(SIGNATURE)


def _first(image: Image, address: int) -> Header:
    """Version 1 (IV.A.1.a): the count of messages and the tiling of its blocks must agree."""
    cursor = Cursor(image.take(address, 16))
    cursor.expect(b"\x01\x00")
    count, references, size = cursor.number(2), cursor.number(4), cursor.number(4)
    if not 0 < references < 1 << 16 or not 8 <= size < MAX_BLOCK or count > size // 8 + 8 * MAX_BLOCKS:
        raise Torn("no object header")
    found = _read(image, address, (address + 16, size), old=True)
    if not found.messages or (not found.torn and len(found.messages) != count):
        return replace(found, torn=True, broken=True) if found.messages else _none()
    return found


def _second(image: Image, address: int) -> Header:
    """Version 2 (IV.A.1.b), with a checksum over each block."""
    cursor = Cursor(image.take(address, min(48, image.size - address)))
    cursor.expect(SIGNATURE + b"\x02")
    flags = cursor.number(1)
    cursor.take((16 if flags & 32 else 0) + (4 if flags & 16 else 0))
    size = cursor.number(1 << (flags & 3))
    if size >= MAX_BLOCK:
        raise Torn("no object header")
    found = _read(image, address, (address + cursor.at, size), old=False, ordered=bool(flags & 4))
    return found if found.messages or not found.torn else _none()


def _none() -> Header:
    raise Torn("no message in it can be read")


def _read(image: Image, address: int, block: Span, *, old: bool, ordered: bool = False) -> Header:
    """All blocks of a header, continuation after continuation."""
    blocks = [block]
    messages: list[Message] = []
    spans: list[Span] = []
    torn, broken, seen = False, False, {block[0]}
    while blocks:
        at, size = blocks.pop(0)
        begin = address if not spans else at
        there = image.present(at, size + (0 if old else 4))
        torn |= there < size
        data = image.take(at, min(there, size)) if there else b""
        spans += [(begin, at + there)] if there else []
        if not old and there == size + 4:
            lead = image.take(begin if at != begin else at - 4, at - begin if at != begin else 4)
            broken |= lookup3(lead + data) != int.from_bytes(image.take(at + size, 4), "little")
        found, clean = _messages(data, old=old, ordered=ordered)
        broken |= not clean and there >= size
        messages += found
        for place, length in _continued(found):
            if place in seen or len(seen) > MAX_BLOCKS or not 8 <= length < MAX_BLOCK:
                broken = True
                continue
            seen.add(place)
            blocks.append((place, length) if old else (place + 4, length - 8))
            broken |= not old and image.present(place, 4) == 4 and image.take(place, 4) != b"OCHK"
    return Header(address, tuple(messages), tuple(spans), torn or broken, broken)


def _continued(found: list[Message]) -> Iterator[Span]:
    """Where a header goes on (IV.A.2.q)."""
    for message in found:
        if message.type == CONTINUATION and len(message.data) >= 16:
            cursor = Cursor(message.data)
            yield cursor.number(8), cursor.number(8)


def _messages(data: bytes, *, old: bool, ordered: bool) -> tuple[list[Message], bool]:
    """The messages of a block, up to the first that breaks the grammar, and whether none does."""
    found: list[Message] = []
    cursor = Cursor(data)
    least = 8 if old else 4 + 2 * ordered
    try:
        while cursor.left >= least:
            kind, size, flags = cursor.number(2 if old else 1), cursor.number(2), cursor.number(1)
            if old:
                cursor.expect(b"\0\0\0")
            elif ordered:
                cursor.take(2)
            if kind > LAST_TYPE or (old and size % 8):
                raise Torn(f"no message: type {kind}")
            found.append(Message(kind, cursor.take(size), bool(flags & 2)))
    except Torn:
        return found, False
    return found, not (old and cursor.left)

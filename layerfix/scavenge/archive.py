"""Members of a zip archive from their local headers, or from what is left of its directory, each against its CRC-32 (APPNOTE.TXT 4.3)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from mmap import mmap

from layerfix.scavenge.image import Cursor, Image, Torn, attempt

LOCAL, CENTRAL, END, DESCRIPTOR = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x07\x08"
STORED, DEFLATED = 0, 8
MAX_MEMBERS = 10_000
RATIO, SLACK = 1100, 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """A member of an archive.

    Attributes:
        name: as its header says.
        data: its bytes, unpacked; where it is cut, those that are there.
        whole: whether all of them are there and CRC-32 says that they are right.
        why: what is wrong with it.
    """

    name: str
    data: bytes
    whole: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the directory says of a member: where its header begins, how it is kept, its stored bytes, its CRC-32.

    `bare` is whether nothing stands behind its bytes: no data descriptor.
    """

    name: str
    at: int
    method: int
    packed: int
    crc: int
    bare: bool


@dataclass(frozen=True, slots=True)
class _Common:
    """The fields that a local header (4.3.7) and an entry of the directory (4.3.12) share; sizes are of the name and the extra field."""

    flags: int
    method: int
    crc: int
    packed: int
    unpacked: int
    name_size: int
    extra_size: int


def _common(cursor: Cursor) -> _Common:
    flags, method = cursor.number(2), cursor.number(2)
    cursor.take(4)
    return _Common(flags, method, *(cursor.number(size) for size in (4, 4, 4, 2, 2)))


def _texts(image: Image, at: int, common: _Common) -> tuple[str, bytes]:
    """The name and the extra field that stand behind a header. Raises Torn where the name is no member's."""
    name = image.take(at, common.name_size).decode("utf-8", "replace")
    if common.flags & 1 or not _plain(name, common.method):
        raise Torn("no member")
    return name, image.take(at + common.name_size, common.extra_size)


def is_complete(data: mmap | bytes, held: Sequence[Member]) -> bool:
    """Whether the directory is there to its end, and every member that it lists is whole."""
    listed = [entry.name for entry in entries(data)]
    at = data.rfind(END)
    count = int.from_bytes(data[at + 10 : at + 12], "little") if at >= 0 else -1
    return count == len(listed) and set(listed) <= {member.name for member in held if member.whole}


def members(data: mmap | bytes) -> tuple[Member, ...]:
    """Every member whose local header or whose entry in the directory is there. The last of a name counts, as for `zipfile`."""
    found = _by_headers(data)
    listed = [*entries(data)]
    ends = [*(entry.at for entry in listed), data.find(CENTRAL)]
    for entry in listed:
        if entry.name not in found and entry.bare:
            end = min((at for at in ends if at > entry.at), default=0)
            start = end - entry.packed  # its header is lost, but it ends where the next one begins
            if entry.at < start:
                found[entry.name] = _checked(entry.name, data[start:end], entry.method, entry.packed, entry.crc)
    return tuple(found.values())


def entries(data: mmap | bytes) -> Iterator[Entry]:
    """The directory's entries that can be read (4.3.12)."""
    image, at = Image(data), _directory(data)
    for _ in range(MAX_MEMBERS):
        entry = attempt(_entry, image, at) if at >= 0 else None
        if entry is None:
            return
        yield entry[0]
        at = entry[1]


def _directory(data: mmap | bytes) -> int:
    """Where the directory begins: as its end says (4.3.16), or at the first signature of an entry; -1 where none is."""
    end = data.rfind(END)
    stated = int.from_bytes(data[end + 16 : end + 20], "little") if end >= 0 else -1
    return stated if stated >= 0 and data[stated : stated + 4] == CENTRAL else data.find(CENTRAL)


def _entry(image: Image, at: int) -> tuple[Entry, int]:
    cursor = Cursor(image.take(at, 46))
    cursor.expect(CENTRAL)
    cursor.take(4)
    held = _common(cursor)
    comment_size = cursor.number(2)
    cursor.take(8)
    place = cursor.number(4)
    name, extra = _texts(image, at + 46, held)
    packed, _ = _long(extra, held.packed, held.unpacked)
    entry = Entry(name, place, held.method, packed, held.crc, not held.flags & 8)
    return entry, at + 46 + held.name_size + held.extra_size + comment_size


def _plain(name: str, method: int) -> bool:
    return method in (STORED, DEFLATED) and bool(name) and not name.startswith("/") and ".." not in name.split("/")


def _by_headers(data: mmap | bytes) -> dict[str, Member]:
    image, at = Image(data), 0
    found: dict[str, Member] = {}
    while len(found) < MAX_MEMBERS:
        at = data.find(LOCAL, at)
        if at < 0:
            break
        try:
            member, at = _member(image, at)
            found[member.name] = member
        except Torn:
            at += 4
    return found


def _member(image: Image, at: int) -> tuple[Member, int]:
    cursor = Cursor(image.take(at, 30))
    cursor.expect(LOCAL)
    cursor.take(2)
    held = _common(cursor)
    name, extra = _texts(image, at + 30, held)
    start = at + 30 + held.name_size + held.extra_size
    packed, _ = _long(extra, held.packed, held.unpacked)
    crc = held.crc
    if held.flags & 8 and not packed:
        packed, crc = _described(image, start)
    there = image.take(start, image.present(start, packed))
    return _checked(name, there, held.method, packed, crc), start + len(there)


def _long(extra: bytes, packed: int, size: int) -> tuple[int, int]:
    """Sizes from the ZIP64 field, where the header has no room for them (4.5.3)."""
    cursor = Cursor(extra)
    while cursor.left >= 4 and 0xFFFF_FFFF in (packed, size):
        kind, length = cursor.number(2), cursor.number(2)
        field = Cursor(cursor.take(length))
        if kind == 1:
            size = field.number(8) if size == 0xFFFF_FFFF else size
            packed = field.number(8) if packed == 0xFFFF_FFFF else packed
    return packed, size


def _described(image: Image, start: int) -> tuple[int, int]:
    """Size and CRC from the data descriptor behind a member (4.3.9), or the rest of the file where it is lost."""
    at = image.data.find(DESCRIPTOR, start)
    while at >= 0:
        for width in (4, 8):
            if image.present(at + 8, width) == width:
                packed = int.from_bytes(image.take(at + 8, width), "little")
                if packed == at - start:
                    return packed, int.from_bytes(image.take(at + 4, 4), "little")
        at = image.data.find(DESCRIPTOR, at + 1)
    ends = [end for mark in (LOCAL, CENTRAL, END) if (end := image.data.find(mark, start)) >= 0]
    return (min(ends) if ends else image.size) - start, -1


def _checked(name: str, there: bytes, method: int, packed: int, crc: int) -> Member:
    cut = len(there) < packed
    try:
        data = there if method == STORED else _inflated(there)
    except zlib.error as error:
        return Member(name, b"", False, f"its compressed bytes are broken ({error})")
    if cut:
        return Member(name, data, False, f"it is cut off: {len(there)} of {packed} bytes are there")
    if crc < 0:
        return Member(name, data, False, "its CRC-32 is lost")
    if zlib.crc32(data) != crc:
        return Member(name, data, False, "its CRC-32 is wrong")
    return Member(name, data, True)


def _inflated(there: bytes) -> bytes:
    """As much as a raw deflate stream gives, up to what no honest one exceeds."""
    stream = zlib.decompressobj(-15)
    most = RATIO * len(there) + SLACK
    pieces, total, rest = [], 0, there
    try:
        while rest and total < most and not stream.eof:
            piece = stream.decompress(rest, 1 << 20)
            pieces.append(piece)
            total += len(piece)
            rest = stream.unconsumed_tail
    except zlib.error:
        if not pieces:
            raise
    return b"".join(pieces)

"""Members of a zip archive from their local headers, or from what is left of its directory, each against its CRC-32 (APPNOTE.TXT 4.3)."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
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
        at: where its header begins.
    """

    name: str
    data: bytes
    whole: bool
    why: str = ""
    at: int = -1


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
    listed = [*entries(data)]
    alone = min((entry.at for entry in listed), default=0) == data.find(LOCAL)
    return alone and _is_full(data, listed) and {entry.name for entry in listed} <= {member.name for member in held if member.whole}


def _is_full(data: mmap | bytes, listed: Sequence[Entry]) -> bool:
    """Whether these entries are as many as the directory's end tells, and the file ends with it."""
    at = data.rfind(END)
    count, comment = (int.from_bytes(data[at + field : at + field + 2], "little") for field in (10, 20))
    return at >= 0 and count == len(listed) and at + 22 + comment == len(data)


def members(data: mmap | bytes) -> tuple[Member, ...]:
    """Every member whose local header or whose entry in the directory is there.

    Where the directory is whole it says which members there are, and how they are named: others are what an archive before it left. Where
    none is, a name that comes again begins another archive, and what stood before is left out: two epochs are not mixed.
    """
    listed = [*entries(data)]
    places = {entry.at: entry.name for entry in listed} if _is_full(data, listed) else {}
    found: dict[str, Member] = {}
    for member in _by_headers(data):
        if places and places.get(member.at) != member.name:
            continue
        if member.name in found and not places:
            found.clear()
            listed = listed if _directory(data)[0] > member.at else []
        found[member.name] = member
    ends = [*(entry.at for entry in listed), _directory(data)[0]]
    for entry in listed:
        if entry.name not in found and entry.bare:
            end = min((at for at in ends if at > entry.at), default=0)
            start = end - entry.packed  # its header is lost, but it ends where the next one begins
            if entry.at < start:
                found[entry.name] = _checked(entry.name, data[start:end], entry.method, entry.packed, entry.crc)
    return tuple(found.values())


def entries(data: mmap | bytes) -> Iterator[Entry]:
    """The directory's entries that can be read (4.3.12)."""
    image = Image(data)
    at, moved = _directory(data)
    for _ in range(MAX_MEMBERS):
        entry = attempt(_entry, image, at) if at >= 0 else None
        if entry is None:
            return
        yield replace(entry[0], at=entry[0].at + moved)
        at = entry[1]


def _directory(data: mmap | bytes) -> tuple[int, int]:
    """Where the directory begins, and by how much the archive is moved: what its end says (4.3.16) of its size and its place differs where
    bytes stand before it. Without an end, at the first signature of an entry; -1 where none is."""
    end = data.rfind(END)
    size, stated = (int.from_bytes(data[end + at : end + at + 4], "little") for at in (12, 16)) if end >= 0 else (0, 0)
    for at in (end - size, stated):
        if end >= 0 and 0 <= at < end and data[at : at + 4] == CENTRAL:
            return at, at - stated
    return data.find(CENTRAL), 0


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


def _by_headers(data: mmap | bytes) -> Iterator[Member]:
    image, at = Image(data), 0
    for _ in range(MAX_MEMBERS):
        at = data.find(LOCAL, at)
        if at < 0:
            return
        try:
            member, end = _member(image, at)
            yield replace(member, at=at)
            at = end
        except Torn:
            at += 4


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

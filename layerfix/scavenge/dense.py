"""Many links or attributes of one object: the fractal heap's direct blocks, read one after another (III.G)."""

from __future__ import annotations

from collections.abc import Iterator

from layerfix.scavenge import messages
from layerfix.scavenge.image import UNDEFINED, Cursor, Image, Torn

MAX_ITEMS = 100_000


def entries(image: Image, info: Cursor, *, links: bool) -> list[bytes]:
    """The messages that a link info or attribute info message leads to, as far as they are there.

    A fresh heap is filled from the front and each message tells its own length, so that its name
    index is not needed. What comes behind a hole is not found.
    """
    try:
        heap = messages.dense(info, links=links)
        head = Cursor(image.take(heap, 142))
        head.expect(b"FRHP\x00")
        head.take(4)
        flags = head.number(1)
        head.take(4 + 8)
        huge = head.number(8)
        head.take(8 * 10 + 2 + 8 + 8)
        width = -(-head.number(2) // 8)
    except Torn:
        return []
    found = []
    for address in image.find(b"FHDB\x00" + heap.to_bytes(8, "little")):
        found += list(_managed(image, address, 13 + width + (4 if flags & 2 else 0), links=links))
        if len(found) > MAX_ITEMS:
            break
    return found if links or huge == UNDEFINED else found + list(_huge(image, huge))


def _managed(image: Image, block: int, lead: int, *, links: bool) -> Iterator[bytes]:
    """The objects of a direct block."""
    at = block + lead
    while True:
        data = image.take(at, image.present(at, 1 << 16))
        cursor = Cursor(data)
        try:
            (messages.link if links else messages.attribute)(cursor)
        except Torn:
            return
        yield data[: cursor.at]
        at += cursor.at


def _huge(image: Image, address: int) -> Iterator[bytes]:
    """Objects of their own: the leaf of a version 2 B-tree of type 1 leads to them (III.A.2)."""
    try:
        head = Cursor(image.take(address, 38))
        head.expect(b"BTHD\x00\x01")
        head.take(6)
        depth = head.number(2)
        head.take(2)
        leaf, count = head.number(8), head.number(2)
        rows = Cursor(image.take(leaf, 6 + 24 * count))
        rows.expect(b"BTLF\x00\x01")
        if depth:
            raise Torn("more large attributes than one leaf holds")
        for _ in range(count):
            place, size = rows.number(8), rows.number(8)
            rows.take(8)
            yield image.take(place, size)
    except Torn:
        return

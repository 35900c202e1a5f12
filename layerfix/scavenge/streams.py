"""Compressed chunks that are whole, wherever they stand: a zlib stream ends with a checksum of what it holds (RFC 1950)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Mapping

from layerfix.scavenge.image import Image

_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
"""Deflate with a window of 32 KiB, of each level (RFC 1950, 2.2)."""
_FIRST, _PIECE = 1 << 10, 1 << 16
MAX_STREAMS = 1 << 16
Streams = Mapping[int, Mapping[int, int]]
"""By the bytes that they give: by the address of each, the bytes that it takes."""


def streams(image: Image, wanted: Collection[int]) -> Streams:
    """Every stream that gives one of the wanted numbers of bytes."""
    found: dict[int, dict[int, int]] = {size: {} for size in wanted}
    most, count, end = max(wanted, default=0), 0, 0
    for match in _HEADER.finditer(image.data, image.base) if wanted else ():
        address = match.start() - image.base
        if address < end or count >= MAX_STREAMS:
            continue
        gives, takes = _read(image, address, most)
        if gives in found:
            found[gives][address] = takes
            count, end = count + 1, address + takes
    return found


def _read(image: Image, address: int, most: int) -> tuple[int, int]:
    """How many bytes a stream at an address gives and takes; (-1, 0) where none is or it gives more than the most that is wanted."""
    stream, gives, at, piece = zlib.decompressobj(), 0, address, _FIRST
    while not stream.eof:
        data = image.take(at, image.present(at, piece))
        try:
            gives += len(stream.decompress(data, most + 1 - gives))
        except zlib.error:
            return -1, 0
        if not data or gives > most or stream.unconsumed_tail:
            return -1, 0
        at, piece = at + len(data), _PIECE
    return gives, at - len(stream.unused_data) - address

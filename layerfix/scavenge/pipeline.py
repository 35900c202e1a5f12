"""Undoing the filters of a chunk: deflate, shuffle, fletcher32, with what they prove about its bytes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

from layerfix.scavenge.checksum import fletcher32
from layerfix.scavenge.image import Torn
from layerfix.scavenge.messages import DEFLATE, FLETCHER32, SHUFFLE

CHECKED = frozenset({DEFLATE, FLETCHER32})
"""Filters that carry a checksum: deflate's streams end with Adler-32 (RFC 1950)."""


def unfiltered(data: bytes, pipeline: Sequence[int], mask: int, size: int, itemsize: int) -> tuple[bytes, bool]:
    """A chunk's `size` bytes, and whether a checksum proves them.

    Args:
        data: as stored.
        pipeline: identifiers of filters in the order of writing.
        mask: a bit for each filter that was left out for this chunk.

    Raises:
        Torn: where a checksum is wrong, a stream is broken, or a filter is not known.
    """
    applied = [name for bit, name in enumerate(pipeline) if not mask >> bit & 1]
    for name in reversed(applied):
        if name == DEFLATE:
            data = inflated(data, size + 4)
        elif name == SHUFFLE:
            data = _unshuffled(data, itemsize)
        elif name == FLETCHER32:
            data = _summed(data)
        else:
            raise Torn(f"filter {name} is not known")
    if len(data) != size:
        raise Torn(f"a chunk of {len(data)} bytes instead of {size}")
    return data, bool(CHECKED & set(applied))


def inflated(data: bytes, most: int) -> bytes:
    """A whole zlib stream of at most that many bytes. Raises Torn."""
    stream = zlib.decompressobj()
    try:
        found = stream.decompress(data, most + 1)
    except zlib.error as error:
        raise Torn(f"a compressed chunk is broken ({error})") from error
    if not stream.eof or len(found) > most:
        raise Torn("a compressed chunk does not end")
    return found


def _unshuffled(data: bytes, itemsize: int) -> bytes:
    whole = len(data) // itemsize * itemsize
    lanes = np.frombuffer(data, np.uint8, whole).reshape(itemsize, -1)
    return np.ascontiguousarray(lanes.T).tobytes() + data[whole:]


def _summed(data: bytes) -> bytes:
    if len(data) < 4 or fletcher32(data[:-4]) != int.from_bytes(data[-4:], "little"):
        raise Torn("a chunk's Fletcher-32 is wrong")
    return data[:-4]

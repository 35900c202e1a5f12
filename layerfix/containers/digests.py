"""Identity of tensors: equal bits, and SHA-256 that is the same whatever layout or byte order they are stored in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np

from layerfix.arrays import Array


def digest(array: Array) -> str:
    """SHA-256 (hex) of the array's elements in C order, little-endian. Shape and dtype are not part of it."""
    return digest_chunks([array])


def digest_chunks(chunks: Iterable[Array]) -> str:
    """SHA-256 (hex) of consecutive pieces of one tensor in C order; equals `digest` of the whole."""
    state = hashlib.sha256()
    for chunk in chunks:
        state.update(memoryview(little_endian(chunk)).cast("B") if chunk.size else b"")
    return state.hexdigest()


def little_endian(array: Array) -> Array:
    """The array in C order with little-endian elements; itself where it already is."""
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))


def equal_bits(one: Array, two: Array) -> bool:
    """Whether two arrays have the same shape, dtype and bytes (NaN equals itself, 0.0 differs from -0.0)."""
    if one.shape != two.shape or one.dtype != two.dtype:
        return False
    width = one.dtype.itemsize
    kind = f"u{width}" if width in (1, 2, 4, 8) else np.uint8
    first, second = np.ascontiguousarray(one).reshape(-1), np.ascontiguousarray(two).reshape(-1)
    return bool(np.array_equal(first.view(kind), second.view(kind)))

"""Checksums that files carry: Jenkins' lookup3 and Fletcher-32 of HDF5, CRC-32C of TensorFlow's checkpoints."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WORD = 0xFFFF_FFFF
_LANES = 1 << 14
_BLOCK = 1 << 20


def lookup3(data: bytes) -> int:
    """Bob Jenkins' hash of metadata from version 2 on (H5checksum.c, `H5_checksum_lookup3`, initval 0)."""
    a = b = c = (0xDEADBEEF + len(data)) & _WORD
    at = 0
    while len(data) - at > 12:
        x, y, z = np.frombuffer(data, "<u4", 3, at).tolist()
        a, b, c = _mix((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)
        at += 12
    if at == len(data):
        return c
    x, y, z = np.frombuffer(data[at:].ljust(12, b"\0"), "<u4").tolist()
    return _final((a + x) & _WORD, (b + y) & _WORD, (c + z) & _WORD)


def _rotate(value: int, by: int) -> int:
    return ((value << by) | (value >> (32 - by))) & _WORD


def _mix(a: int, b: int, c: int) -> tuple[int, int, int]:
    for by in (4, 6, 8, 16, 19, 4):
        a = ((a - c) & _WORD) ^ _rotate(c, by)
        c = (c + b) & _WORD
        a, b, c = b, c, a
    return a, b, c


def _final(a: int, b: int, c: int) -> int:
    for by in (14, 11, 25, 16, 4, 14, 24):
        c = ((c ^ b) - _rotate(b, by)) & _WORD
        a, b, c = b, c, a
    return b


def fletcher32(data: bytes) -> int:
    """The checksum that the fletcher32 filter appends (H5checksum.c, `H5_checksum_fletcher32`)."""
    words = np.frombuffer(data, ">u2", len(data) // 2).astype(np.uint64)
    total, weighted = int(words.sum()), 0
    for start in range(0, len(words), _BLOCK):  # one block's weighted sum stays below 2^64
        block = words[start : start + _BLOCK]
        weights = np.arange(len(words) - start, len(words) - start - len(block), -1)
        weighted += int((weights.astype(np.uint64) * block).sum())
    if len(data) % 2:
        total += data[-1] << 8
        weighted += total
    return (_folded(weighted) << 16) | _folded(total)


def _folded(value: int) -> int:
    """A sum in ones' complement of 16 bits, where only a sum of zeros is 0."""
    return (value - 1) % 0xFFFF + 1 if value else 0


def crc32c(data: bytes | memoryview) -> int:
    """CRC-32C (Castagnoli), many lanes of the data at a time."""
    length = len(data) // _LANES
    state = _WORD
    if length >= 16:
        lanes = np.frombuffer(data, np.uint8, length * _LANES).reshape(_LANES, length)
        state = _joined(_lanes(lanes), length, state)
        data = data[length * _LANES :]
    for byte in bytes(data):
        state = _TABLE_LIST[(state ^ byte) & 0xFF] ^ (state >> 8)
    return state ^ _WORD


def unmasked(value: int) -> int:
    """The CRC that LevelDB's and TensorFlow's masked one stands for (tensorflow/core/lib/hash/crc32c.h)."""
    rotated = (value - 0xA282EAD8) & _WORD
    return ((rotated >> 17) | (rotated << 15)) & _WORD


def _table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0x82F63B78), table >> 1)
    return table


_TABLE = _table()
_TABLE_LIST = _TABLE.tolist()


def _lanes(lanes: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """The state of each lane that begins with 0."""
    state = np.zeros(len(lanes), np.uint32)
    for column in np.ascontiguousarray(lanes.T):
        state = _TABLE[(state ^ column) & 0xFF] ^ (state >> 8)
    return state


def _joined(states: NDArray[np.uint32], length: int, first: int) -> int:
    """The state behind all lanes: CRC is linear, so that a state passes over a lane as a matrix over GF(2)."""
    powers = 1 << np.arange(32, dtype=np.uint32)
    columns = powers.copy()
    for _ in range(length):
        columns = _TABLE[columns & 0xFF] ^ (columns >> 8)
    matrix = columns.tolist()
    state = first
    for lane in states.tolist():
        moved = 0
        for bit in range(32):
            if state >> bit & 1:
                moved ^= matrix[bit]
        state = moved ^ lane
    return state

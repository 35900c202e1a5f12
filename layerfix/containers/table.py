"""LevelDB's table format, as far as TensorFlow's checkpoint index uses it (github.com/google/leveldb, doc/table_format.md)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from layerfix.containers.protobuf import varint

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
TRAILER = 5
"""Bytes behind every block: compression type and checksum."""


def read_table(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """All (key, value) pairs of a table, in key order.

    Raises:
        ValueError: where the bytes are no table, damaged, or compressed (TensorFlow writes none).
    """
    for block, _ in blocks(data):
        yield from entries(block)


def blocks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The blocks of pairs, each with what stands behind it: the compression's type, and the masked CRC-32C of both.

    Raises:
        ValueError: as `read_table`.
    """
    if len(data) < FOOTER or struct.unpack("<Q", data[-8:])[0] != MAGIC:
        raise ValueError("it does not end like a checkpoint index")
    _, at = _handle(data, len(data) - FOOTER)
    index, _ = _handle(data, at)
    for _, handle in entries(_block(data, *index)):
        (offset, size), _ = _handle(handle, 0)
        yield _block(data, offset, size), data[offset + size : offset + size + TRAILER]


def _handle(data: bytes, at: int) -> tuple[tuple[int, int], int]:
    offset, at = varint(data, at)
    size, at = varint(data, at)
    return (offset, size), at


def _block(data: bytes, offset: int, size: int) -> bytes:
    if offset + size + TRAILER > len(data):
        raise ValueError("a block is cut off")
    if data[offset + size] != 0:
        raise ValueError("its blocks are compressed, which TensorFlow does not do")
    return data[offset : offset + size]


def entries(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The pairs of a block share the beginning of their keys with the one before; restart points at the end only serve searching.

    Raises:
        ValueError: where one is cut off.
    """
    if len(block) < 4:
        raise ValueError("a block is too short")
    end = len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    at, key = 0, b""
    while at < end:
        shared, at = varint(block, at)
        unshared, at = varint(block, at)
        length, at = varint(block, at)
        if at + unshared + length > end:
            raise ValueError("an entry is cut off")
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        yield key, block[at : at + length]
        at += length

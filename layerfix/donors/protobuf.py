"""Just enough of the protocol buffer wire format to read TensorFlow's checkpoint index (protobuf.dev/programming-guides/encoding)."""

from __future__ import annotations

from collections.abc import Iterator


def varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at a position and the position behind it. Raises ValueError where it does not end."""
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a number does not end")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(field number, value) of a message; numbers as int, the rest as bytes. Raises ValueError on damage."""
    at = 0
    while at < len(data):
        tag, at = varint(data, at)
        wire = tag & 7
        if wire == 0:
            number, at = varint(data, at)
            yield tag >> 3, number
            continue
        if wire == 2:
            length, at = varint(data, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"unknown wire type {wire}")
        if at + length > len(data):
            raise ValueError("a field is cut off")
        yield tag >> 3, data[at : at + length]
        at += length

"""Just enough of the protocol buffer wire format to read TensorFlow's and ONNX's files (protobuf.dev/programming-guides/encoding)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

Bytes = bytes | memoryview
T = TypeVar("T", bytes, memoryview)


def varint(data: Bytes, at: int) -> tuple[int, int]:
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


def messages(data: memoryview, wanted: int) -> Iterator[memoryview]:
    """The values of one field, each as a view of the message's bytes. Raises ValueError on damage."""
    return (value for number, value in fields(data) if number == wanted and isinstance(value, memoryview))


def packed(data: Bytes) -> list[int]:
    """Numbers stored one behind the other. Raises ValueError on damage."""
    found, at = [], 0
    while at < len(data):
        number, at = varint(data, at)
        found.append(number)
    return found


def text(data: Bytes) -> str:
    """A text field; bytes that are no UTF-8 survive as surrogates."""
    return bytes(data).decode("utf-8", "surrogateescape")


def fields(data: T) -> Iterator[tuple[int, int | T]]:
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

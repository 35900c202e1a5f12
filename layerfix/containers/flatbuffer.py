"""Just enough of the flatbuffer format to read TFLite models (flatbuffers.dev/internals): tables, vectors, text."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAX_LENGTH = 1 << 20
"""Tables in one vector."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table at a position of a buffer. Every access is checked against the buffer's end and raises ValueError beyond it."""

    data: memoryview
    at: int

    def number(self, field: int, form: str, default: int = 0) -> int:
        """A scalar field in `struct`'s form."""
        place = self._place(field)
        return default if place is None else int(self._unpack(form, place))

    def table(self, field: int) -> Table | None:
        """A field that is a table."""
        place = self._place(field)
        return None if place is None else Table(self.data, self._follow(place))

    def tables(self, field: int) -> Iterator[Table]:
        """The tables of a vector."""
        start, length = self._vector(field)
        if length > MAX_LENGTH:
            raise ValueError("a list is longer than in any model")
        return (Table(self.data, self._follow(start + 4 * index)) for index in range(length))

    def numbers(self, field: int) -> tuple[int, ...]:
        """A vector of 32-bit numbers."""
        start, length = self._vector(field)
        if length > MAX_LENGTH or start + 4 * length > len(self.data):
            raise ValueError("a list is cut off")
        return struct.unpack_from(f"<{length}i", self.data, start)

    def raw(self, field: int) -> memoryview:
        """A vector of bytes."""
        start, length = self._vector(field)
        if start + length > len(self.data):
            raise ValueError("a list is cut off")
        return self.data[start : start + length]

    def _vector(self, field: int) -> tuple[int, int]:
        place = self._place(field)
        if place is None:
            return 0, 0
        start = self._follow(place)
        return start + 4, int(self._unpack("I", start))

    def _place(self, field: int) -> int | None:
        """Where a field is; None where it is left out. A table begins with the distance back to its list of fields."""
        fields = self.at - self._unpack("i", self.at)
        if 4 + 2 * field >= self._unpack("H", fields):
            return None
        offset = self._unpack("H", fields + 4 + 2 * field)
        return self.at + offset if offset else None

    def _follow(self, place: int) -> int:
        return place + self._unpack("I", place)

    def _unpack(self, form: str, place: int) -> int:
        if place < 0:
            raise ValueError("a field lies before the beginning")
        try:
            return int(struct.unpack_from(f"<{form}", self.data, place)[0])
        except struct.error as error:
            raise ValueError("a field lies behind the end") from error


def root(data: memoryview) -> Table:
    """The outermost table. Raises ValueError."""
    return Table(data, Table(data, 0)._follow(0))

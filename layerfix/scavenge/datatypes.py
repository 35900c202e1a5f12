"""Dataspaces and datatypes (IV.A.2.b and IV.A.2.d)."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from layerfix.scavenge.image import Cursor, Torn

MAX_RANK = 32
_IEEE = {(2, 10, 5, 0, 10, 15), (4, 23, 8, 0, 23, 127), (8, 52, 11, 0, 52, 1023)}
"""Size, exponent's place and bits, mantissa's place and bits, bias."""
Kind = Literal["number", "text", "variable"]


@dataclass(frozen=True, slots=True)
class Datatype:
    """One element: a number by its numpy name ("<f4", "|b1"), a text of fixed or of variable length."""

    kind: Kind
    size: int
    numpy: str = ""
    utf8: bool = False

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The numpy type of a number, or of a text of fixed length."""
        return np.dtype(self.numpy if self.kind == "number" else f"S{self.size}")


def dataspace(cursor: Cursor) -> tuple[int, ...] | None:
    """The shape; None for the null dataspace (IV.A.2.b). Raises Torn."""
    version, rank, flags = cursor.number(1), cursor.number(1), cursor.number(1)
    if version not in (1, 2) or rank > MAX_RANK or flags > 3:
        raise Torn(f"no dataspace: version {version}, rank {rank}")
    kind = cursor.number(1)
    if version == 1:
        cursor.take(4)
    elif kind == 2:
        return None
    shape = tuple(cursor.number(8) for _ in range(rank))
    if any(size >= 1 << 48 for size in shape) or prod(shape) >= 1 << 48:
        raise Torn(f"no dataspace: shape {shape}")
    return shape


def datatype(cursor: Cursor) -> Datatype:
    """The type of an element; only those that checkpoints use (IV.A.2.d). Raises Torn."""
    head, bits, size = cursor.number(1), cursor.number(3), cursor.number(4)
    form, version = head & 15, head >> 4
    if not 1 <= version <= 5 or not 0 < size < 1 << 31:
        raise Torn(f"no datatype: version {version}, size {size}")
    if form == 0:
        return _integer(cursor, bits, size)
    if form == 1:
        return _float(cursor, bits, size)
    if form == 3:
        return Datatype("text", size, utf8=bits >> 4 & 15 == 1)
    if form == 8:
        return _boolean(cursor, bits, size, version)
    if form == 9 and bits & 15 == 1 and size == 16:
        return Datatype("variable", size, utf8=bits >> 8 & 15 == 1)
    raise Torn(f"datatype class {form} is none of a checkpoint's")


def _order(bits: int) -> str:
    return ">" if bits & 1 else "<"


def _integer(cursor: Cursor, bits: int, size: int) -> Datatype:
    offset, precision = cursor.number(2), cursor.number(2)
    if offset or precision != 8 * size or size not in (1, 2, 4, 8):
        raise Torn(f"no integer: {precision} bits in {size} bytes")
    return Datatype("number", size, f"{_order(bits)}{'i' if bits & 8 else 'u'}{size}")


def _float(cursor: Cursor, bits: int, size: int) -> Datatype:
    offset, precision = cursor.number(2), cursor.number(2)
    fields = tuple(cursor.number(1) for _ in range(4))
    place, width, low, digits = fields
    known = (size, place, width, low, digits, cursor.number(4))
    if offset or precision != 8 * size or known not in _IEEE or bits >> 8 != 8 * size - 1:
        raise Torn(f"no IEEE float of {size} bytes")
    return Datatype("number", size, f"{_order(bits)}f{size}")


def _boolean(cursor: Cursor, bits: int, size: int, version: int) -> Datatype:
    """h5py's boolean: an enumeration of FALSE and TRUE over one byte."""
    base = datatype(cursor)
    names = []
    for _ in range(min(bits & 0xFFFF, 3)):
        end = cursor.data.find(b"\0", cursor.at)
        name = cursor.take(end - cursor.at)
        cursor.take(1)
        if version < 3:
            cursor.pad(len(name) + 1)
        names.append(name)
    if names != [b"FALSE", b"TRUE"] or size != 1 or base.size != 1:
        raise Torn("an enumeration that is no boolean")
    return Datatype("number", 1, "|b1")

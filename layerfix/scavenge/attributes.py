"""The attributes of an object, with texts of variable length fetched from the global heap (III.E)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import prod

from layerfix.scavenge import messages
from layerfix.scavenge.dense import entries
from layerfix.scavenge.groups import collection
from layerfix.scavenge.headers import Header
from layerfix.scavenge.image import Cursor, Image, Torn, attempt
from layerfix.scavenge.messages import Attribute

MAX_TEXTS = 100_000
MAX_FILLER = 1 << 24


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute's value.

    Attributes:
        dtype: numpy's name of a number ("<f8") or of a text of fixed length ("S16"); "text" for
            texts of variable length.
        shape: None where it is empty.
        data: raw bytes, "" for "text".
        texts: the elements of "text".
        utf8: whether texts are declared as UTF-8.
    """

    dtype: str
    shape: tuple[int, ...] | None
    data: bytes = b""
    texts: tuple[bytes, ...] = ()
    utf8: bool = False

    @property
    def items(self) -> tuple[bytes, ...]:
        """The elements of a text of either kind."""
        if self.dtype == "text" or not self.dtype.startswith("S"):
            return self.texts
        width = int(self.dtype[1:])
        pieces = (self.data[at : at + width] for at in range(0, len(self.data), width))
        return tuple(piece.rstrip(b"\0") for piece in pieces)


class Attributes:
    """Reads attributes of an image; global heaps are read once."""

    def __init__(self, image: Image) -> None:
        self._image = image
        self._heaps: dict[int, dict[int, bytes]] = {}

    def of(self, header: Header | None) -> tuple[dict[str, Value], tuple[str, ...]]:
        """The attributes of an object by name, and the names of those whose values are lost."""
        values: dict[str, Value] = {}
        lost = []
        for found in self._messages(header):
            name = found.name.decode("utf-8", "replace")
            value = attempt(self._value, found)
            if value is None:
                lost.append(name)
            else:
                values[name] = value
        return values, tuple(sorted(set(lost) - values.keys()))

    def fillers(self, header: Header | None, names: Collection[str]) -> dict[str, Value]:
        """For attributes whose texts are lost, others of the same lengths."""
        found = {}
        for held in self._messages(header):
            name = held.name.decode("utf-8", "replace")
            if name in names and held.type.kind == "variable":
                cursor = Cursor(held.data)
                texts: list[bytes] = []
                while cursor.left >= 16 and len(texts) < MAX_TEXTS:
                    texts.append(b" " * min(cursor.number(4), MAX_FILLER))
                    cursor.take(12)
                found[name] = Value("text", held.shape, texts=tuple(texts), utf8=held.type.utf8)
        return found

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Bytes of the collections that were read."""
        found = []
        for address in (at for at, texts in self._heaps.items() if texts):
            size = Cursor(self._image.take(address + 8, 8)).number(8)
            found.append((address, min(address + size, self._image.size)))
        return found

    def _messages(self, header: Header | None) -> Iterator[Attribute]:
        if header is None:
            return
        cursors = list(header.of(messages.ATTRIBUTE))
        for info in header.of(messages.ATTRIBUTE_INFO):
            cursors += [Cursor(data) for data in entries(self._image, info, links=False)]
        read = (attempt(messages.attribute, cursor) for cursor in cursors)
        yield from (found for found in read if found is not None)

    def _value(self, found: Attribute) -> Value:
        kind = found.type
        if kind.kind != "variable":
            return Value(kind.dtype.str.lstrip("|"), found.shape, found.data, utf8=kind.utf8)
        count = prod(found.shape) if found.shape is not None else 0
        if count > MAX_TEXTS:
            raise Torn(f"{count} texts")
        cursor = Cursor(found.data)
        texts = tuple(self._text(cursor) for _ in range(count))
        return Value("text", found.shape, texts=texts, utf8=kind.utf8)

    def _text(self, cursor: Cursor) -> bytes:
        length, address, number = cursor.number(4), cursor.number(8), cursor.number(4)
        if length == 0:
            return b""
        if address not in self._heaps:
            self._heaps[address] = {}
            self._heaps[address] = collection(self._image, address)
        text = self._heaps[address].get(number)
        if text is None or len(text) < length:
            raise Torn("a text is not in its heap")
        return text[:length].split(b"\0")[0]

"""An own reader of the marshal stream of a code object: data only, nothing is unmarshalled or run.

The layout of a code object changed with 3.0, 3.8 and 3.11 (CPython, Python/marshal.c, w_complex_object); the
stream does not say which it is, but only one layout reads to its end with text for names.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from layerfix.bytecode.errors import Inconsistent

LARGEST = 1 << 20
"""Bytes of one function's code that are read; the largest seen in public files has 6 KB."""
DEEPEST, MOST = 24, 20_000
"""Nesting and number of objects that are read."""
_OLD = "argcount nlocals stacksize flags code consts names varnames freevars cellvars"
_TAIL = "filename name firstlineno lnotab"
_NEW_HEAD = "argcount posonlyargcount kwonlyargcount stacksize flags code consts names localsplusnames"
_NEW_TAIL = "localspluskinds filename name qualname firstlineno linetable exceptiontable"
LAYOUTS: Mapping[str, tuple[str, ...]] = {
    "2": tuple(f"{_OLD} {_TAIL}".split()),
    "3.0": tuple(f"argcount kwonlyargcount {_OLD[9:]} {_TAIL}".split()),
    "3.8": tuple(f"argcount posonlyargcount kwonlyargcount {_OLD[9:]} {_TAIL}".split()),
    "3.11": tuple(f"{_NEW_HEAD} {_NEW_TAIL}".split()),
}
"""Fields of a code object by the first Python that wrote them in this order."""
VERSIONS: Mapping[str, tuple[str, ...]] = {
    "2": ("2.7",),
    "3.0": ("3.5", "3.6", "3.7"),
    "3.8": ("3.8", "3.9", "3.10"),
    "3.11": ("3.11", "3.12", "3.13"),
}
"""Pythons of a layout that are told apart by their instructions."""
_NUMBERS = frozenset(["argcount", "posonlyargcount", "kwonlyargcount", "nlocals", "stacksize", "flags", "firstlineno"])
_LOCAL, _CELL, _FREE = 0x20, 0x40, 0x80


@dataclass(frozen=True, slots=True, eq=False)
class Code:
    """A code object as data.

    Attributes:
        name: the function's own.
        arguments: how many positional ones; `keyword_only`: how many more.
        flags: 0x4 for `*args`, 0x8 for `**kwargs`, 0x20 for a generator.
        locals: names of local variables, arguments first; in 3.11 and later all of `localsplus`.
        cells: names that inner functions use; `free`: names of the function around it.
        lines: its line table, b"" where that is no bytes.
        filename: where the function was written, as its Python said it.
    """

    name: str
    arguments: int
    keyword_only: int
    stacksize: int
    flags: int
    code: bytes
    constants: tuple[Any, ...]
    names: tuple[str, ...]
    locals: tuple[str, ...]
    cells: tuple[str, ...]
    free: tuple[str, ...]
    lines: bytes
    filename: str


def layouts(data: bytes) -> dict[str, Code]:
    """Every layout in which `data` is one whole code object.

    Raises:
        Inconsistent: where it is in none.
    """
    if len(data) > LARGEST:
        raise Inconsistent(f"{len(data)} bytes are more than any function's code")
    found, problem = {}, "it is empty"
    for layout in LAYOUTS:
        try:
            found[layout] = _Reader(data, layout).whole()
        except Inconsistent as error:
            problem = str(error)
    if not found:
        raise Inconsistent(f"the code is no code object of Python 2.7 or 3.5 to 3.13: {problem}")
    return found


class _Reader:
    """One pass over a stream in one layout."""

    def __init__(self, data: bytes, layout: str) -> None:
        self.data, self.layout = data, layout
        self.at = self.count = 0
        self.references: list[Any] = []
        self.interned: list[str] = []

    def whole(self) -> Code:
        value = self.value(0)
        if not isinstance(value, Code) or self.at != len(self.data):
            raise Inconsistent(f"{len(self.data) - self.at} bytes are left over")
        return value

    def take(self, size: int) -> bytes:
        if size < 0 or self.at + size > len(self.data):
            raise Inconsistent(f"it ends at byte {len(self.data)}, within a value")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self) -> int:
        return int(struct.unpack("<i", self.take(4))[0])

    def count_of_items(self) -> int:
        found = self.number()
        # Each item takes a byte at least, so that a count beyond what is left is a lie, and would
        # cost memory.
        if not 0 <= found <= len(self.data) - self.at:
            raise Inconsistent(f"a sequence of {found} items does not fit")
        return found

    def value(self, depth: int) -> Any:
        self.count += 1
        if depth > DEEPEST or self.count > MOST:
            raise Inconsistent("it is nested deeper or larger than any function's code")
        byte = self.take(1)[0]
        kind = chr(byte & 127)
        if byte & 128 and kind not in "NTF.":
            slot = len(self.references)  # taken before the value is read: its parts get later numbers (marshal.c, r_ref_reserve)
            self.references.append(None)
            self.references[slot] = found = self.body(kind, depth)
            return found
        return self.body(kind, depth)

    def body(self, kind: str, depth: int) -> Any:
        if kind in _SINGLETONS:
            return _SINGLETONS[kind]
        if kind in _SCALARS:
            return _SCALARS[kind](self)
        if kind in "([":
            return tuple(self.value(depth + 1) for _ in range(self.count_of_items()))
        if kind == ")":
            return tuple(self.value(depth + 1) for _ in range(self.take(1)[0]))
        if kind in "<>":
            return tuple(self.value(depth + 1) for _ in range(self.count_of_items()))
        if kind == "c":
            return self.code(depth)
        raise Inconsistent(f"byte {self.at - 1} is no type of value that code holds")

    def code(self, depth: int) -> Code:
        fields: dict[str, Any] = {field: self.number() if field in _NUMBERS else self.value(depth + 1) for field in LAYOUTS[self.layout]}
        if "localsplusnames" in fields:
            self.split_locals(fields)
        for field in ("names", "varnames", "freevars", "cellvars"):
            names = fields[field]
            if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
                raise Inconsistent(f"its {field} are no text")
        if not isinstance(fields["code"], bytes) or not isinstance(fields["consts"], tuple):
            raise Inconsistent("it has no instructions")
        if not isinstance(fields["name"], str) or not 0 <= fields["argcount"] <= 255:
            raise Inconsistent("it has no name")
        lines = fields.get("lnotab", b"")
        return Code(
            fields["name"],
            fields["argcount"],
            fields.get("kwonlyargcount", 0),
            fields["stacksize"],
            fields["flags"],
            fields["code"],
            fields["consts"],
            fields["names"],
            fields["varnames"],
            fields["cellvars"],
            fields["freevars"],
            lines if isinstance(lines, bytes) else b"",
            _path(fields["filename"]),
        )

    def split_locals(self, fields: dict[str, Any]) -> None:
        """3.11 on: one list of names with a byte of kinds for each (cpython 3.11, Objects/codeobject.c)."""
        names, kinds = fields["localsplusnames"], fields["localspluskinds"]
        if not isinstance(names, tuple) or not isinstance(kinds, bytes) or len(names) != len(kinds):
            raise Inconsistent("its names and their kinds do not fit")
        fields["varnames"] = names
        fields["cellvars"] = tuple(n for n, kind in zip(names, kinds, strict=True) if kind & _CELL)
        fields["freevars"] = tuple(n for n, kind in zip(names, kinds, strict=True) if kind & _FREE)

    def long(self) -> int:
        size = self.number()
        digits = struct.unpack(f"<{abs(size)}H", self.take(2 * abs(size)))
        found: int = sum(digit << (15 * place) for place, digit in enumerate(digits))
        return -found if size < 0 else found

    def text(self, size: int, encoding: str) -> str:
        try:
            return self.take(size).decode(encoding)
        except UnicodeDecodeError as error:
            raise Inconsistent("a text is not in its encoding") from error

    def interned_text(self) -> str:
        found = self.text(self.number(), "utf-8")
        self.interned.append(found)
        return found

    def referred(self, among: list[Any]) -> Any:
        index = self.number()
        if not 0 <= index < len(among) or among[index] is None:
            raise Inconsistent("it refers to a value that is not there")
        return among[index]

    def bytes_or_text(self) -> Any:
        """A byte string; in Python 2 names and texts are byte strings, and only code is kept as bytes."""
        return self.take(self.number())


def _path(value: object) -> str:
    """A file's name, which Python 2 kept as bytes; "" for what is none."""
    return value.decode("latin-1") if isinstance(value, bytes) else value if isinstance(value, str) else ""


_SINGLETONS: Mapping[str, Any] = {"N": None, "T": True, "F": False, ".": Ellipsis}
_SCALARS: Mapping[str, Callable[[_Reader], Any]] = {
    "i": _Reader.number,
    "I": lambda reader: struct.unpack("<q", reader.take(8))[0],
    "l": _Reader.long,
    "g": lambda reader: struct.unpack("<d", reader.take(8))[0],
    "y": lambda reader: complex(*struct.unpack("<dd", reader.take(16))),
    "s": _Reader.bytes_or_text,
    "t": _Reader.interned_text,
    "R": lambda reader: reader.referred(reader.interned),
    "r": lambda reader: reader.referred(reader.references),
    "u": lambda reader: reader.text(reader.number(), "utf-8"),
    "a": lambda reader: reader.text(reader.number(), "ascii"),
    "A": lambda reader: reader.text(reader.number(), "ascii"),
    "z": lambda reader: reader.text(reader.take(1)[0], "ascii"),
    "Z": lambda reader: reader.text(reader.take(1)[0], "ascii"),
}

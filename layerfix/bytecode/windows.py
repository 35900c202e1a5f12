"""Code that Keras stored on Windows, where `func_dump` replaces every backslash of the marshal stream by a slash.

It means the path of the source (keras/utils/generic_utils.py, from 2.0 to Keras 3) and hits every byte 0x5C: the instruction
UNPACK_SEQUENCE of all Pythons before 3.13 (`mean, deviation = args`: Keras itself can't load such a function), and numbers with
that byte in them. The instruction comes back without a doubt, since 0x2F is none; a number can be either.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from typing import Any

from layerfix.bytecode.instructions import REPLACED, as_written, decode
from layerfix.bytecode.marshalled import Code

_NEGLIGIBLE = 1e-8
"""Relative difference of two floats that no float32 prediction shows."""
_DRIVE = re.compile(r"[A-Za-z]:/")


def doubt(code: Code, version: str) -> str:
    """Why the code may say something else than what was written, one clause; "" where it was not written on Windows, or can't differ."""
    parts = tuple(_parts(code))
    if not any(_DRIVE.match(part.filename) or _is_restored(part, version) for part in parts):
        return ""
    for value in (value for part in parts for value in _flat(part.constants)):
        if _may_differ(value):
            return f"it was stored on Windows, where Keras replaces the byte 5C by 2F: its number {value!r} may have been another"
    if any(item.argument & 255 == REPLACED for part in parts for item in decode(part.code, version)):
        return "it was stored on Windows, where Keras replaces the byte 5C by 2F: an instruction in it may have named another value"
    return ""


def _is_restored(code: Code, version: str) -> bool:
    stored = (code.code[item.offset] for item in decode(code.code, version))
    return any(as_written(number, version) != number for number in stored)


def _parts(code: Code) -> Iterator[Code]:
    yield code
    for constant in code.constants:
        if isinstance(constant, Code):
            yield from _parts(constant)


def _flat(values: Sequence[object]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from _flat(value)
        else:
            yield value


def _may_differ(value: object) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return not -(1 << 31) <= value < 1 << 31 or REPLACED in struct.pack("<i", value)
    if isinstance(value, complex):
        return _may_differ(value.real) or _may_differ(value.imag)
    if not isinstance(value, float):
        return False
    other = struct.unpack("<d", struct.pack("<d", value).replace(b"\x2f", b"\x5c"))[0]
    return not abs(other - value) <= _NEGLIGIBLE * abs(value)

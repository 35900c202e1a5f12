"""Functions that Keras stored on Windows: every byte 5C of their code is 2F in the file."""

import base64
import json
import struct
from pathlib import Path

import pytest

from layerfix.bytecode.reading import Reading, read_function

CODE = json.loads((Path(__file__).parent / "windows.json").read_text())
"""By function and Python: the marshal stream of its compiler, before Keras replaces anything."""
REPLACING = [version for version in CODE["unpacked"] if version != "3.13"]


def stored(name: str, version: str) -> bytes:
    return base64.b64decode(CODE[name][version]).replace(b"\\", b"/")


def read(name: str, version: str, inputs: int | None = None) -> Reading:
    return read_function(stored(name, version), inputs=inputs)


@pytest.mark.parametrize("version", REPLACING)
def test_unpacking_comes_back_though_keras_itself_cannot_load_it(version: str) -> None:
    original = read_function(base64.b64decode(CODE["unpacked"][version]), inputs=2)
    found = read("unpacked", version, inputs=2)
    assert original.expression is not None
    assert (found.expression, found.problem) == (original.expression, "")
    assert "UNPACK_SEQUENCE" in found.listing


@pytest.mark.parametrize("version", sorted(CODE["number"]))
def test_a_number_that_may_have_been_another_is_not_read(version: str) -> None:
    found = read("number", version)
    assert found.expression is None
    assert "number 47 may have been another" in found.problem


@pytest.mark.parametrize("version", REPLACING)
def test_a_notebook_s_function_is_known_to_be_of_windows_by_its_instruction(version: str) -> None:
    assert "number 47 may have been another" in read("notebook", version, inputs=2).problem


@pytest.mark.parametrize("filename", [b"N", b"i" + struct.pack("<i", 2**31 - 1)])
def test_a_source_path_that_is_no_text_is_none(filename: bytes) -> None:
    """As a number it would have been that many bytes of memory."""
    raw = base64.b64decode(CODE["plain"]["3.6"])
    at = raw.index(b"C:\\models\\plain.py")
    head = raw[: at - 2]  # a short text is one byte of type and one of length
    found = read_function(head + filename + raw[at + len(b"C:\\models\\plain.py") :])
    assert found.expression is not None


@pytest.mark.parametrize("version", sorted(CODE["plain"]))
def test_what_no_replacing_can_have_changed_is_read(version: str) -> None:
    found = read("plain", version)
    assert found.problem == ""
    assert found.expression is not None

"""Functions in the bytecode of nine Pythons are read alike, and nothing in them is run."""

import base64
import json
import struct
from pathlib import Path

import pytest

from layerfix.bytecode.errors import Inconsistent
from layerfix.bytecode.reading import read_function
from layerfix.bytecode.tree import decoded, encode

FUNCTIONS = json.loads((Path(__file__).parent / "functions.json").read_text())
"""By source: defaults, and the code that each Python's own compiler and `marshal` made of it."""


def reading(source, version, **options):
    stored = FUNCTIONS[source]
    return read_function(base64.b64decode(stored["code"][version]), defaults=stored["defaults"], **options)


def without_division(expression):
    """Python 2 divides by another operator."""
    return json.dumps(expression).replace("operator.div", "operator.truediv")


@pytest.mark.parametrize("source", sorted(FUNCTIONS))
def test_every_python_s_code_is_read_as_the_same_expression(source):
    stored = FUNCTIONS[source]["code"]
    found = {version: reading(source, version) for version in stored}
    assert sorted(stored) == ["2.7", "3.10", "3.11", "3.12", "3.13", "3.6", "3.7", "3.8", "3.9"]
    assert {version: read.problem for version, read in found.items() if read.problem} == {}
    assert len({without_division(read.expression) for read in found.values()}) == 1
    assert all(version in read.pythons for version, read in found.items())


def test_an_expression_survives_json():
    assert FUNCTIONS
    for source in FUNCTIONS:
        table = reading(source, "3.11").expression
        assert encode(decoded(json.loads(json.dumps(table)))) == table


def test_code_of_3_5_whose_instructions_have_one_or_three_bytes_is_read():
    code = b"\x7c\x00\x00\x64\x01\x00\x14\x53"  # LOAD_FAST x, LOAD_CONST 2, BINARY_MULTIPLY, RETURN_VALUE
    text = lambda value: b"u" + struct.pack("<i", len(value)) + value  # noqa: E731
    names = lambda *values: b"(" + struct.pack("<i", len(values)) + b"".join(map(text, values))  # noqa: E731
    head = b"c" + struct.pack("<5i", 1, 0, 1, 2, 67) + b"s" + struct.pack("<i", len(code)) + code
    constants = b"(" + struct.pack("<i", 2) + b"Ni" + struct.pack("<i", 2)
    tail = names() + names(b"x") + names() + names() + text(b"m.py") + text(b"<lambda>") + struct.pack("<i", 1) + b"s" + bytes(4)
    found = read_function(head + constants + tail)
    assert found.pythons == ("3.5",)
    assert found.expression == [["input", None], ["call", "operator.mul", [0, {"value": 2}], []], 1]


def test_a_list_of_tensors_is_taken_apart():
    found = reading("lambda x: tf.split(x, 2, axis=1)[0]", "3.8", inputs=2)
    assert ["input", 1] in found.expression
    assert ["input", None] not in found.expression


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.8", "3.11", "3.12", "3.13"])
def test_defaults_that_the_file_lacks_are_asked_for(version):
    code = FUNCTIONS["lambda x, a=2.0, b=1.0: x * a + b"]["code"][version]
    found = read_function(base64.b64decode(code))
    assert found.expression is None
    assert found.problem == "nothing tells its argument 'a'"
    assert read_function(base64.b64decode(code), arguments={"a": 3, "b": 4}).expression is not None


def test_what_is_no_code_is_told_so():
    with pytest.raises(Inconsistent, match=r"no code object of Python 2\.7 or 3\.5 to 3\.13"):
        read_function(b"x")

"""Escaping, function by function, for every hostile name."""

from __future__ import annotations

import unicodedata

import hostile_names
import pytest

from layerfix.report import escape

EACH = pytest.mark.parametrize("name", hostile_names.ALL, ids=lambda name: ascii(name[:24]))


def test_the_set_is_large_enough() -> None:
    assert len(set(hostile_names.ALL)) >= 60


@EACH
def test_visible_text_is_one_line_of_printable_characters(name: str) -> None:
    shown = escape.visible(name)
    assert len(shown) <= escape.LIMIT * 10
    assert all(char == " " or not char.isspace() for char in shown)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    shown.encode("utf-8")


@EACH
def test_a_cell_is_never_a_formula(name: str) -> None:
    assert not str(escape.cell(name)).lstrip(" ").startswith(tuple("=+-@\t\r\n|%＝＋－＠"))


@EACH
def test_a_code_span_cannot_be_left(name: str) -> None:
    span = escape.code(name)
    assert span[0] == span[-1] == "`"
    assert "`" not in span[1:-1]
    assert "|" not in span
    assert span.strip("` ")


@EACH
def test_an_annotation_is_one_command(name: str) -> None:
    assert "::" not in escape.annotation(name)
    assert "\n" not in escape.annotation(name)
    assert not {":", ","} & set(escape.annotation_property(name))


@EACH
def test_a_uri_holds_ascii_without_spaces_or_markup(name: str) -> None:
    shown = escape.uri(name)
    assert shown.isascii()
    assert not set(shown) & set(' <>"{}|\\^`\n\r\t\x00')


def test_plain_names_stay_as_they_are() -> None:
    for name in ("denoising_layer_1/conv1d_2/kernel:0", "名前", "größe"):
        assert escape.visible(name) == name


def test_unseen_characters_show_their_code() -> None:
    assert escape.visible("a\x1b\u202e\U000e0041") == "a\\x1b\\u202e\\U000e0041"


def test_numbers_stay_numbers_in_cells() -> None:
    assert (escape.cell(-3), escape.cell(1e-20), escape.cell(True), escape.cell(None)) == (-3, 1e-20, "true", "")


def test_sarif_messages_hold_no_placeholder_and_no_link() -> None:
    assert escape.sarif("{0} [x](1)") == "{{0}} \\[x\\](1)"


def test_an_address_keeps_its_scheme_and_no_scheme_runs_anything() -> None:
    assert escape.uri("hf://user/models@main/a b.h5") == "hf://user/models@main/a%20b.h5"
    assert escape.uri("javascript://x") == "javascript%3A//x"

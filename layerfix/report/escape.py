"""Names in a checkpoint are a stranger's text. One function for every place where they are shown; nothing of them is ever rendered or run.

Characters that no reader can see, or that steer a terminal or the writing direction, become visible escapes first (`visible`);
what is special to one format is escaped on top.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

LIMIT = 400
"""Longest shown text; a name of a megabyte stays readable."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")
_PROSE = re.compile(r"([\\`*_{}\[\]#!|<>~&$^])")
_LEADING = re.compile(r"^(\s*)([-+=]|\d+[.)](?=\s|$))")
_SCHEME = re.compile(r"(?!javascript|vbscript|data|file)[a-z][a-z0-9+.-]+://", re.IGNORECASE)


def visible(text: object, *, limit: int | None = LIMIT) -> str:
    """Text without control, format (bidi, zero-width), surrogate, private and unassigned characters; they show as `\\x1b`, `\\u202e`.

    Every whitespace but the plain space is escaped too, so the result is one line. Longer than `limit`, the middle is left out.
    """
    raw = clip(str(text), limit)
    if raw.isascii() and raw.isprintable():
        return raw
    return "".join(char if char == " " or not _unseen(char) else _code(char) for char in raw)


def line(text: object) -> str:
    """A whole sentence as one safe line, never cut."""
    return visible(text, limit=None)


def clip(text: str, limit: int | None) -> str:
    """At most `limit` characters, the middle replaced by an ellipsis."""
    if limit is None or len(text) <= limit:
        return text
    half = (limit - 1) // 2
    return f"{text[:half]}…{text[-half:]}"


def code(text: object, *, limit: int | None = LIMIT) -> str:
    """A Markdown code span, fit for tables too: backticks and bars, which could end it, are shown as escapes."""
    inner = visible(text, limit=limit).replace("`", "\\x60").replace("|", "\\x7c")
    return f"`{inner}`" if inner.strip() else "`(empty)`"


def markdown(text: object) -> str:
    """Markdown prose in which nothing is markup: no emphasis, link, mention, HTML, table cell, list or heading."""
    escaped = _PROSE.sub(r"\\\1", line(text))
    escaped = re.sub(r":(?=\S)", "&#58;", escaped).replace("@", "&#64;")
    escaped = re.sub(r"(?i)\bwww\.", "www&#46;", escaped)
    return _LEADING.sub(_break_block, escaped)


def cell(value: object) -> str | int | float:
    """A CSV cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value).lower()
    if isinstance(value, (int, float)):
        return value
    text = line(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def sarif(text: object) -> str:
    """A SARIF plain-text message: no embedded link, no placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6)."""
    escaped = line(text).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return escaped.replace("{", "{{").replace("}", "}}")


def uri(path: object) -> str:
    """A path as a relative or absolute URI reference; an address ("hf://user/repo/a.h5") with its scheme."""
    text = str(path).replace("\\", "/")
    scheme = _SCHEME.match(text)
    quoted = quote(text[scheme.end() if scheme else 0 :].encode("utf-8", "surrogatepass"), safe="/~@")
    if scheme:
        return f"{scheme[0].lower()}{quoted}"
    return f"file://{quoted}" if quoted.startswith("/") else quoted


def annotation(text: object) -> str:
    """The message of a CI workflow command (`::error::message`)."""
    return line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace("::", ":%3A")


def annotation_property(text: object) -> str:
    """A property of a CI workflow command (`file=...`)."""
    return annotation(text).replace(":", "%3A").replace(",", "%2C")


def _unseen(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) in _UNSEEN


def _code(char: str) -> str:
    point = ord(char)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def _break_block(match: re.Match[str]) -> str:
    mark = match[2]
    return f"{match[1]}{mark[:-1]}\\{mark[-1]}"

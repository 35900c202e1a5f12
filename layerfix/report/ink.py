"""Lines of text with a little colour: the same words on a terminal and in a pipe."""

from __future__ import annotations

import io
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from layerfix.report import escape

Line = list[tuple[str, str]]
"""Words and their looks, piece by piece."""

STYLES = {"good": "green", "fair": "yellow", "bad": "red", "plain": "", "quiet": "dim", "strong": "bold"}
WIDTH = 110
"""Columns that prose fills where no terminal says otherwise, so that what goes into a pipe is always the same."""
NARROWEST = 60
_ROOM = 30
"""Columns that a cell needs to hang below its own beginning; with fewer it goes on at the left."""

_screen: ContextVar[int | None] = ContextVar("screen", default=None)


@contextmanager
def fitted(columns: int | None) -> Iterator[None]:
    """Fits what is written meanwhile to a terminal of so many columns, between `NARROWEST` and `WIDTH`; None is no terminal."""
    token = _screen.set(None if columns is None else max(NARROWEST, min(columns, WIDTH)))
    try:
        yield
    finally:
        _screen.reset(token)


class Ink:
    """Collects lines; every piece is escaped on the way in.

    A piece is a string, or (string, look) with a look of `STYLES` or several joined by a space.
    """

    def __init__(self) -> None:
        self.lines: list[Line] = []

    def line(self, *pieces: str | tuple[str, str], indent: int = 0) -> None:
        """One line; on a terminal that is too narrow for it, several with a hanging indent."""
        said = (piece if isinstance(piece, tuple) else (piece, "plain") for piece in pieces)
        escaped = [(escape.line(words), look) for words, look in said]
        self._hang([(" " * indent, "plain"), *escaped], indent + 4)

    def prose(self, sentence: str, look: str = "plain", *, indent: int = 0, mark: str = "") -> None:
        """A sentence wrapped at the terminal's width or `WIDTH`, with a hanging indent under `mark`."""
        safe = escape.line(sentence)
        first = " " * indent + mark
        hanging = " " * len(first)
        wrapped = textwrap.wrap(
            safe, _screen.get() or WIDTH, initial_indent=first, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        )
        self.lines.extend([(line, look)] for line in wrapped or [first.rstrip()])

    def verbatim(self, command: str, *, indent: int = 0) -> None:
        """What is meant to be pasted: one line, never folded."""
        self.lines.append([(" " * indent + escape.line(command), "strong")])

    def title(self, words: str) -> None:
        """A section's heading, behind an empty line."""
        self.gap()
        self.line((words, "strong"))

    def gap(self) -> None:
        """An empty line, never two."""
        if self.lines and _plain(self.lines[-1]):
            self.lines.append([])

    def columns(self, rows: Sequence[Sequence[str | tuple[str, str]]], *, indent: int = 2) -> None:
        """Rows with aligned columns, two spaces apart; the last is not padded, and hangs below its beginning on a narrow terminal."""
        safe = [[(escape.line(c[0]), c[1]) if isinstance(c, tuple) else (escape.line(c), "plain") for c in row] for row in rows]
        widths = [max((len(row[i][0]) for row in safe if i < len(row) - 1), default=0) for i in range(max(map(len, safe), default=0))]
        hang = indent + sum(width + 2 for width in widths[:-1])
        hang = hang if hang + _ROOM <= (_screen.get() or sys.maxsize) else indent + 4
        for row in safe:
            last = len(row) - 1
            cells = [(words if i == last else words.ljust(widths[i] + 2), look) for i, (words, look) in enumerate(row)]
            line = [(" " * indent, "plain"), *cells]
            self._hang(_cut(line, 0, len(_plain(line).rstrip())), hang)

    def _hang(self, line: Line, indent: int) -> None:
        """Adds a line, folded between words where the terminal is too narrow for it."""
        width = _screen.get() or sys.maxsize
        while len(text := _plain(line)) > width:
            cut = text.rfind(" ", indent + 1, width + 1)
            cut = cut if cut > 0 else text.find(" ", width)
            if cut < 0:
                break
            self.lines.append(_cut(line, 0, len(text[:cut].rstrip())))
            rest = _cut(line, len(text) - len(text[cut:].lstrip()), len(text))
            line = [(" " * indent, "plain"), *rest]
        self.lines.append(line)

    def document(self, *, color: bool) -> str:
        """All lines as one string."""
        if not color:
            return "\n".join(_plain(line).rstrip() for line in self.lines) + "\n"
        from rich.console import Console  # a pipe takes no colours, and needs not wait for what makes them
        from rich.text import Text

        stream = io.StringIO()
        console = Console(file=stream, force_terminal=True, color_system="standard", width=1000, highlight=False, legacy_windows=False)
        for line in self.lines:
            styled = ((words, _style(look)) for words, look in line)
            console.print(Text.assemble(*styled), soft_wrap=True)
        return stream.getvalue()


def _plain(line: Line) -> str:
    return "".join(words for words, _ in line)


def _cut(line: Line, start: int, end: int) -> Line:
    """The characters of a line from `start` up to `end`, with their looks."""
    pieces, place = [], 0
    for words, look in line:
        pieces.append((words[max(start - place, 0) : max(end - place, 0)], look))
        place += len(words)
    return [piece for piece in pieces if piece[0]]


def _style(look: str) -> str:
    return " ".join(filter(None, (STYLES[name] for name in look.split())))

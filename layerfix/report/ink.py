"""Lines of text with a little colour: the same words on a terminal and in a pipe."""

from __future__ import annotations

import io
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from rich.console import Console
from rich.text import Text

from layerfix.report import escape

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
        self.lines: list[Text] = []

    def line(self, *pieces: str | tuple[str, str], indent: int = 0) -> None:
        """One line; on a terminal that is too narrow for it, several with a hanging indent."""
        text = Text(" " * indent)
        for piece in pieces:
            words, look = piece if isinstance(piece, tuple) else (piece, "plain")
            text.append(escape.line(words), style=_style(look))
        self._hang(text, indent + 4)

    def prose(self, sentence: str, look: str = "plain", *, indent: int = 0, mark: str = "") -> None:
        """A sentence wrapped at the terminal's width or `WIDTH`, with a hanging indent under `mark`."""
        safe = escape.line(sentence)
        first = " " * indent + mark
        hanging = " " * len(first)
        wrapped = textwrap.wrap(
            safe, _screen.get() or WIDTH, initial_indent=first, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        )
        self.lines.extend(Text(line, style=_style(look)) for line in wrapped or [first.rstrip()])

    def verbatim(self, command: str, *, indent: int = 0) -> None:
        """What is meant to be pasted: one line, never folded."""
        self.lines.append(Text(" " * indent + escape.line(command), style=_style("strong")))

    def title(self, words: str) -> None:
        """A section's heading, behind an empty line."""
        self.gap()
        self.line((words, "strong"))

    def gap(self) -> None:
        """An empty line, never two."""
        if self.lines and self.lines[-1].plain:
            self.lines.append(Text(""))

    def columns(self, rows: Sequence[Sequence[str | tuple[str, str]]], *, indent: int = 2) -> None:
        """Rows with aligned columns, two spaces apart; the last is not padded, and hangs below its beginning on a narrow terminal."""
        safe = [[(escape.line(c[0]), c[1]) if isinstance(c, tuple) else (escape.line(c), "plain") for c in row] for row in rows]
        widths = [max((len(row[i][0]) for row in safe if i < len(row) - 1), default=0) for i in range(max(map(len, safe), default=0))]
        hang = indent + sum(width + 2 for width in widths[:-1])
        hang = hang if hang + _ROOM <= (_screen.get() or sys.maxsize) else indent + 4
        for row in safe:
            text = Text(" " * indent)
            for i, (words, look) in enumerate(row):
                text.append(words if i == len(row) - 1 else words.ljust(widths[i] + 2), style=_style(look))
            text.rstrip()
            self._hang(text, hang)

    def _hang(self, text: Text, indent: int) -> None:
        """Adds a line, folded between words where the terminal is too narrow for it."""
        width = _screen.get() or sys.maxsize
        while len(text) > width:
            cut = text.plain.rfind(" ", indent + 1, width + 1)
            cut = cut if cut > 0 else text.plain.find(" ", width)
            if cut < 0:
                break
            first, rest = text.divide([cut])
            first.rstrip()
            self.lines.append(first)
            text = Text(" " * indent).append_text(rest[len(rest) - len(rest.plain.lstrip()) :])
        self.lines.append(text)

    def document(self, *, color: bool) -> str:
        """All lines as one string."""
        if not color:
            return "\n".join(line.plain.rstrip() for line in self.lines) + "\n"
        stream = io.StringIO()
        console = Console(file=stream, force_terminal=True, color_system="standard", width=1000, highlight=False, legacy_windows=False)
        for line in self.lines:
            console.print(line, soft_wrap=True)
        return stream.getvalue()


def _style(look: str) -> str:
    return " ".join(filter(None, (STYLES[name] for name in look.split())))

"""Standard output and error as they may be: closed, full, gone, or unable to say every sign."""

from __future__ import annotations

import codecs
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from layerfix.errors import WriteError

_SIGNS = {
    **{"…": "...", "–": "-", "—": "-", "−": "-", "→": "->", "←": "<-", "↔": "<->", "·": ".", "•": "*", "×": "x", "±": "+-", "≈": "~"},
    **{"≤": "<=", "≥": ">=", "≠": "!=", "✓": "+", "✔": "+", "✗": "x", "✘": "x", "‘": "'", "’": "'", "“": '"', "”": '"', "²": "^2"},
    **dict.fromkeys("─━═╌┄╴╶", "-"),
    **dict.fromkeys("│┃║", "|"),
    **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯┏┓┗┛┡┩╇╞╡", "+"),
    **dict.fromkeys("█▉▊▋▌▍▎▏▓▒░●■▲", "#"),
}
_ASCII = "layerfix-ascii"


def prepare() -> None:
    """Makes the standard streams safe to use: descriptors are open, text is never refused for its signs, writing into nothing is told.

    A closed descriptor would be given to the next file that is opened, and what a library prints would end up in that file.
    """
    while (nowhere := os.open(os.devnull, os.O_RDWR)) < 3:  # a file gets the lowest free number
        os.set_inheritable(nowhere, True)
    os.close(nowhere)
    if sys.stdout is None:
        sys.stdout = _Closed()
    if sys.stderr is None:
        sys.stderr = io.StringIO()
    codecs.register_error(_ASCII, _plainly)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors=_ASCII)
    if isinstance(sys.stdout, io.TextIOWrapper):
        encoding, line_buffering = sys.stdout.encoding, sys.stdout.line_buffering
        sys.stdout = _Output(sys.stdout.detach(), encoding=encoding, errors=_ASCII, line_buffering=line_buffering)


def flush() -> str | None:
    """Flushes standard output now, so that a reader that went away (`| head`) is no error at exit; what else went wrong, as a sentence."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _to_nowhere()
    except WriteError as error:
        return str(error)
    return None


class _Output(io.TextIOWrapper):
    """Standard output whose errors name it."""

    def write(self, text: str) -> int:
        with _named():
            return super().write(text)

    def flush(self) -> None:
        with _named():
            super().flush()


@contextmanager
def _named() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        _to_nowhere()
        reason = (error.strerror or str(error)).lower()
        hint = "Send the result to a file with -o."
        raise WriteError(f"cannot be written ({reason}).", where="standard output", hint=hint) from error


class _Closed(io.TextIOBase):
    """Standard output that was closed before the start."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        raise WriteError("is closed.", where="standard output", hint="Send the result to a file with -o.")


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """An error handler of codecs: signs that an encoding has not, in ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    return "".join(_SIGNS.get(sign, sign.encode("ascii", "backslashreplace").decode()) for sign in text), error.end


def _to_nowhere() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

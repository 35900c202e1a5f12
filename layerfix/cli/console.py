"""Where words go: the result to stdout, complaints and progress to stderr, every one of them escaped."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.progress import Progress, is_news, silent
from layerfix.report import escape

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

PATIENCE = 1.0
"""Seconds before progress is shown: quick work stays quiet."""
PLAIN_INTERVAL = 20.0
"""Seconds between progress lines where stderr is no terminal."""


def complain(sentence: str) -> None:
    """One line on stderr."""
    print(f"layerfix: {escape.line(sentence)}", file=sys.stderr)


def say(sentence: str, *, quiet: bool = False) -> None:
    """One line of news on stderr, unless the user wants none."""
    if not quiet:
        print(escape.line(sentence), file=sys.stderr)


def deliver(document: str | Iterable[str], output: Path | None, *, force: bool, inputs: Sequence[Path] = ()) -> None:
    """The result: to stdout, or whole into `output`, which is none of `inputs`.

    Raises:
        WriteError: where the file exists and `force` is not given, or cannot be written.
    """
    if output is None:
        last = ""
        for last in [document] if isinstance(document, str) else document:
            sys.stdout.write(last)
        sys.stdout.write("" if last.endswith("\n") else "\n")
        return
    from layerfix.report.save import save

    save(document, output, force=force, inputs=inputs)


def colors(*, no_color: bool) -> bool:
    """Whether stdout takes ANSI colours: a terminal, and nobody said no (https://no-color.org)."""
    return sys.stdout.isatty() and not no_color and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def columns() -> int | None:
    """Columns of the terminal that stdout is, or that COLUMNS asks for; None where there are none."""
    asked = os.environ.get("COLUMNS", "").isdigit()
    return shutil.get_terminal_size().columns if asked or sys.stdout.isatty() else None


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """A `Progress` drawn on stderr: bars on a terminal, a line now and then elsewhere, nothing where it is over in a second."""
    if quiet:
        yield silent
    elif sys.stderr.isatty():
        with _Bars() as bars:
            yield bars.update
    else:
        yield _Lines().update


class _Lines:
    """A plain line for every new piece of work and every `PLAIN_INTERVAL` seconds; a share that was told is never told lower."""

    def __init__(self) -> None:
        self.label, self.next = "", time.monotonic() + PATIENCE
        self.told: dict[str, int] = {}

    def update(self, label: str, done: int, total: int) -> None:
        if is_news(label):
            say(label)
            return
        now = time.monotonic()
        fresh = label != self.label
        if (now < self.next and not (fresh and self.label)) or (fresh and total > 0 and done >= total):
            return
        percent = 100 * done // total if total and done else 0
        if percent < self.told.get(label, 0) or (percent == 0 and label in self.told):
            return
        self.label, self.next, self.told[label] = label, now + PLAIN_INTERVAL, percent
        print(f"{escape.line(label)}{f' {percent} %' if percent else ''}", file=sys.stderr, flush=True)


class _Bars:
    """Rich's bars, one for each label, started late."""

    def __init__(self) -> None:
        self.start = time.monotonic()
        self.bars: Bars | None = None
        self.tasks: dict[str, int] = {}

    def __enter__(self) -> _Bars:
        return self

    def __exit__(self, *exception: object) -> None:
        if self.bars is not None:
            self.bars.stop()

    def update(self, label: str, done: int, total: int) -> None:
        if is_news(label):
            self._say(label)
            return
        if self.bars is None:
            if time.monotonic() - self.start < PATIENCE:
                return
            self.bars = self._draw()
        if label not in self.tasks:
            self.tasks[label] = self.bars.add_task(escape.line(label), total=total or None)
        from rich.progress import TaskID

        self.bars.update(TaskID(self.tasks[label]), completed=done, total=total or None)

    def _say(self, sentence: str) -> None:
        """A line that stays, above the bars."""
        if self.bars is None:
            say(sentence)
        else:
            self.bars.console.print(escape.line(sentence), markup=False, highlight=False)

    def _draw(self) -> Bars:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeRemainingColumn(),
        )
        bars = Progress(*columns, console=Console(stderr=True), transient=True)
        bars.start()
        return bars

"""Tables of ready-made Markdown and CSV cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from layerfix.report.escape import cell


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table of cells that are Markdown already, with an empty line behind it; no rows, no table."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *body, ""] if body else []


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV document (RFC 4180, UTF-8) whose cells no spreadsheet takes for formulas."""
    return "".join(lines(head, rows))


def lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """The same, row by row."""
    for row in chain([head], rows):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\r\n").writerow([cell(value) for value in row])
        yield stream.getvalue()

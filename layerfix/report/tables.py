"""Tables of ready-made Markdown and CSV cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from layerfix.report.escape import cell


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A Markdown table of cells that are Markdown already, with an empty line behind it; no rows, no table."""
    body = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", "|" + " --- |" * len(head), *body, ""] if body else []


def sheet(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A CSV document (RFC 4180, UTF-8) whose cells no spreadsheet takes for formulas."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([cell(value) for value in row] for row in rows)
    return stream.getvalue()

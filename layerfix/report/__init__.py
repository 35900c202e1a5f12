"""Reports that people want to look at and machines can read: the records, and one renderer for each format."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from layerfix.errors import UsageError

if TYPE_CHECKING:
    from layerfix.report.evidence import Evidence
    from layerfix.results.repair import Report

SUFFIXES = {
    ".intoto.json": "intoto",
    ".cdx.json": "cyclonedx",
    ".html": "html",
    ".htm": "html",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".csv": "csv",
    ".txt": "text",
    ".sarif": "sarif",
    ".xml": "junit",
}
"""The format that a file's ending asks for; the longest that fits counts."""

_RENDERERS = {"text": "text", "json": "document", "markdown": "markdown", "html": "page", "csv": "sheet"}
FORMATS = (*_RENDERERS, "intoto", "cyclonedx")
"""Formats of a repair's report."""


def render(report: Report, format: str = "text", *, evidence: Evidence | None = None, color: bool = False) -> str:  # noqa: A002
    """A repair's report as a document.

    Args:
        report: the record.
        format: one of `FORMATS`.
        evidence: arrays for the pictures of the HTML page; the others do not need it.
        color: whether "text" may use ANSI colours.

    Raises:
        UsageError: where the format is unknown.
    """
    if format not in FORMATS:
        raise UsageError(f"there is no report format {format!r}.", hint=f"Choose one of {', '.join(FORMATS)}.")
    if format not in _RENDERERS:
        return str(import_module("layerfix.report.lineage").repaired(report, format))
    module = import_module(f"layerfix.report.repair.{_RENDERERS[format]}")
    if format == "html":
        return str(module.render(report, evidence))
    return str(module.render(report, color=color) if format == "text" else module.render(report))

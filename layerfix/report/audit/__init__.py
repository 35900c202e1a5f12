"""The audit of any number of files as a document, in eight formats."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING

from layerfix.errors import UsageError

if TYPE_CHECKING:
    from layerfix.results.audit import AuditReport

_RENDERERS = {
    "text": "text",
    "json": "document",
    "jsonl": "lines",
    "csv": "sheet",
    "sarif": "sarif",
    "junit": "junit",
    "markdown": "markdown",
    "html": "page",
    "github": "github",
}
FORMATS = tuple(_RENDERERS)


def render(report: AuditReport, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The audit as a document in one of `FORMATS`.

    Raises:
        UsageError: where the format is unknown.
    """
    if format not in _RENDERERS:
        raise UsageError(f"there is no audit format {format!r}.", hint=f"Choose one of {', '.join(FORMATS)}.")
    return "".join(pieces(report, format, color=color))


def pieces(report: AuditReport, format: str = "text", *, color: bool = False, verbose: bool = False) -> Iterator[str]:  # noqa: A002
    """The same in pieces; JSON, JSON Lines and CSV are made file by file. `verbose` tells every finding of a folder in the text."""
    module = import_module(f"layerfix.report.audit.{_RENDERERS[format]}")
    if hasattr(module, "pieces"):
        yield from module.pieces(report)
    else:
        yield str(module.render(report, color=color, verbose=verbose) if format == "text" else module.render(report))

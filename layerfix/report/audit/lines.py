"""An audit as JSON Lines: one object with the totals, then one for each file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layerfix.report.audit.document import entry, head
from layerfix.report.jsons import dumps

if TYPE_CHECKING:
    from layerfix.results.audit import AuditReport


def pieces(report: AuditReport) -> Iterator[str]:
    """The audit as lines that each parse by themselves."""
    yield dumps({"kind": "audit", **head(report)}, indent=None) + "\n"
    for file in report.files:
        yield dumps({"kind": "file", **entry(file)}, indent=None) + "\n"

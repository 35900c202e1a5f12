"""An audit as JSON Lines: one object with the totals, then one for each file."""

from __future__ import annotations

from layerfix.report.audit.document import entry, head
from layerfix.report.audit.record import AuditReport
from layerfix.report.jsons import dumps


def render(report: AuditReport) -> str:
    """The audit as lines that each parse by themselves."""
    records = [{"kind": "audit", **head(report)}, *({"kind": "file", **entry(file)} for file in report.files)]
    return "".join(dumps(record, indent=None) + "\n" for record in records)

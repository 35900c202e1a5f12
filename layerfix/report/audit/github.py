"""An audit as the workflow commands that CI systems turn into annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.report.audit.text import verdict
from layerfix.report.escape import annotation, annotation_property, line

if TYPE_CHECKING:
    from layerfix.results.audit import AuditReport

LEVELS = {"lost": "error", "suspect": "warning"}


def render(report: AuditReport) -> str:
    """One command a line, the verdict last as plain text."""
    lines = []
    for file in report.files:
        place = f"file={annotation_property(file.path)}"
        if file.problem and file.accepted is None and file.outcome != "skipped":
            lines.append(f"::error {place},title=layerfix::{annotation(file.problem)}")
        for found in file.open:
            level = LEVELS.get(found.finding.severity, "notice")
            title = annotation_property(f"layerfix {found.finding.code}")
            where = f"{found.finding.layer}: " if found.finding.layer else ""
            lines.append(f"::{level} {place},title={title}::{annotation(where + found.finding.message)}")
    return "\n".join([*lines, line(verdict(report)).replace("::", ":%3A")]) + "\n"

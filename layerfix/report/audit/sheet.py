"""An audit as CSV: one row for each finding, and one for each file without any."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from layerfix.report.tables import lines

if TYPE_CHECKING:
    from layerfix.results.audit import AuditReport

HEAD = (
    "path",
    "outcome",
    "format",
    "keras_version",
    "code",
    "severity",
    "layer",
    "message",
    "evidence",
    "accepted",
    "problem",
    "fingerprint",
)


def pieces(report: AuditReport) -> Iterator[str]:
    """The audit as CSV."""
    return lines(HEAD, _rows(report))


def _rows(report: AuditReport) -> Iterator[tuple[object, ...]]:
    for file in report.files:
        common = (file.path, file.outcome, file.facts.get("format"), file.facts.get("keras_version"))
        if not file.findings:
            yield (*common, *(None,) * 6, file.problem, None)
        for found in file.findings:
            seen = found.finding
            yield (
                *common,
                seen.code,
                seen.severity,
                seen.layer,
                seen.message,
                " ".join(seen.evidence),
                found.accepted,
                file.problem,
                found.fingerprint,
            )

"""An audit as JSON: `layerfix.audit/1`, described by schema/audit-1.json."""

from __future__ import annotations

from typing import Any

from layerfix.report.audit.record import SCHEMA, AuditedFile, AuditReport
from layerfix.report.jsons import dumps, plain


def render(report: AuditReport) -> str:
    """The audit as indented JSON."""
    return dumps({**head(report), "files": [entry(file) for file in report.files]})


def head(report: AuditReport) -> dict[str, Any]:
    """What is said once for all files."""
    return {
        "schema": SCHEMA,
        "tool": plain(report.tool),
        "fail_on": report.fail_on,
        "exit_code": report.exit_code,
        "counts": dict(report.counts),
        "accepted": report.accepted,
    }


def entry(file: AuditedFile) -> dict[str, Any]:
    """One file."""
    findings = [{**plain(found.finding), "fingerprint": found.fingerprint, "accepted": plain(found.accepted)} for found in file.findings]
    return {
        "path": plain(file.path),
        "outcome": file.outcome,
        "facts": plain(file.facts),
        "problem": plain(file.problem),
        "findings": findings,
    }

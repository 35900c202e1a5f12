"""An audit as JSON: `layerfix.audit/1`, described by schema/audit-1.json."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent
from typing import Any

from layerfix.report.jsons import dumps, plain
from layerfix.results.audit import SCHEMA, AuditedFile, AuditReport


def pieces(report: AuditReport) -> Iterator[str]:
    """The audit as indented JSON, file by file."""
    yield dumps(head(report)).removesuffix("\n}") + ',\n  "files": ['
    between = "\n"
    for file in report.files:
        yield between + indent(dumps(entry(file)), "    ")
        between = ",\n"
    yield "\n  ]\n}" if between == ",\n" else "]\n}"


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
        "accepted": plain(file.accepted),
        "findings": findings,
    }

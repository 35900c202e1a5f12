"""An audit as SARIF 2.1.0: stable rule ids, partial fingerprints, logical locations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from layerfix.report.catalogue import entries
from layerfix.report.escape import sarif, uri, visible
from layerfix.report.jsons import dumps

if TYPE_CHECKING:
    from layerfix.results.audit import AuditedFile, AuditedFinding, AuditReport

LEVELS = {"lost": "error", "suspect": "warning"}
UNREADABLE, REFUSED = "LF-unreadable", "LF-refused"


def render(report: AuditReport) -> str:
    """The audit as one SARIF run."""
    rules = _rules(report)
    index = {rule["id"]: position for position, rule in enumerate(rules)}
    driver = {"name": "layerfix", "version": str(report.tool.get("version", "")), "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report)],
        "results": [_result(file, found, index) for file in report.files for found in file.findings],
    }
    return dumps({"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]})


def _rules(report: AuditReport) -> list[dict[str, Any]]:
    """The rules of the codes that occur; the catalogue knows their words."""
    known = {entry.code: entry for entry in entries()}
    codes = sorted({found.finding.code for file in report.files for found in file.findings})
    return [_rule(code, known.get(code)) for code in codes]


def _rule(code: str, entry: Any) -> dict[str, Any]:
    if entry is None:
        return {"id": code}
    return {
        "id": code,
        "name": entry.title.title().replace(" ", ""),
        "shortDescription": {"text": sarif(entry.title)},
        "fullDescription": {"text": sarif(entry.effect)},
        "help": {"text": sarif(f"{entry.cause} {entry.effect} {entry.remedy}")},
        "defaultConfiguration": {"level": LEVELS.get(entry.severity, "note")},
    }


def _result(file: AuditedFile, found: AuditedFinding, index: dict[str, int]) -> dict[str, Any]:
    seen = found.finding
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri(file.path)}}}
    if seen.layer:
        location["logicalLocations"] = [
            {"name": visible(seen.layer.rsplit("/", 1)[-1]), "fullyQualifiedName": visible(seen.layer), "kind": "object"}
        ]
    result: dict[str, Any] = {
        "ruleId": seen.code,
        "ruleIndex": index[seen.code],
        "level": LEVELS.get(seen.severity, "note"),
        "message": {"text": sarif(seen.message)},
        "locations": [location],
        "partialFingerprints": {"layerfix/v1": found.fingerprint},
        "properties": {"evidence": [visible(observation) for observation in seen.evidence]},
    }
    if found.accepted is not None:
        result["suppressions"] = [{"kind": "external", "justification": visible(found.accepted)}]
    return result


def _invocation(report: AuditReport) -> dict[str, Any]:
    """Files that could not be audited are notifications of the run, not results."""
    notices = [
        {
            "descriptor": {"id": REFUSED if file.outcome == "refused" else UNREADABLE},
            "level": "error",
            "message": {"text": sarif(file.problem or "")},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(file.path)}}}],
        }
        for file in report.files
        if file.outcome in ("refused", "unreadable")
    ]
    return {"executionSuccessful": not notices, "exitCode": report.exit_code, "toolExecutionNotifications": notices}

"""Findings in source code for people and machines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from layerfix.report import phrases
from layerfix.report.escape import annotation, annotation_property, sarif, uri
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.lint import LintFinding
from layerfix.version import __version__


def render(found: Sequence[LintFinding], format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The findings as text (`path:line:column`), JSON, SARIF or CI annotations."""
    if format == "json":
        return dumps({"schema": "layerfix.lint/1", "findings": plain(list(found))})
    if format == "sarif":
        return dumps(_as_sarif(found))
    if format == "github":
        return "".join(_command(finding) for finding in found)
    ink = Ink()
    for finding in found:
        ink.line((f"{finding.path}:{finding.line}:{finding.column}", "strong"), " ", (finding.code, "fair"), f" {finding.message}")
    ink.line((_verdict(found), "bad strong" if found else "good strong"))
    return ink.document(color=color)


def _verdict(found: Sequence[LintFinding]) -> str:
    if not found:
        return "No layer here loses weights."
    fixable = sum(finding.fixable for finding in found)
    return f"{phrases.count(len(found), 'finding')}{f', {fixable} of them fixable with --fix' if fixable else ''}."


def _command(finding: LintFinding) -> str:
    place = f"file={annotation_property(finding.path)},line={finding.line},col={finding.column}"
    return f"::error {place},title=layerfix {finding.code}::{annotation(finding.message)}\n"


def _as_sarif(found: Sequence[LintFinding]) -> dict[str, Any]:
    codes = sorted({finding.code for finding in found})
    driver = {"name": "layerfix lint", "version": __version__, "rules": [{"id": code} for code in codes]}
    results = [
        {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": "error",
            "message": {"text": sarif(finding.message)},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": uri(finding.path)},
                        "region": {"startLine": finding.line, "startColumn": finding.column},
                    }
                }
            ],
        }
        for finding in found
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}

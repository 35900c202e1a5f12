"""An audit as JUnit XML: one test case for each file; what counts is a failure, an unreadable or refused file an error."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from layerfix.report.audit.text import MEANINGS
from layerfix.report.escape import line

if TYPE_CHECKING:
    from layerfix.results.audit import AuditedFile, AuditReport

_FAILING = {"lost": ("lost",), "suspect": ("lost", "suspect"), "never": ()}


def render(report: AuditReport) -> str:
    """The audit as a JUnit test suite."""
    failing = _FAILING[report.fail_on]
    failures = sum(file.outcome in failing for file in report.files)
    errors = sum(file.outcome in ("unreadable", "refused") for file in report.files)
    skipped = sum(file.outcome == "skipped" for file in report.files)
    counts = f'tests="{len(report.files)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'
    cases = [_case(file, failing) for file in report.files]
    suite = [f'  <testsuite name="layerfix audit" {counts} time="0">', *cases, "  </testsuite>"]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="layerfix" {counts}>', *suite, "</testsuites>"]) + "\n"


def _case(file: AuditedFile, failing: tuple[str, ...]) -> str:
    head = f'    <testcase classname="layerfix.audit" name={_attribute(file.path)} time="0"'
    message = _attribute(file.problem or MEANINGS[file.outcome])
    details = _text("\n".join(_details(file)))
    if file.outcome in ("unreadable", "refused"):
        return f'{head}><error type="{file.outcome}" message={message}>{details}</error></testcase>'
    if file.outcome in failing:
        return f'{head}><failure type="{file.outcome}" message={message}>{details}</failure></testcase>'
    if file.outcome == "skipped":
        return f"{head}><skipped message={message}/></testcase>"
    return f"{head}><system-out>{details}</system-out></testcase>" if details else f"{head}/>"


def _details(file: AuditedFile) -> list[str]:
    known = [f" (not counted: {found.accepted})" if found.accepted else "" for found in file.findings]
    return [
        line(f"{found.finding.code} {found.finding.severity} {found.finding.layer or 'the whole file'}: {found.finding.message}{note}")
        for found, note in zip(file.findings, known, strict=True)
    ]


def _attribute(text: str) -> str:
    return quoteattr(line(text))


def _text(text: str) -> str:
    return escape(text)

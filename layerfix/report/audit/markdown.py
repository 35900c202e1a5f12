"""An audit as Markdown, for a pull request or a wiki."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layerfix.report import phrases
from layerfix.report.audit.steps import steps
from layerfix.report.audit.text import MEANINGS, verdict
from layerfix.report.escape import code, markdown
from layerfix.report.tables import table

if TYPE_CHECKING:
    from layerfix.results.audit import AuditedFile, AuditReport


def render(report: AuditReport) -> str:
    """The audit as GitHub-flavoured Markdown."""
    lines = ["# Checkpoint audit", "", f"**{markdown(verdict(report))}**", ""]
    lines += table(("outcome", "files"), [(MEANINGS[outcome], f"{number:,}") for outcome, number in report.counts.items()])
    for sentence in steps(report):
        words, command = phrases.step(sentence)
        lines.append(f"- {markdown(words)} {code(command, limit=None)}" if command else f"- {markdown(words)}")
    lines.append("")
    for file in report.files:
        lines += _file(file)
    return "\n".join(lines).rstrip() + "\n"


def _file(file: AuditedFile) -> list[str]:
    if not file.findings and not file.problem:
        return []
    lines = [f"## {code(file.path)}: {MEANINGS[file.outcome]}", ""]
    if file.problem:
        lines += [markdown(file.problem), ""]
    rows = []
    for found in file.findings:
        seen = found.finding
        known = f"known ({markdown(found.accepted)})" if found.accepted else phrases.severity(seen.severity)[0]
        evidence = "<br>".join(markdown(observation) for observation in seen.evidence)
        rows.append((code(seen.code), known, code(seen.layer or "the whole file"), markdown(seen.message), evidence))
    return lines + table(("code", "severity", "layer", "what", "evidence"), rows)

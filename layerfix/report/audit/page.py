"""An audit as one HTML page: tiles, a list that filters and sorts without script, one section for each file that has something to say."""

from __future__ import annotations

from layerfix.report import phrases
from layerfix.report.audit.steps import meanings, steps
from layerfix.report.audit.text import LOOKS, MEANINGS, tone, verdict
from layerfix.report.browser import Browser, Row
from layerfix.report.pages import page
from layerfix.results.audit import OUTCOMES, AuditedFile, AuditReport


def render(report: AuditReport) -> str:
    """The audit as a page."""
    browser = Browser([_row(number, file) for number, file in enumerate(report.files)], OUTCOMES, LOOKS, MEANINGS)
    return page(
        "audit",
        title="Checkpoint audit",
        css=browser.css,
        report=report,
        verdict=verdict(report),
        meanings_told=meanings(report),
        steps=steps(report),
        tone=tone(report),
        browser=browser,
        sections=[(number, file) for number, file in enumerate(report.files) if _has_section(file)],
    )


def _has_section(file: AuditedFile) -> bool:
    return bool(file.findings or file.problem)


def _row(number: int, file: AuditedFile) -> Row:
    facts = file.facts
    told = f"{phrases.count(facts['tensors'], 'tensor')}, {phrases.size(facts['bytes'])}" if "tensors" in facts else ""
    return Row(file.path, file.outcome, str(facts.get("keras_version") or ""), told, f"file-{number}" if _has_section(file) else "")

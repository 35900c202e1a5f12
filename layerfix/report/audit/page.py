"""An audit as one HTML page: tiles, a list that filters and sorts without script, one section for each file that has something to say."""

from __future__ import annotations

from layerfix.report.audit.steps import meanings, steps
from layerfix.report.audit.text import LOOKS, MEANINGS, tone, verdict
from layerfix.report.pages import page
from layerfix.results.audit import OUTCOMES, AuditReport


def render(report: AuditReport) -> str:
    """The audit as a page."""
    versions = sorted({str(file.facts.get("keras_version") or "unknown") for file in report.files})
    return page(
        "audit",
        title="Checkpoint audit",
        css=_rules(len(versions)),
        report=report,
        verdict=verdict(report),
        meanings_told=meanings(report),
        steps=steps(report),
        tone=tone(report),
        looks=LOOKS,
        meanings=MEANINGS,
        counts=list(report.counts.items()),
        rows=[
            (number, file, versions.index(str(file.facts.get("keras_version") or "unknown"))) for number, file in enumerate(report.files)
        ],
        sections=[(number, file) for number, file in enumerate(report.files) if file.findings or file.problem],
    )


def _rules(versions: int) -> str:
    """Filtering and sorting as rules of the style sheet: a chosen radio button hides rows, or gives them an order."""
    hide = [f"#show-{outcome}:checked~.list .row:not(.{outcome}):not(.head){{display:none}}" for outcome in OUTCOMES]
    by_outcome = [f"#sort-outcome:checked~.list .{outcome}{{order:{place}}}" for place, outcome in enumerate(OUTCOMES, start=1)]
    by_version = [f"#sort-version:checked~.list .v{place}{{order:{place + 1}}}" for place in range(versions)]
    marks = [f"#{name}:checked~nav label[for={name}]" for name in _choices()]
    return "\n".join([*hide, *by_outcome, *by_version, ",".join(marks) + "{background:var(--ink);color:var(--paper)}"])


def _choices() -> list[str]:
    return [*(f"show-{outcome}" for outcome in ("all", *OUTCOMES)), *(f"sort-{key}" for key in ("outcome", "path", "version"))]

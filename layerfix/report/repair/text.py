"""A repair's report for the terminal: the verdict first, then what it rests on."""

from __future__ import annotations

from layerfix.report import phrases, plainly
from layerfix.report.ink import Ink
from layerfix.results.repair import LayerReport, Report, WeightReport

_MARKS = {"good": "✔", "fair": "~", "bad": "✘", "plain": "·"}


def render(report: Report, *, color: bool = False) -> str:
    """The report as text."""
    ink = Ink()
    ink.prose(phrases.verdict(report), f"{phrases.tone(report)} strong")
    ink.gap()
    _files(ink, report)
    for layer in report.layers:
        _layer(ink, layer)
    _search(ink, report)
    _findings(ink, report)
    _checks(ink, report)
    _sentences(ink, "Not established", report.not_established)
    _sentences(ink, "Next", report.advice)
    return ink.document(color=color)


def _files(ink: Ink, report: Report) -> None:
    rows = [("from", report.source.path, (plainly.source(report.source), "quiet"))]
    if report.target is not None:
        rows.append(("to", report.target.path, ("", "quiet")))
    ink.columns(rows)


def _layer(ink: Ink, layer: LayerReport) -> None:
    ink.gap()
    ink.line((layer.path or layer.name, "strong"), f"  {layer.class_name}")
    for found in layer.arguments:
        look = "fair" if found.how == "ambiguous" else "plain"
        ink.line("  ", (found.name, "plain"), " = ", (phrases.argument(found), look))
        ink.prose(plainly.argument(found), "quiet", indent=6)
    for weight in layer.weights:
        _weight(ink, weight)


def _weight(ink: Ink, weight: WeightReport) -> None:
    look = phrases.look(weight)
    ink.line("  ", (_MARKS[look], look), f" {weight.name}  {phrases.shape(weight.shape)} {weight.dtype}  ", (phrases.fate(weight), look))
    for sentence in filter(None, (phrases.origin(weight), phrases.belief(weight))):
        ink.prose(sentence, "quiet", indent=6)


def _search(ink: Ink, report: Report) -> None:
    rows, tried = plainly.search(report.search), report.search.get("tried", ())
    if rows or tried:
        ink.title("Search")
        ink.columns(rows)
        for sentence in tried:
            ink.prose(str(sentence), "quiet", indent=2, mark="- ")


def _findings(ink: Ink, report: Report) -> None:
    if not report.findings:
        return
    ink.title("Findings")
    for finding in report.findings:
        word, look = phrases.severity(finding.severity)
        ink.line("  ", (finding.code, "strong"), " ", (word, look), f"  {finding.layer or 'file'}")
        ink.prose(finding.message, indent=4)
        for observation in finding.evidence:
            ink.prose(observation, "quiet", indent=4, mark="- ")


def _checks(ink: Ink, report: Report) -> None:
    rows = plainly.checks(report)
    if rows:
        ink.title("Checks")
        ink.columns(rows)


def _sentences(ink: Ink, title: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    ink.title(title)
    for sentence in sentences:
        words, command = phrases.step(sentence)
        ink.prose(words, indent=2, mark="- ")
        if command:
            ink.verbatim(command, indent=6)

"""An audit for the terminal: worst files first, clean ones counted."""

from __future__ import annotations

from layerfix.report import phrases
from layerfix.report.ink import Ink
from layerfix.results.audit import OUTCOMES, AuditedFile, AuditReport

LOOKS = {"lost": "bad", "suspect": "fair", "refused": "bad", "unreadable": "bad", "noted": "plain", "clean": "good", "skipped": "quiet"}
MEANINGS = {
    "lost": "with lost weights",
    "suspect": "suspect",
    "refused": "refused as hostile",
    "unreadable": "unreadable",
    "noted": "with notes only",
    "clean": "nothing lost",
    "skipped": "no checkpoint",
}


def render(report: AuditReport, *, color: bool = False) -> str:
    """The audit as text."""
    ink = Ink()
    ink.prose(verdict(report), f"{tone(report)} strong")
    alone = len(report.files) == 1
    worth = (file for file in report.files if file.outcome != "clean" or file.findings or alone)
    for file in sorted(worth, key=lambda file: (OUTCOMES.index(file.outcome), file.path)):
        _file(ink, file)
    ink.gap()
    if "lost" in report.counts:
        ink.prose("`layerfix repair FILE` brings lost weights back; `layerfix explain CODE` says what a code means.", "quiet")
    return ink.document(color=color)


def verdict(report: AuditReport) -> str:
    """The audit in one sentence."""
    if not report.files:
        return "No checkpoint was found."
    parts = ", ".join(f"{number:,} {MEANINGS[outcome]}" for outcome, number in report.counts.items())
    known = f" {phrases.count(report.accepted, 'finding')} known and not counted." if report.accepted else ""
    if len(report.files) == 1:
        return f"{report.files[0].path}: {_alone(report.files[0])}.{known}"
    return f"{phrases.count(len(report.files), 'file')}: {parts}.{known}"


def tone(report: AuditReport) -> phrases.Tone:
    """How the audit looks."""
    outcomes = set(report.counts)
    if outcomes & {"lost", "refused", "unreadable"}:
        return "bad"
    return "fair" if "suspect" in outcomes else "good" if outcomes - {"skipped"} else "plain"


def _alone(file: AuditedFile) -> str:
    layers = len({found.finding.layer for found in file.open if found.finding.severity == file.outcome})
    if file.outcome == "lost":
        return f"{phrases.count(layers, 'layer')} lost weights in the save"
    if file.outcome == "suspect":
        return f"{phrases.count(layers, 'layer')} may have lost weights in the save"
    return {"noted": "nothing is known to be lost", "clean": "nothing is known to be lost"}.get(file.outcome, MEANINGS[file.outcome])


def _file(ink: Ink, file: AuditedFile) -> None:
    ink.gap()
    version = file.facts.get("keras_version")
    told = [f"Keras {version}" if version else "", str(file.facts.get("format") or "")]
    ink.line((file.path, "strong"), "  ", (MEANINGS[file.outcome], LOOKS[file.outcome]), ("  " + ", ".join(filter(None, told)), "quiet"))
    if file.problem:
        ink.prose(file.problem, indent=2)
    for found in file.findings:
        word, look = phrases.severity(found.finding.severity)
        known = f"  not counted: {found.accepted}" if found.accepted else ""
        ink.line("  ", (found.finding.code, "strong"), " ", (word, look), f"  {found.finding.layer or 'the whole file'}", (known, "quiet"))
        ink.prose(found.finding.message, indent=4)
        for observation in found.finding.evidence:
            ink.prose(observation, "quiet", indent=4, mark="- ")

"""An audit for the terminal: worst files first, clean ones counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from layerfix.report import phrases
from layerfix.report.audit.steps import steps
from layerfix.report.ink import Ink
from layerfix.results.audit import OUTCOMES, AuditedFile, AuditReport

LOOKS: Mapping[str, phrases.Tone] = {
    "lost": "bad",
    "suspect": "fair",
    "refused": "bad",
    "unreadable": "bad",
    "noted": "plain",
    "known": "plain",
    "clean": "good",
    "skipped": "plain",
}
MEANINGS: Mapping[str, str] = {
    "lost": "with lost weights",
    "suspect": "suspect",
    "refused": "refused as hostile",
    "unreadable": "unreadable",
    "noted": "with notes only",
    "known": "with nothing beyond what is known",
    "clean": "with nothing known to be lost",
    "skipped": "no checkpoint",
}


def render(report: AuditReport, *, color: bool = False, verbose: bool = False) -> str:
    """The audit as text: a line for each file with something to say, or all of it where there is one file or `verbose`."""
    ink = Ink()
    ink.prose(verdict(report), f"{tone(report)} strong")
    alone = len(report.files) == 1
    if alone and report.files[0].facts:
        ink.prose(_facts(report.files[0]), "quiet")
    worth = (file for file in report.files if file.outcome != "clean" or file.findings or alone)
    told = sorted(worth, key=lambda file: (OUTCOMES.index(file.outcome), file.path))
    if alone:
        _findings(ink, report.files[0])
    elif verbose:
        for file in told:
            _file(ink, file)
    elif told:
        ink.gap()
        ink.columns([_row(file) for file in told])
    _next(ink, report, () if alone or verbose or not told else ("What was found, and why: the same with --verbose.",))
    return ink.document(color=color)


def _row(file: AuditedFile) -> list[str | tuple[str, str]]:
    """A file on one line: outcome, path, version, and its codes with the layers or its problem."""
    version = file.facts.get("keras_version")
    return [
        (file.outcome, LOOKS[file.outcome]),
        file.path,
        (f"Keras {version}" if version else "", "quiet"),
        _problem(file) or _codes(file),
    ]


def _codes(file: AuditedFile) -> str:
    """ "LF101 in 2 layers, LF301 in denoising_layer_1"."""
    layers: dict[str, list[str]] = {}
    for found in file.open or file.findings:
        layers.setdefault(found.finding.code, []).append(found.finding.layer or "the whole file")
    return ", ".join(f"{code} in {named[0] if len(named) == 1 else phrases.count(len(named), 'layer')}" for code, named in layers.items())


def _next(ink: Ink, report: AuditReport, further: Sequence[str]) -> None:
    sentences = (*steps(report), *further)
    if sentences:
        ink.title("Next")
    for sentence in sentences:
        words, command = phrases.step(sentence)
        ink.prose(words, indent=2, mark="- ")
        if command:
            ink.verbatim(command, indent=6)


def verdict(report: AuditReport) -> str:
    """The audit in one sentence."""
    if not report.files:
        return "No checkpoint was found."
    parts = ", ".join(f"{number:,} {MEANINGS[outcome]}" for outcome, number in report.counts.items())
    verb = "is" if report.accepted == 1 else "are"
    known = f" {phrases.count(report.accepted, 'finding')} {verb} known and not counted." if report.accepted else ""
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
        return ", and ".join(_lost(file))
    if file.outcome == "suspect":
        return f"{phrases.count(layers, 'layer')} may have lost weights in the save"
    if file.outcome == "known":
        return "nothing beyond what is known"
    return "nothing is known to be lost" if file.outcome in ("noted", "clean") else MEANINGS[file.outcome]


_LOSSES = (
    (("LF1", "LF403"), "lost weights in the save"),
    (("LF201", "LF202", "LF203"), "came without weights that the file lists"),
    (("LF205",), "had weights that are no finite numbers"),
    (("LF206",), "kept no vocabulary"),
    (("LF402",), "kept a part of its optimizer state only"),
    (("LF601",), "has damaged tensors"),
)
"""Codes of certain loss, and what they say of the layers concerned."""


def _lost(file: AuditedFile) -> Iterator[str]:
    """What is lost, kind by kind: "2 layers lost weights in the save"."""
    certain = [found.finding for found in file.open if found.finding.severity == "lost"]
    for codes, told in _LOSSES:
        layers = {finding.layer for finding in certain if finding.code.startswith(codes)}
        if layers:
            yield f"{phrases.count(len(layers), 'layer')} {told}" if layers != {None} else f"the file {told}"


def _file(ink: Ink, file: AuditedFile) -> None:
    ink.gap()
    ink.line((file.path, "strong"), "  ", (MEANINGS[file.outcome], LOOKS[file.outcome]), (f"  {_facts(file)}", "quiet"))
    _findings(ink, file)


def _facts(file: AuditedFile) -> str:
    """ "Keras 2.2.4, keras-hdf5"."""
    version = file.facts.get("keras_version")
    return ", ".join(filter(None, (f"Keras {version}" if version else "", str(file.facts.get("format") or ""))))


def _problem(file: AuditedFile) -> str:
    """What keeps it from being judged, without its path, which stands before it."""
    return (file.problem or "").removeprefix(f"{file.path}: ")


def _findings(ink: Ink, file: AuditedFile) -> None:
    if file.findings:
        ink.gap()
    if file.problem:
        ink.prose(_problem(file) + (f" Not counted: {file.accepted}." if file.accepted else ""), indent=2)
    for found in file.findings:
        word, look = phrases.severity(found.finding.severity)
        known = f"  not counted: {found.accepted}" if found.accepted else ""
        ink.line("  ", (found.finding.code, "strong"), " ", (word, look), f"  {found.finding.layer or 'the whole file'}", (known, "quiet"))
        ink.prose(found.finding.message, indent=4)
        for observation in found.finding.evidence:
            ink.prose(observation, "quiet", indent=4, mark="- ")

"""A repair's report as Markdown, for an issue, a wiki or a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from layerfix.report import phrases, plainly
from layerfix.report.escape import code, markdown
from layerfix.report.tables import table
from layerfix.results.repair import LayerReport, Report, WeightReport


def render(report: Report) -> str:
    """The report as GitHub-flavoured Markdown."""
    label = plainly.label(report)
    lines = [f"# {label}: {code(report.source.path)}", "", f"**{markdown(phrases.verdict(report))}**", ""]
    lines += _files(report)
    for layer in report.layers:
        lines += _layer(layer)
    lines += _search(report)
    lines += _findings(report)
    lines += _checks(report)
    lines += _sentences("Not established", report.not_established)
    lines += _sentences("Next", report.advice)
    return "\n".join(lines).rstrip() + "\n"


def _files(report: Report) -> list[str]:
    rows = [("from", code(report.source.path), code(report.source.sha256))]
    if report.target is not None:
        rows.append(("to", code(report.target.path), code(report.target.sha256)))
    facts = [markdown(plainly.source(report.source)), "", markdown(plainly.versions(report.tool)), ""]
    return [*table(("", "file", "SHA-256"), rows), *facts]


def _layer(layer: LayerReport) -> list[str]:
    lines = [f"## {code(layer.path or layer.name)} of class {code(layer.class_name)}", ""]
    if layer.arguments:
        rows = [(code(found.name), code(repr(found.value)), found.how, markdown(plainly.argument(found))) for found in layer.arguments]
        lines += table(("argument", "value", "how", "evidence"), rows)
    return lines + table(("weight", "shape", "dtype", "now", "why"), [_weight(weight) for weight in layer.weights])


def _weight(weight: WeightReport) -> Sequence[str]:
    why = " ".join(filter(None, (markdown(phrases.origin(weight)), phrases.belief(weight))))
    return code(weight.name), phrases.shape(weight.shape), code(weight.dtype), phrases.fate(weight), why


def _search(report: Report) -> list[str]:
    lines = [f"- {markdown(label)}: {markdown(value)}" for label, value in plainly.search(report.search)]
    lines += [f"- {markdown(sentence)}" for sentence in report.search.get("tried", ())]
    return ["## Search", "", *lines, ""] if lines else []


def _findings(report: Report) -> list[str]:
    if not report.findings:
        return []
    rows = []
    for found in report.findings:
        evidence = "<br>".join(markdown(observation) for observation in found.evidence)
        rows.append((code(found.code), phrases.severity(found.severity)[0], code(found.layer or "file"), markdown(found.message), evidence))
    return ["## Findings", "", *table(("code", "severity", "layer", "what", "evidence"), rows)]


def _checks(report: Report) -> list[str]:
    rows = [f"- {markdown(label)}: {markdown(value)}" for label, value in plainly.checks(report)]
    return ["## Checks", "", *rows, ""] if rows else []


def _sentences(title: str, sentences: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *map(_sentence, sentences), ""] if sentences else []


def _sentence(sentence: str) -> str:
    words, command = phrases.step(sentence)
    return f"- {markdown(words)} {code(command, limit=None)}" if command else f"- {markdown(words)}"

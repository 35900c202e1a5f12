"""What results look like in Jupyter: a small table in the notebook's own style, every name escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from layerfix.report import phrases, plainly
from layerfix.report.escape import line
from layerfix.results.verify import Check

if TYPE_CHECKING:
    from layerfix.results.audit import AuditReport, AuditResult
    from layerfix.results.diff import Diff
    from layerfix.results.display import Shown
    from layerfix.results.manifest import Manifest
    from layerfix.results.migrate import Migration, MigrationResult
    from layerfix.results.repair import Report, SeedsReport
    from layerfix.results.salvage import SalvageResult
    from layerfix.results.verify import Trial


def html(record: Shown) -> str:
    """Any record that commands return, as the table that its kind has."""
    return str(_TABLES[type(record).__name__](record))


def report_html(report: Report) -> str:
    """A repair: its verdict and every weight's fate."""
    rows = [
        (layer.path or layer.name, weight.name, phrases.shape(weight.shape), phrases.fate(weight), phrases.origin(weight))
        for layer in report.layers
        for weight in layer.weights
    ]
    settled = [
        (layer.path or layer.name, found.name, "argument", phrases.argument(found), plainly.argument(found))
        for layer in report.layers
        for found in layer.arguments
    ]
    written = Markup("<p>Written to <code>{}</code></p>").format(line(report.target.path)) if report.target is not None else Markup("")
    table = _table(phrases.verdict(report), ("layer", "weight or argument", "shape", "now", "why"), [*settled, *rows])
    return table + str(written + _list("Not established", report.not_established) + _list("Next", report.advice))


def audit_html(report: AuditReport) -> str:
    """An audit: its verdict and every finding."""
    from layerfix.report.audit.steps import steps
    from layerfix.report.audit.text import MEANINGS, verdict

    rows: list[tuple[str, ...]] = []
    for file in report.files:
        rows += [
            (file.path, found.finding.code, found.finding.severity, found.finding.layer or "", found.finding.message)
            for found in file.findings
        ]
        rows += [(file.path, "", MEANINGS[file.outcome], "", file.problem or "")] if not file.findings else []
    return _table(verdict(report), ("file", "code", "severity", "layer", "what"), rows) + str(_list("Next", steps(report)))


def findings_html(result: AuditResult) -> str:
    """The audit of one checkpoint: its findings."""
    rows = [(found.code, found.severity, found.layer or "", found.message) for found in result.findings]
    told = phrases.count(len(rows), "finding") if rows else "nothing is known to be lost"
    return _table(f"{result.path}: {told}.", ("code", "severity", "layer", "what"), rows)


def diff_html(found: Diff) -> str:
    """A difference: every tensor that is not identical."""
    from layerfix.report.diff import account

    rows = [(account.name(tensor.key), tensor.status, account.what(tensor)) for tensor in account.shown(found.tensors, everything=False)]
    return _table(account.verdict(found), ("tensor", "status", "what"), rows)


def seeds_html(found: SeedsReport) -> str:
    """The seeds of a checkpoint: its verdict and every kernel."""
    from layerfix.report import provenance

    return _table(provenance.verdict(found), provenance.HEAD, provenance.rows(found.search))


def migration_html(result: MigrationResult) -> str:
    """One migrated checkpoint: what became of it, and how it was checked."""
    from layerfix.report import migration

    checked = "checked" if result.proof.independent else "not checked against the legacy model"
    wanted = result.older or "today's Keras"
    return _table(f"{result.source} was brought to {wanted}, {checked}.", ("what", ""), migration.told(result))


def migrations_html(found: Migration) -> str:
    """Many migrations: the verdict, and each file's proof or problem."""
    from layerfix.report import migration

    return _table(migration.verdict(found), ("file", "written", "proof"), [migration.row(file) for file in found.files])


def trial_html(found: Trial) -> str:
    """A verification: the verdict, and every check."""
    from layerfix.report.checks import verdict

    rows = [
        (file.path, check.name, "passed" if check.passed else "failed", check.detail)
        for file in found.files
        for check in (file.checks or (Check("read", False, file.problem or ""),))
    ]
    return _table(verdict(found), ("file", "check", "", "what it showed"), rows)


def manifest_html(found: Manifest) -> str:
    """A manifest: each file with its hash."""
    rows = [(entry.path, entry.sha256 or "", entry.problem or phrases.count(len(entry.tensors), "tensor")) for entry in found.files]
    return _table(f"{phrases.count(len(found.files), 'file')} recorded.", ("file", "SHA-256", "what"), rows)


def salvage_html(found: SalvageResult) -> str:
    """A salvage: the verdict, and every tensor that is not whole."""
    from layerfix.report.salvage import verdict

    rows = [(tensor.name, tensor.state, tensor.why) for tensor in found.tensors if tensor.state != "whole"]
    return _table(verdict(found), ("tensor", "state", "why"), rows) + str(_list("Notes", found.notes))


_TABLES: dict[str, Callable[..., str]] = {
    "Report": report_html,
    "AuditReport": audit_html,
    "AuditResult": findings_html,
    "Diff": diff_html,
    "SeedsReport": seeds_html,
    "MigrationResult": migration_html,
    "Migration": migrations_html,
    "Trial": trial_html,
    "Manifest": manifest_html,
    "SalvageResult": salvage_html,
}


def _table(verdict: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    titles = Markup("").join(Markup("<th>{}</th>").format(title) for title in head)
    body = Markup("").join(Markup("<tr>{}</tr>").format(_cells(row)) for row in rows)
    table = Markup("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(titles, body) if body else Markup("")
    return str(Markup("<div><p><b>{}</b></p>{}</div>").format(line(verdict), table))


def _list(title: str, sentences: Sequence[str]) -> Markup:
    """Sentences under a title; what can be pasted stands in a line of its own."""
    items = Markup("")
    for sentence in sentences:
        words, command = phrases.step(sentence)
        pasted = Markup("<pre>{}</pre>").format(line(command)) if command else Markup("")
        items += Markup("<li>{}{}</li>").format(line(words), pasted)
    return Markup("<p><b>{}</b></p><ul>{}</ul>").format(title, items) if sentences else Markup("")


def _cells(row: Sequence[str]) -> Markup:
    return Markup("").join(Markup("<td>{}</td>").format(line(text)) for text in row)

"""Migrations for people and machines."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePath

from layerfix.report import phrases
from layerfix.report.escape import code, markdown
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.migrate import ENDS, MigratedFile, Migration, MigrationResult, Proof

_PROOFS = {
    "predictions": "the recorded predictions are reproduced",
    "reference": "an independent evaluation of the legacy model agrees",
    "reload": "the written file predicts what the model in memory predicts; nothing else was compared",
}


_TODAY = "today's Keras"


def render(migration: Migration, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The migrations as text, JSON, Markdown or an HTML page."""
    if format == "json":
        return dumps({"schema": "layerfix.migration/1", "exit_code": migration.exit_code, "files": plain(migration.files)})
    if format == "markdown":
        return _as_markdown(migration)
    if format in ("intoto", "cyclonedx"):
        from layerfix.report.lineage import migrated

        return migrated(migration, format)
    if format == "html":
        from layerfix.report.migration_page import as_page  # templates and all that they draw: for a page alone

        return as_page(migration, verdict(migration), steps(migration), rows)
    ink = Ink()
    ink.prose(verdict(migration), "good strong" if migration.exit_code == 0 else "bad strong")
    for file in migration.files:
        ink.gap()
        ink.line((file.path, "strong"))
        for label, told in rows(file):
            ink.prose(f"{label}: {told}", "bad" if label == "problem" else "plain", indent=2)
    for number, sentence in enumerate(steps(migration)):
        words, command = phrases.step(sentence)
        if number == 0:
            ink.title("Next")
        ink.prose(words, indent=2, mark="- ")
        if command:
            ink.verbatim(command, indent=6)
    return ink.document(color=color)


def verdict(migration: Migration) -> str:
    """The migration in one sentence."""
    if not migration.files:
        return "No checkpoint was found."
    done = [file.result for file in migration.files if file.result is not None]
    again = [file for file in migration.files if file.repair is not None]
    there = sum(file.written is not None for file in migration.files)
    told = f"{there} of {phrases.count(len(migration.files), 'file')} brought to {migration.older or _TODAY}"
    if again:
        return f"{told}: {_by_end(migration)}."
    bare = sum(not result.proof.independent for result in done)
    lost = sum(file.lost for file in migration.files)
    saved = f" {phrases.count(lost, 'file')} lost weights in the save and {'has' if lost == 1 else 'have'} to be repaired." if lost else ""
    if not bare:
        return f"{told}{' and checked' if done else ''}.{saved}"
    which = "not" if bare == len(done) else f"{bare} of them not"
    return f"{told}, {which} checked against the legacy model: see the proof.{saved}"


def _by_end(migration: Migration) -> str:
    """ "3 migrated and checked, 2 repaired and proven"."""
    found = Counter(file.end for file in migration.files)
    return ", ".join(f"{found[end]} {phrases.ENDINGS[end]}" for end in reversed(ENDS) if found[end])


def steps(migration: Migration) -> tuple[str, ...]:
    """What to do with files that lost weights, and how one with classes of its own opens; what can be pasted stands behind ": "."""
    doubtful = [file.repair.advice[0] for file in migration.files if file.end == "unsure" and file.repair and file.repair.advice]
    lost = [file.path for file in migration.files if file.lost and file.repair is None]
    opened = [file.result.emitted.opening(file.result.output) for file in migration.files if file.result and file.result.emitted]
    if doubtful:
        return tuple(dict.fromkeys(doubtful))
    if not lost:
        return tuple(opened)
    if len(lost) == 1 and "://" in lost[0]:
        command = shlex.join(["layerfix", "migrate", lost[0], "-o", f"{PurePath(lost[0]).stem}.keras", "--repair"])
        return (f"Bring back what its save lost, straight into today's Keras: `{command}`",)
    if len(lost) == 1:
        command = shlex.join(["layerfix", "repair", lost[0], "-o", f"{PurePath(lost[0]).stem}.keras"])
        return (f"Bring back what its save lost, straight into today's Keras: `{command}`",)
    command = shlex.join(["layerfix", "migrate", *lost, "-o", "repaired", "--repair"])
    return (f"Bring back what their saves lost, straight into today's Keras: `{command}`",)


def rows(file: MigratedFile) -> list[tuple[str, str]]:
    """What is to be said about one file."""
    if file.result is not None:
        return told(file.result)
    if file.repair is None or file.repair.output is None:
        return [("problem", (file.problem or "").removeprefix(f"{file.path}: "))]
    return [("written", file.repair.output), ("repair", file.repair.summary), ("verdict", file.repair.verdict)]


def row(file: MigratedFile) -> tuple[str, str, str]:
    """One file in a table: its name, what was written, and the proof or the problem."""
    if file.repair is not None and file.repair.output is not None:
        return (file.path, file.repair.output, file.repair.summary)
    if file.result is None:
        return (file.path, "", file.problem or "")
    return (file.path, str(file.result.output), proof(file.result.proof))


def told(result: MigrationResult) -> list[tuple[str, str]]:
    """What is to be said about one migrated checkpoint."""
    facts = [
        ("written", str(result.output)),
        ("proof", proof(result.proof)),
        ("weights", phrases.count(result.weights, "tensor") + " carried over"),
    ]
    if result.client:
        facts.append(("proof by the older Keras", result.client))
    elif result.older:
        facts.append(("proof by the older Keras", f"not done: {result.older} itself was not asked (--prove-with PYTHON)"))
    facts.append(("optimizer", ": ".join(part for part in result.optimizer if part)))
    if result.relaid:
        facts.append(("laid out anew", ", ".join(f"{layer} ({layout})" for layer, layout in result.relaid)))
    facts += [("changed in the config", change) for change in _changes(result)]
    if result.lambdas:
        facts.append(("Lambda layers, never run", ", ".join(f"{found.layer} (SHA-256 {found.digest[:12]})" for found in result.lambdas)))
    if result.custom:
        facts.append(("custom classes", ", ".join(result.custom)))
    if result.emitted is not None:
        facts.append(("layer classes", phrases.emitted(result.emitted)))
    return [*facts, *(("note", note) for note in result.notes), *(("not proven", doubt) for doubt in result.doubts)]


def proof(found: Proof) -> str:
    """How a written file was checked, and how close it came."""
    if not found.inputs:
        return f"not by predictions: {found.why}"
    why = f" ({found.why})" if found.why else ""
    difference = f"{_PROOFS[found.kind]}: largest difference {found.difference:.1e} of the output's scale"
    return f"{difference} on {phrases.count(found.inputs, 'input')}{why}"


def _changes(result: MigrationResult) -> Iterator[str]:
    """What each rule did, once: with the layer that it did it to, or how many there are."""
    layers: dict[str, list[str]] = {}
    for rule in result.rules:
        layers.setdefault(rule.detail, []).append(rule.layer)
    named = {rule.detail: rule.name for rule in result.rules}
    once: dict[str, list[str]] = {}
    for detail in layers:
        once.setdefault(named[detail], []).append(detail)
    for details in once.values():
        places = list(dict.fromkeys(layer for detail in details for layer in layers[detail]))
        where = places[0] if len(places) == 1 else phrases.count(len(places), "layer")
        yield f"{details[0]}{' and the like' if len(details) > 1 else ''} ({where})"


def _as_markdown(migration: Migration) -> str:
    lines = ["# Migration", "", f"**{markdown(verdict(migration))}**", ""]
    for sentence in steps(migration):
        words, command = phrases.step(sentence)
        lines += [f"- {markdown(words)}{f' {code(command, limit=None)}' if command else ''}", ""]
    for file in migration.files:
        lines += [f"## {code(file.path)}", "", *(f"- {label}: {markdown(told)}" for label, told in rows(file)), ""]
    return "\n".join(lines).rstrip() + "\n"

"""Migrations for people and machines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from layerfix.disk.hashing import known_sha256
from layerfix.report import phrases
from layerfix.report.escape import code, markdown
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.migrate import MigratedFile, Migration, MigrationResult, Proof

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
    if format == "html":
        return _as_page(migration)
    ink = Ink()
    ink.prose(verdict(migration), "good strong" if migration.exit_code == 0 else "bad strong")
    for file in migration.files:
        ink.gap()
        ink.line((file.path, "strong"))
        for label, told in rows(file):
            ink.prose(f"{label}: {told}", "bad" if label == "problem" else "plain", indent=2)
    return ink.document(color=color)


def verdict(migration: Migration) -> str:
    """The migration in one sentence."""
    if not migration.files:
        return "No checkpoint was found."
    done = [file.result for file in migration.files if file.result is not None]
    older = sorted({result.older for result in done if result.older})
    told = f"{len(done)} of {phrases.count(len(migration.files), 'file')} brought to {', '.join(older) or _TODAY}"
    bare = sum(not result.proof.independent for result in done)
    if not bare:
        return f"{told} and checked."
    which = "not" if bare == len(done) else f"{bare} of them not"
    return f"{told}, {which} checked against the legacy model: see the proof."


def rows(file: MigratedFile) -> list[tuple[str, str]]:
    """What is to be said about one file."""
    result = file.result
    if result is None:
        return [("problem", file.problem or "")]
    return told(result)


def row(file: MigratedFile) -> tuple[str, str, str]:
    """One file in a table: its name, what was written, and the proof or the problem."""
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
    if result.rules:
        facts.append(("rules", ", ".join(f"{name} ({number})" for name, number in _fired(result))))
    if result.lambdas:
        facts.append(("Lambda layers, never run", ", ".join(f"{found.layer} (SHA-256 {found.digest[:12]})" for found in result.lambdas)))
    if result.custom:
        facts.append(("custom classes", ", ".join(result.custom)))
    return [*facts, *(("note", note) for note in result.notes), *(("not proven", doubt) for doubt in result.doubts)]


def proof(found: Proof) -> str:
    """How a written file was checked, and how close it came."""
    if not found.inputs:
        return f"not by predictions: {found.why}"
    why = f" ({found.why})" if found.why else ""
    difference = f"{_PROOFS[found.kind]}: largest difference {found.difference:.1e} of the output's scale"
    return f"{difference} on {phrases.count(found.inputs, 'input')}{why}"


def _fired(result: MigrationResult) -> list[tuple[str, int]]:
    return sorted(Counter(rule.name for rule in result.rules).items())


def _as_markdown(migration: Migration) -> str:
    lines = ["# Migration", "", f"**{markdown(verdict(migration))}**", ""]
    for file in migration.files:
        lines += [f"## {code(file.path)}", "", *(f"- {label}: {markdown(told)}" for label, told in rows(file)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _as_page(migration: Migration) -> str:
    from layerfix.report.pages import page
    from layerfix.results.tool import tool

    files = [(file.path, file.result is not None, rows(file)) for file in migration.files]
    tone = "good" if migration.exit_code == 0 else "bad"
    return page(
        "migration", title="Migration", verdict=verdict(migration), tone=tone, files=files, sums=list(_sums(migration)), tool=tool()
    )


def _sums(migration: Migration) -> Iterator[tuple[str, Path, str, str | None]]:
    """Every file read and written, what is known of the program that wrote it, and its hash."""
    for file in migration.files:
        result = file.result
        written = f"Keras {result.keras_version}" if result and result.keras_version else ""
        told = ", ".join(filter(None, (written, result.backend if result else "")))
        yield "legacy", Path(file.path), told, known_sha256(Path(file.path))
        if result is not None:
            yield "migrated", result.output, "", known_sha256(result.output)

"""A verification for people and machines."""

from __future__ import annotations

from layerfix.report import phrases
from layerfix.report.ink import Ink
from layerfix.report.jsons import dumps, plain
from layerfix.results.verify import CheckedFile, Trial


def render(trial: Trial, format: str = "text", *, color: bool = False) -> str:  # noqa: A002
    """The checks of every file, the verdict first; of several files, those that passed in a line each."""
    if format == "json":
        return dumps({"schema": "layerfix.verify/1", "passed": trial.passed, "exit_code": trial.exit_code, **plain(trial)})
    ink = Ink()
    ink.prose(verdict(trial), "good strong" if trial.passed else "bad strong")
    quietly = [file for file in trial.files if file.exit_code == 0 and len(trial.files) > 1]
    for file in trial.files:
        if file not in quietly:
            _file(ink, file)
    if quietly:
        ink.gap()
        ink.columns([(("✔", "good"), file.path, ("; ".join(check.detail for check in file.checks), "quiet")) for file in quietly])
    return ink.document(color=color)


def _file(ink: Ink, file: CheckedFile) -> None:
    ink.gap()
    ink.line((file.path, "strong"))
    if file.problem:
        ink.prose(file.problem.removeprefix(f"{file.path}: "), "bad", indent=2)
    for check in file.checks:
        ink.prose(f"{check.name}: {check.detail}", "plain" if check.passed else "bad", indent=2, mark="✔ " if check.passed else "✘ ")


def verdict(trial: Trial) -> str:
    """The verification in one sentence."""
    if not trial.files:
        return "No checkpoint was found."
    failed = sum(file.exit_code != 0 for file in trial.files)
    if failed:
        return f"{failed} of {phrases.count(len(trial.files), 'file')} did not pass."
    return f"{phrases.count(len(trial.files), 'file')} passed every check."

"""The audit of a whole collection: every file gets exactly one outcome, and one bad file stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix import __version__
from layerfix.fleet.engine import run
from layerfix.fleet.sources import sources
from layerfix.fleet.tasks import Answer, Task
from layerfix.isolation.tasks import audited
from layerfix.progress import Progress, silent
from layerfix.report.audit.baseline import Acceptance
from layerfix.report.audit.record import AuditedFile, AuditedFinding, AuditReport, FailOn, Outcome, fingerprint
from layerfix.report.record import FindingReport

if TYPE_CHECKING:
    from layerfix.fleet.journal import Journal


def audit_all(
    paths: Iterable[Path | str],
    *,
    layers: Sequence[Path] = (),
    architecture: Path | None = None,
    fail_on: FailOn = "suspect",
    acceptance: Acceptance | None = None,
    jobs: int = 1,
    journal: Path | None = None,
    scheduler: str | None = None,
    progress: Progress = silent,
) -> AuditReport:
    """Audits every checkpoint in `paths` (files, folders, patterns, URLs, lists), each in a child process with limits.

    Args:
        paths: what to look at; see `layerfix.fleet.sources`.
        layers: the user's own layer source; only then is TensorFlow imported, and files that passed the child are read here once more.
        architecture: the JSON file of weights-only checkpoints.
        fail_on: which findings make the exit code 1: certain loss, also suspicion, or none.
        acceptance: known findings that do not count.
        jobs: files looked at together.
        journal: SQLite file to resume from.
        scheduler: address of a Dask scheduler that does the work instead.
        progress: told after each file.

    Raises:
        ReadError: where a named path does not exist at all.
    """
    meant = dict(sources(paths))
    known = acceptance or Acceptance()
    options = {} if architecture is None else {"architecture": str(architecture)}
    tasks = (Task(name, "audit", options) for name in meant)
    files = []
    with _opened(journal) as record:
        for done, (task, answer) in enumerate(run(tasks, jobs=jobs, journal=record, scheduler=scheduler), start=1):
            if layers and answer["state"] == "ok":
                answer = audited(task.name, layers=layers, architecture=architecture)
            files.append(_file(task.name, meant[task.name], answer, known))
            progress("Auditing", done, len(meant))
    files.sort(key=lambda file: file.path)
    return AuditReport(
        files=tuple(files), tool={"name": "layerfix", "version": __version__}, exit_code=_exit_code(files, fail_on), fail_on=fail_on
    )


def _opened(journal: Path | None) -> AbstractContextManager[Journal | None]:
    if journal is None:
        return nullcontext()
    from layerfix.fleet.journal import Journal

    return Journal(journal)


_PROBLEMS: Mapping[str, Outcome] = {"refused": "refused", "none": "skipped", "damaged": "unreadable", "failed": "unreadable"}


def _file(name: str, named: bool, answer: Answer, known: Acceptance) -> AuditedFile:
    """A child's answer as the record of a file. A sound file that is no checkpoint is an error only where the user named it himself."""
    if answer["state"] != "ok":
        outcome = _PROBLEMS[answer["state"]]
        return AuditedFile(name, "unreadable" if outcome == "skipped" and named else outcome, problem=str(answer["problem"]))
    reports = (FindingReport(code, severity, layer, message, tuple(told)) for code, severity, layer, message, told in answer["findings"])
    found = tuple(_known(Path(name), report, known.reason) for report in reports)
    return AuditedFile(name, _outcome(found), found, answer["facts"])


def _known(path: Path, finding: FindingReport, reason: Callable[[str, FindingReport, str], str | None]) -> AuditedFinding:
    mark = fingerprint(str(path), finding.code, finding.layer)
    return AuditedFinding(finding, mark, reason(str(path), finding, mark))


def _outcome(findings: Iterable[AuditedFinding]) -> Outcome:
    """The worst severity among the findings that count."""
    severities = {found.finding.severity for found in findings if found.accepted is None}
    if "lost" in severities:
        return "lost"
    if "suspect" in severities:
        return "suspect"
    return "noted" if severities else "clean"


def _exit_code(files: Sequence[AuditedFile], fail_on: FailOn) -> int:
    """Design's codes by precedence: 2 unreadable, 4 refused, 1 findings, 3 nothing found, 0. `never` silences 1 only."""
    outcomes = {file.outcome for file in files}
    failing = {"lost": {"lost"}, "suspect": {"lost", "suspect"}, "never": set()}[fail_on]
    if "unreadable" in outcomes:
        return 2
    if "refused" in outcomes:
        return 4
    if outcomes & failing:
        return 1
    return 0 if outcomes - {"skipped"} else 3

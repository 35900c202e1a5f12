"""The audit of a whole collection: every file gets exactly one outcome, and one bad file stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import overload

from layerfix.commands.answers import audited
from layerfix.errors import require_tensorflow
from layerfix.fleet.engine import opened, run
from layerfix.fleet.remote import fetched
from layerfix.fleet.shelf import Shelf
from layerfix.fleet.sources import sources
from layerfix.fleet.tasks import Answer, Task
from layerfix.progress import Progress, silent
from layerfix.report.audit.baseline import Acceptance
from layerfix.results.audit import AuditedFile, AuditedFinding, AuditReport, FailOn, Outcome, fingerprint
from layerfix.results.repair import FindingReport
from layerfix.version import __version__


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
    if layers:
        require_tensorflow("audit with --layers")
    meant = Shelf(sources(paths))
    known = acceptance or Acceptance()
    options = {} if architecture is None else {"architecture": str(architecture)}
    tasks = (Task(name, "audit", options) for name in meant.names())
    total = len(meant)
    with opened(journal) as record, closing(run(tasks, jobs=jobs, journal=record, scheduler=scheduler)) as answers:
        for done, (task, answer) in enumerate(answers, start=1):
            if layers and answer["state"] == "ok":
                with fetched(task.name, None) as path:
                    answer = audited(str(path), layers=layers, architecture=architecture)
            meant.put(task.name, answer)
            progress("Auditing", done, total)
    files = AuditedFiles(meant, known)
    return AuditReport(
        files=files, tool={"name": "layerfix", "version": __version__}, exit_code=_exit_code(files, fail_on), fail_on=fail_on
    )


class AuditedFiles(Sequence[AuditedFile]):
    """The files of an audit, sorted by path, made anew each time they are gone through: memory stays flat however many there are."""

    def __init__(self, shelf: Shelf, known: Acceptance) -> None:
        self._shelf, self._known = shelf, known

    def __iter__(self) -> Iterator[AuditedFile]:
        return (_file(name, named, answer, self._known) for name, named, answer in self._shelf.answers())

    def __len__(self) -> int:
        return len(self._shelf)

    @overload
    def __getitem__(self, index: int) -> AuditedFile: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[AuditedFile]: ...
    def __getitem__(self, index: int | slice) -> AuditedFile | Sequence[AuditedFile]:
        return tuple(self)[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


_PROBLEMS: Mapping[str, Outcome] = {"refused": "refused", "none": "skipped", "damaged": "unreadable", "failed": "unreadable"}


def _file(name: str, named: bool, answer: Answer, known: Acceptance) -> AuditedFile:
    """A child's answer as the record of a file. A sound file that is no checkpoint is an error only where the user named it himself."""
    if answer["state"] != "ok":
        return _problem(name, named, answer, known)
    reports = (FindingReport(code, severity, layer, message, tuple(told)) for code, severity, layer, message, told in answer["findings"])
    found = tuple(_known(Path(name), report, known.reason) for report in reports)
    return AuditedFile(name, _outcome(found), found, answer["facts"])


def _problem(name: str, named: bool, answer: Answer, known: Acceptance) -> AuditedFile:
    """A file that could not be judged; a baseline, or a rule that names its outcome, makes it known."""
    outcome = _PROBLEMS[answer["state"]]
    outcome = "unreadable" if outcome == "skipped" and named else outcome
    mark = fingerprint(name, outcome, None)
    accepted = None if outcome == "skipped" else known.of_problem(name, outcome, mark)
    return AuditedFile(name, "known" if accepted else outcome, problem=str(answer["problem"]), accepted=accepted, marked=mark)


def _known(path: Path, finding: FindingReport, reason: Callable[[str, FindingReport, str], str | None]) -> AuditedFinding:
    mark = fingerprint(str(path), finding.code, finding.layer)
    return AuditedFinding(finding, mark, reason(str(path), finding, mark))


def _outcome(found: Sequence[AuditedFinding]) -> Outcome:
    """The worst severity among the findings that count."""
    severities = {one.finding.severity for one in found if one.accepted is None}
    if "lost" in severities:
        return "lost"
    if "suspect" in severities:
        return "suspect"
    return "noted" if severities else "known" if found else "clean"


def _exit_code(files: Iterable[AuditedFile], fail_on: FailOn) -> int:
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

"""The audit of a whole collection: every file gets exactly one outcome, and one bad file stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from layerfix import __version__
from layerfix.errors import HostileError, LayerfixError, NoCheckpointError
from layerfix.paths import checkpoints
from layerfix.progress import Progress, silent
from layerfix.report.audit.baseline import Acceptance
from layerfix.report.audit.record import AuditedFile, AuditedFinding, AuditReport, FailOn, Outcome, fingerprint
from layerfix.report.record import FindingReport


def audit_all(
    paths: Iterable[Path],
    *,
    layers: Sequence[Path] = (),
    architecture: Path | None = None,
    fail_on: FailOn = "suspect",
    acceptance: Acceptance | None = None,
    progress: Progress = silent,
) -> AuditReport:
    """Audits every checkpoint in `paths` (files, folders, patterns).

    Args:
        paths: what to look at; see `layerfix.paths.checkpoints`.
        layers: the user's own layer source; only then is TensorFlow imported.
        architecture: the JSON file of weights-only checkpoints.
        fail_on: which findings make the exit code 1: certain loss, also suspicion, or none.
        acceptance: known findings that do not count.
        progress: told after each file.

    Raises:
        ReadError: where a named path does not exist at all.
    """
    meant = list(checkpoints(paths))
    known = acceptance or Acceptance()
    files = []
    for done, (path, named) in enumerate(meant, start=1):
        files.append(_audited(path, named, known, layers, architecture))
        progress("Auditing", done, len(meant))
    files.sort(key=lambda file: file.path)
    return AuditReport(
        files=tuple(files), tool={"name": "layerfix", "version": __version__}, exit_code=_exit_code(files, fail_on), fail_on=fail_on
    )


def _audited(path: Path, named: bool, known: Acceptance, layers: Sequence[Path], architecture: Path | None) -> AuditedFile:
    from layerfix.audit import audit

    try:
        result = audit(path, layers=layers, architecture=architecture)
    except HostileError as error:
        return AuditedFile(str(path), "refused", problem=str(error))
    except NoCheckpointError as error:
        return AuditedFile(str(path), "unreadable" if named else "skipped", problem=str(error))
    except LayerfixError as error:
        return AuditedFile(str(path), "unreadable", problem=str(error))
    found = tuple(_known(path, FindingReport(f.code, f.severity, f.layer, f.message, f.evidence), known.reason) for f in result.findings)
    checkpoint = result.checkpoint
    facts = {
        "format": checkpoint.format,
        "keras_version": checkpoint.keras_version,
        "backend": checkpoint.backend,
        "layers": len(checkpoint.layers),
        "tensors": len(checkpoint.weights),
        "bytes": checkpoint.size,
    }
    return AuditedFile(str(path), _outcome(found), found, facts)


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

"""Audits: one checkpoint's findings, and the report of any number of files; `layerfix.audit/1` is its JSON form."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from layerfix.results.display import Shown

if TYPE_CHECKING:
    from layerfix.containers.records import Checkpoint
    from layerfix.diagnose.records import Diagnosis, Finding
    from layerfix.results.repair import FindingReport

AuditOutcome = Literal["lost", "suspect", "note", "clean"]


@dataclass(frozen=True, slots=True, repr=False)
class AuditResult(Shown):
    """One audited checkpoint.

    Attributes:
        checkpoint: what the file holds.
        diagnosis: what is wrong with it.
    """

    checkpoint: Checkpoint
    diagnosis: Diagnosis

    def __repr__(self) -> str:
        """One line: the outcome and the codes."""
        codes = ", ".join(sorted({finding.code for finding in self.findings}))
        return f"<AuditResult {self.outcome}: {str(self.path)!r}{f', {codes}' if codes else ''}>"

    @property
    def path(self) -> Path:
        """The file."""
        return self.checkpoint.path

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, sorted by code and layer."""
        return self.diagnosis.findings

    @property
    def outcome(self) -> AuditOutcome:
        """The worst severity found, or "clean"."""
        found = {finding.severity for finding in self.findings}
        order: tuple[Literal["lost", "suspect", "note"], ...] = ("lost", "suspect", "note")
        return next((severity for severity in order if severity in found), "clean")


SCHEMA = "layerfix.audit/1"


SEVERITIES = ("lost", "suspect", "note")


Outcome = Literal["clean", "known", "noted", "suspect", "lost", "refused", "unreadable", "skipped"]


OUTCOMES: tuple[Outcome, ...] = ("lost", "suspect", "refused", "unreadable", "noted", "known", "clean", "skipped")


FailOn = Literal["lost", "suspect", "never"]


@dataclass(frozen=True, slots=True)
class AuditedFinding:
    """A finding and whether it is known.

    Attributes:
        finding: what was found.
        fingerprint: stable over runs, machines and versions of the message: file name, code and layer.
        accepted: why it does not count ("in the baseline", or the reason of an ignore rule); None where it counts.
    """

    finding: FindingReport
    fingerprint: str
    accepted: str | None = None


@dataclass(frozen=True, slots=True)
class AuditedFile:
    """One file of an audit. `problem` is the sentence of a file that was refused, not readable, or no checkpoint.

    `accepted` says why a problem does not count, and is None where it does; `marked` is the problem's fingerprint.
    """

    path: str
    outcome: Outcome
    findings: tuple[AuditedFinding, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None
    accepted: str | None = None
    marked: str | None = None

    @property
    def open(self) -> tuple[AuditedFinding, ...]:
        """The findings that count."""
        return tuple(finding for finding in self.findings if finding.accepted is None)


@dataclass(frozen=True, slots=True, repr=False)
class AuditReport(Shown):
    """An audit: its files sorted by path, and the exit code that its rules gave. `created` is when, in UTC, or None."""

    files: Sequence[AuditedFile]
    tool: Mapping[str, Any]
    exit_code: int
    fail_on: FailOn = "suspect"
    created: str | None = None

    def __repr__(self) -> str:
        """One line."""
        told = ", ".join(f"{number} {outcome}" for outcome, number in self.counts.items())
        return f"<AuditReport of {len(self.files)} files: {told or 'no checkpoint'}>"

    @property
    def counts(self) -> Mapping[str, int]:
        """How many files ended in each outcome, the ones that occur, worst first."""
        found = Counter(file.outcome for file in self.files)
        return {outcome: found[outcome] for outcome in OUTCOMES if found[outcome]}

    @property
    def accepted(self) -> int:
        """How many findings and problems are known and do not count."""
        findings = sum(found.accepted is not None for file in self.files for found in file.findings)
        return findings + sum(file.accepted is not None for file in self.files)


def fingerprint(path: str, code: str, layer: str | None) -> str:
    """32 hex digits that stay the same when the folder moves or a message is worded anew."""
    name = path.replace("\\", "/").rsplit("/", 1)[-1]
    text = "\0".join((name, code, layer or "")).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]

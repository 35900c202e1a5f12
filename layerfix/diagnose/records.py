"""Findings: what is wrong with a checkpoint, how sure, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["lost", "suspect", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    Attributes:
        code: stable, "LF101"; the catalogue says cause, effect and remedy.
        severity: lost (weights are certainly gone), suspect (evidence says so, but does not prove it), note.
        layer: path of the layer concerned, or None for the whole file.
        message: one sentence.
        evidence: the observations it rests on, one sentence each.
    """

    code: str
    severity: Severity
    layer: str | None
    message: str
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings of a checkpoint, sorted by code and layer; empty means that nothing is known to be lost."""

    findings: tuple[Finding, ...]

    @property
    def lost(self) -> tuple[Finding, ...]:
        """Findings of certain loss."""
        return tuple(finding for finding in self.findings if finding.severity == "lost")

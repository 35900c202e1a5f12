"""Known findings: a baseline file of fingerprints, and ignore rules that give their reason. Neither hides a finding; it does not count."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

from layerfix.containers.jsons import MAX_BYTES, decode
from layerfix.disk.files import open_regular
from layerfix.errors import ReadError, UsageError

if TYPE_CHECKING:
    from layerfix.results.audit import AuditReport
    from layerfix.results.repair import FindingReport

SCHEMA = "layerfix.baseline/1"


@dataclass(frozen=True, slots=True)
class Rule:
    """One ignore rule: patterns in the manner of file names; every one that is given must fit."""

    reason: str
    code: str = "*"
    path: str = "*"
    layer: str = "*"

    def fits(self, path: str, finding: FindingReport) -> bool:
        """Whether it covers this finding."""
        return (
            fnmatchcase(finding.code, self.code)
            and fnmatchcase(finding.layer or "", self.layer)
            and any(fnmatchcase(place, self.path) for place in _places(path))
        )

    def fits_problem(self, path: str, outcome: str) -> bool:
        """Whether it covers a file that is "unreadable" or "refused": only a rule whose code is that very word does."""
        return self.code == outcome and any(fnmatchcase(place, self.path) for place in _places(path))


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What is known: fingerprints of a baseline and ignore rules."""

    fingerprints: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = ()

    def reason(self, path: str, finding: FindingReport, fingerprint: str) -> str | None:
        """Why a finding does not count, or None where it does."""
        if fingerprint in self.fingerprints:
            return "in the baseline"
        return next((rule.reason for rule in self.rules if rule.fits(path, finding)), None)

    def of_problem(self, path: str, outcome: str, fingerprint: str) -> str | None:
        """Why a file that could not be judged does not count, or None where it does."""
        if fingerprint in self.fingerprints:
            return "in the baseline"
        return next((rule.reason for rule in self.rules if rule.fits_problem(path, outcome)), None)


def _places(path: str) -> tuple[str, str]:
    return path, path.replace("\\", "/").rsplit("/", 1)[-1]


def read_baseline(path: Path) -> Acceptance:
    """Reads a baseline file.

    {"schema": "layerfix.baseline/1", "accepted": [{"fingerprint": ...}], "ignore": [{"code", "path", "layer", "reason"}]}

    The code "unreadable" or "refused" of an ignore rule stands for a file that could not be judged.

    Raises:
        UsageError: where it cannot be read, is no baseline, or a rule gives no reason.
    """
    stated = _stated(path)
    try:
        return Acceptance(
            fingerprints=frozenset(str(entry["fingerprint"]) for entry in stated.get("accepted", []) if "fingerprint" in entry),
            rules=tuple(_rule(path, entry) for entry in stated.get("ignore", [])),
        )
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        hint = "`layerfix audit --write-baseline` writes one."
        raise UsageError(f"is no baseline ({type(error).__name__}: {error}).", where=str(path), hint=hint) from error


def baseline(report: AuditReport) -> str:
    """The findings and problems of an audit as a baseline file: from now on they are known."""
    accepted: list[dict[str, str | None]] = [
        {"fingerprint": file.marked, "file": file.path, "code": file.outcome, "layer": None}
        for file in report.files
        if file.marked and file.outcome != "skipped" and file.accepted in (None, "in the baseline")
    ]
    accepted += [
        {"fingerprint": found.fingerprint, "file": file.path, "code": found.finding.code, "layer": found.finding.layer}
        for file in report.files
        for found in file.findings
        if found.accepted in (None, "in the baseline")
    ]
    return json.dumps({"schema": SCHEMA, "accepted": accepted, "ignore": []}, indent=2, sort_keys=True) + "\n"


def _stated(path: Path) -> Mapping[str, Any]:
    try:
        with open_regular(path) as stream:
            stated = decode(stream.read(MAX_BYTES + 1), str(path))  # one byte more than may be, so that it is seen
    except OSError as error:
        raise UsageError(f"cannot be read ({(error.strerror or str(error)).lower()}).", where=str(path), hint="Check the path.") from error
    except (ReadError, ValueError) as error:
        raise UsageError(f"is no valid JSON ({error}).", where=str(path), hint="`layerfix audit --write-baseline` writes one.") from error
    if not isinstance(stated, Mapping) or stated.get("schema") != SCHEMA:
        raise UsageError(f"is no baseline of schema {SCHEMA}.", where=str(path), hint="`layerfix audit --write-baseline` writes one.")
    return stated


def _rule(path: Path, entry: Mapping[str, object]) -> Rule:
    unknown = set(entry) - {"code", "path", "layer", "reason"}
    if unknown:
        raise UsageError(
            f"an ignore rule has the unknown key {min(unknown)!r}.", where=str(path), hint="Known are code, path, layer, reason."
        )
    if not str(entry.get("reason", "")).strip():
        raise UsageError("an ignore rule gives no reason.", where=str(path), hint='Add "reason": why this finding is accepted.')
    return Rule(**{key: str(value) for key, value in entry.items()})

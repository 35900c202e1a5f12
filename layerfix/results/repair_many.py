"""The repair of a collection: one outcome a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RepairedFile:
    """One file of a fleet.

    Attributes:
        path: as named: a path or a URL.
        output: the file written, or None.
        verdict: of the report; "skipped" for what is no checkpoint, "refused", or "failed".
        summary: the report's first sentence, or the problem.
        exit_code: what repairing this file alone would have ended with.
        advice: what to do next, most important first.
        keras_version: that wrote the file, or None.
        sha256: of the file as it was read, and of the file written; None where none was.
    """

    path: str
    output: str | None
    verdict: str
    summary: str
    exit_code: int
    advice: tuple[str, ...] = ()
    keras_version: str | None = None
    sha256: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RepairedCollection:
    """All files of a run, sorted by path, and the exit code of the whole."""

    files: tuple[RepairedFile, ...]
    exit_code: int

    def __repr__(self) -> str:
        """One line."""
        return f"<RepairedCollection: {sum(file.output is not None for file in self.files)} of {len(self.files)} files repaired>"

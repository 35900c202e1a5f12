"""Verifications: checks of files, and what they showed."""

from __future__ import annotations

from dataclasses import dataclass

from layerfix.results.display import Shown
from layerfix.results.exits import worst


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a file and, in a sentence, what it showed."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """All checks of one file. `problem` where it could not be checked at all."""

    path: str
    checks: tuple[Check, ...] = ()
    problem: str | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True, repr=False)
class Trial(Shown):
    """What a verification showed."""

    files: tuple[CheckedFile, ...]

    def __repr__(self) -> str:
        """One line."""
        return f"<Trial: {sum(file.exit_code == 0 for file in self.files)} of {len(self.files)} files passed>"

    @property
    def passed(self) -> bool:
        """Whether there is a file, and each passed every check."""
        return bool(self.files) and all(file.exit_code == 0 for file in self.files)

    @property
    def exit_code(self) -> int:
        """2 where a file could not be read, 4 where one was refused, 1 where a check failed, 3 without any file."""
        return worst(file.exit_code for file in self.files)

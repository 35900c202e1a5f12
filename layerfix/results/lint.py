"""Places in source code where a layer class would lose weights."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One place in a source file.

    Attributes:
        code: "LFL001", stable (`layerfix.linter.rules.RULES`).
        path: the file.
        line, column: from 1.
        message: what is wrong, in which Keras versions it bites, what is lost.
        fixable: whether `fix` repairs it; only what is surely safe is.
    """

    code: str
    path: str
    line: int
    column: int
    message: str
    fixable: bool

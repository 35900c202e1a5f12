"""What `layerfix lambdas` returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from layerfix.emit.lambdas import ReadLambda


@dataclass(frozen=True, slots=True)
class Lambdas:
    """All Lambda layers of a file.

    Attributes:
        path: the checkpoint.
        lambdas: in the order of its config.
        document: the file of functions that `--layers` takes; "" without any Lambda.
    """

    path: Path
    lambdas: tuple[ReadLambda, ...]
    document: str

    @property
    def exit_code(self) -> int:
        """1 where a function was not read or reaches beyond arithmetic."""
        return int(any(read.problem or read.unsafe for read in self.lambdas))

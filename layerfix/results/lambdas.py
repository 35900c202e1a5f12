"""What `layerfix lambdas` returns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ReadLambda:
    """One Lambda layer.

    Attributes:
        layer: its path in the model.
        function: the name that its function gets.
        pythons: versions of Python that its bytecode may be of.
        original: what it computes, with the names that the file holds.
        source: the function for today's Keras, or a stub to fill in.
        problem: why it was not read, or "".
        listing: its instructions.
        unsafe: names in its code that reach beyond arithmetic.
    """

    layer: str
    function: str
    pythons: tuple[str, ...]
    original: str
    source: str
    problem: str
    listing: str
    unsafe: tuple[str, ...]


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

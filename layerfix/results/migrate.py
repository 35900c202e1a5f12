"""Migrations: what became of a file, and how that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from layerfix.results.display import Shown
from layerfix.results.emitted import Emitted
from layerfix.results.exits import worst

if TYPE_CHECKING:
    from layerfix.dialects.records import FiredRule, FoundLambda
    from layerfix.results.repair_many import RepairedFile

End = Literal["checked", "unchecked", "repaired", "unsure", "lost", "refused", "failed"]
ENDS: tuple[End, ...] = ("lost", "failed", "refused", "unsure", "unchecked", "repaired", "checked")
"""Every state that a file of a migration can end in, worst first."""


@dataclass(frozen=True, slots=True)
class Proof:
    """How the written file was checked.

    Attributes:
        kind: "predictions" (recorded ones were reproduced), "reference" (an independent numpy evaluation of the legacy semantics agrees on
            random inputs) or "reload" (only that the written file predicts what the migrated model predicts in memory; see `why`).
        difference: the largest difference, relative to the scale of the output (its largest magnitude).
        inputs: how many inputs were compared.
        why: why there is no better proof, or "".
        tolerance: the largest difference that rounding may make: at least 1e-4, more where the reference itself, evaluated in the model's
            precision and in float64, differs by more; 0 where nothing was compared up to rounding.
    """

    kind: Literal["predictions", "reference", "reload"]
    difference: float
    inputs: int
    why: str = ""
    tolerance: float = 0.0

    @property
    def independent(self) -> bool:
        """Whether the legacy model itself had a say, not the written file and the model in memory alone."""
        return self.kind != "reload"


@dataclass(frozen=True, slots=True, repr=False)
class MigrationResult(Shown):
    """A finished migration.

    Attributes:
        source: the legacy file.
        output: the file written.
        keras_version, backend: as the legacy file says.
        rules: every rule that fired.
        weights: stored weight tensors that were carried over.
        relaid: layers whose weights changed their layout, by path, with the layout's name.
        optimizer: "kept", "fresh" or "none", and why.
        lambdas: Lambda layers found.
        custom: custom classes used; the written file needs them.
        proof: how the written file was checked.
        notes: what differs in training, one sentence each.
        doubts: what was taken to be so and is not proven, one sentence each; the exit code is 1 then.
        older: the older Keras that it was written for, "tf2.10", or "" for today's.
        client: what that Keras itself said of the written file, or "" where it was not asked.
        sha256: of the source as it was read, and of the file written; several files of one checkpoint
            count as `layerfix.disk.hashing.file_sha256` says.
        emitted: the layer classes that were written, or None.
    """

    source: Path
    output: Path
    keras_version: str | None
    backend: str | None
    rules: tuple[FiredRule, ...]
    weights: int
    relaid: tuple[tuple[str, str], ...]
    optimizer: tuple[str, str]
    lambdas: tuple[FoundLambda, ...]
    custom: tuple[str, ...]
    proof: Proof
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    older: str = ""
    client: str = ""
    sha256: tuple[str, str] | None = None
    emitted: Emitted | None = None

    def __repr__(self) -> str:
        """One line: what was written, and how it was checked."""
        return f"<MigrationResult {str(self.source)!r}: written to {str(self.output)!r}, checked by {self.proof.kind}>"


@dataclass(frozen=True, slots=True)
class MigratedFile:
    """One file of a migration: its result, or the sentence that says why there is none and the exit code that goes with it.

    `lost` says that its save lost weights, so that it has to be repaired first; `repair` what a repair that was asked for made of it.
    """

    path: str
    result: MigrationResult | None = None
    problem: str | None = None
    exit_code: int = 0
    lost: bool = False
    repair: RepairedFile | None = None

    @property
    def written(self) -> str | None:
        """The file that there is now for today's Keras, or None."""
        if self.result is not None:
            return str(self.result.output)
        return self.repair.output if self.repair is not None else None

    @property
    def sha256(self) -> tuple[str, str] | None:
        """Of what was read and of what was written for it."""
        done = self.result if self.result is not None else self.repair
        return None if done is None else done.sha256

    @property
    def end(self) -> End:
        """The one state that the file ended in."""
        if self.repair is not None and self.repair.output is not None:
            return "repaired" if self.exit_code == 0 else "unsure"
        if self.result is not None:
            return "checked" if self.result.proof.independent and not self.result.doubts else "unchecked"
        return "lost" if self.lost else "refused" if self.exit_code == 4 else "failed"


@dataclass(frozen=True, slots=True, repr=False)
class Migration(Shown):
    """All files, sorted by path.

    Attributes:
        files: each with what became of it.
        older: the Keras that they were to be brought to ("tf2.15"); "" for today's.
    """

    files: tuple[MigratedFile, ...]
    older: str = ""

    def __repr__(self) -> str:
        """One line."""
        return f"<Migration: {sum(file.written is not None for file in self.files)} of {len(self.files)} files>"

    @property
    def exit_code(self) -> int:
        """2 where a file could not be migrated, 4 where one was refused, 3 without any file."""
        return worst(file.exit_code for file in self.files)

"""What a salvage found in a damaged file, tensor by tensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from layerfix.results import exits
from layerfix.results.display import Shown

State = Literal["whole", "doubtful", "partial", "gone"]
Grade = Literal["checksum", "unverified", "none"]


@dataclass(frozen=True, slots=True)
class SalvagedTensor:
    """One tensor.

    Attributes:
        name: its path in the file; "" where nothing names it.
        state: "whole": every byte is in the file and nothing speaks against one of them. "doubtful":
            every byte is there, and evidence says that not all are what was written. "partial": some
            bytes are missing. "gone": all are.
        grade: of a whole tensor, "checksum" where one in the file proves every byte, "unverified"
            where the format has none: the bytes are there, and nobody can say that none was changed.
        shape, dtype: where they are known.
        share: of its bytes, those that are there.
        why: the evidence, or how it was named.
    """

    name: str
    state: State
    grade: Grade = "none"
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    share: float = 0.0
    why: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class SalvageResult(Shown):
    """What was brought back.

    Attributes:
        source: the damaged file; `output`: the healthy one with all that is whole.
        kind: "hdf5", "keras", "npz" or "tf-checkpoint".
        tensors: every tensor that the file holds or names.
        notes: what is wrong with the file, and what was done about it.
        filled: lost tensors that were taken from an older file, for a repair: which file by the tensor's name.
        complete: whether the damaged file can have held nothing else: no structure is lost that might have led to more.
    """

    source: Path
    output: Path
    kind: str
    tensors: tuple[SalvagedTensor, ...]
    notes: tuple[str, ...] = ()
    filled: Mapping[str, Path] = field(default_factory=dict)
    complete: bool = True

    def __repr__(self) -> str:
        """One line."""
        return f"<SalvageResult {str(self.source)!r}: {len(self.written)} of {len(self.tensors)} tensors in {str(self.output)!r}>"

    def of(self, state: State) -> tuple[SalvagedTensor, ...]:
        """The tensors in one state."""
        return tuple(tensor for tensor in self.tensors if tensor.state == state)

    @property
    def written(self) -> tuple[SalvagedTensor, ...]:
        """The tensors that the output holds: whole, and with a name."""
        return tuple(tensor for tensor in self.of("whole") if tensor.name)

    @property
    def exit_code(self) -> int:
        """0 where everything is back, 1 where something is lost or in doubt, or may have been in what is lost."""
        return exits.OK if self.complete and len(self.written) == len(self.tensors) else exits.FINDINGS

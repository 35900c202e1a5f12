"""Looking at a file in a child before this process opens it: whatever its bytes do to the HDF5 library happens there."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from layerfix.errors import HostileError, NoCheckpointError, ReadError
from layerfix.isolation.child import Child, ChildError

_ERRORS = {"refused": HostileError, "none": NoCheckpointError, "damaged": ReadError}
_SLOWEST = 20 << 20
"""Bytes a second below which a disk is not taken for one."""


def vet(path: Path | str, child: Child | None = None) -> None:
    """Reads a checkpoint once, every tensor, in a child with limits.

    Args:
        path: the file.
        child: serves many files; by default each gets a child of its own.

    Raises:
        HostileError: where it holds what no genuine checkpoint holds, crashes the library, or takes more than any genuine file of its size.
        NoCheckpointError: where it is sound and no checkpoint.
        ReadError: where it is missing or damaged.
    """
    path = Path(path)
    size = path.stat().st_size if path.is_file() else 0
    with Child() if child is None else nullcontext(child) as reader:
        try:
            answer = reader.ask({"do": "probe", "path": str(path)}, patience=size // _SLOWEST)
        except ChildError as error:
            raise HostileError(f"refused: reading it {error}. No Keras checkpoint does that.", where=str(path)) from error
    if answer["state"] != "ok":
        raise _ERRORS.get(answer["state"], ReadError)(str(answer["problem"]))

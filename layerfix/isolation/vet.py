"""Looking at a file in a child before this process opens it: whatever its bytes do to a library happens there."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from layerfix.disk.folders import size_of
from layerfix.errors import HostileError, LayerfixError, NoCheckpointError, ReadError, UsageError
from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import READING, Limits

_ERRORS = {"refused": HostileError, "none": NoCheckpointError, "damaged": ReadError, "failed": UsageError}
_SLOWEST = 20 << 20
"""Bytes a second below which a disk is not taken for one."""
_CROWDED, _LONGEST = 2 << 20, 60
"""Bytes that a second reads of a file that is full of small tensors (each takes 2 kB and 0.3 ms, several times), and seconds at most."""
_reader: Child | None = None
"""The child that reads for this process, where one stands by."""


def stand_by(reader: Child) -> None:
    """Lets a child read all that this process vets from now on under the child's limits."""
    global _reader
    _reader = reader


def vet(
    path: Path | str,
    child: Child | None = None,
    *,
    architecture: Path | str | None = None,
    do: str = "probe",
    limits: Limits = READING,
    room: int = 0,
) -> dict[str, Any]:
    """Reads a file once, all of it, in a child with limits.

    Args:
        path: the file.
        child: serves many files; by default the one that stands by, or a child of its own.
        architecture: of a weights-only checkpoint: it is read there too.
        do: what it should be: "probe" for a checkpoint, "graph" for one whose graph is to be built, "donor", or "samples".
        limits: of a child of its own.
        room: bytes of memory for each byte of the file, beyond the limits.

    Returns:
        What the child says of it.

    Raises:
        HostileError: where it holds what no genuine file holds, crashes a library, or takes more than any genuine file of its size.
        NoCheckpointError: where it is sound and no checkpoint.
        ReadError: where it is missing or damaged.
        UsageError: where it is not what was asked for.
    """
    size = size_of(Path(path))
    task = {"do": do, "path": str(path)} | ({} if architecture is None else {"architecture": str(architecture)})
    own = limits if limits.memory is None else replace(limits, memory=limits.memory + room * size)
    if child is None and _reader is not None and _reader.limits == own:
        child = _reader
    with Child(own) if child is None else nullcontext(child) as reader:
        try:
            answer = reader.ask(task, patience=patience(size))
        except ChildError as error:
            raise HostileError(f"refused: reading it {error}. No genuine file does that.", where=str(path)) from error
    if answer["state"] != "ok":
        raise told(answer)
    return dict(answer)


def patience(size: int) -> int:
    """Seconds beyond the limits that a file of so many bytes may take: for its bytes, and for as many small tensors as it may hold."""
    return size // _SLOWEST + min(size // _CROWDED, _LONGEST)


def told(answer: dict[str, object]) -> LayerfixError:
    """A child's answer as the error that it met there."""
    return _ERRORS.get(str(answer["state"]), ReadError)(str(answer["problem"]))

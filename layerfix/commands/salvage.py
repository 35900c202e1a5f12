"""What is whole in a damaged file, brought into a healthy one; what is gone, by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from layerfix.containers.bundle import bundle_prefix
from layerfix.disk.files import stored_bytes
from layerfix.disk.publish import publish, refuse_output
from layerfix.disk.seen import seen
from layerfix.errors import HostileError
from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import Limits
from layerfix.isolation.vet import told
from layerfix.progress import Progress, silent
from layerfix.results.salvage import SalvagedTensor, SalvageResult

SALVAGING = Limits(seconds=60.0, cpu=60, may_write=True)
_SLOWEST = 2 << 20
"""Bytes a second below which no file is salvaged."""
ROOM = 3
"""Bytes of address space for each byte of the file: its map, and what is undone or unpacked of it."""


def salvage(
    path: Path | str,
    output: Path | str,
    *,
    like: Path | str | Sequence[Path | str] = (),
    architecture: Path | str | None = None,
    fill: bool = False,
    force: bool = False,
    progress: Progress = silent,
) -> SalvageResult:
    """Bring what is whole in a damaged file into a healthy one; `path` itself is never changed.

    A child with limits reads the bytes, and writes the new file.

    Args:
        path: HDF5 (`.h5`), a `.keras` or `.npz` archive, or a TensorFlow checkpoint or SavedModel.
        output: of the same kind; `.npz` for what TensorFlow wrote.
        like: a healthy file that the same script wrote before (an older epoch), or several: their layout tells where
            tensors are whose descriptions are lost.
        architecture: the JSON text of `model.to_json()`, for a config that is lost.
        fill: take what is lost from the first of `like` that has it: another epoch's values, as a repair with a donor does.
        force: replace an existing output.

    Raises:
        ReadError: where nothing can be saved.
        HostileError: where reading it takes more than any file of its size.
        UsageError: where the output's suffix is another kind's.
        WriteError: where the output cannot be written.
    """
    path, output = Path(path), Path(output)
    older = [Path(like)] if isinstance(like, (str, Path)) else [*map(Path, like)]
    inputs = [*_files(path), *older, *([] if architecture is None else [Path(architecture)])]
    refuse_output(output, force=force, inputs=inputs)
    task = {"do": "salvage", "path": str(path), "suffix": output.suffix.lower(), "fill": fill, "like": [*map(str, older)]}
    task |= {} if architecture is None else {"architecture": str(architecture)}
    progress("Salvaging", 0, 0)
    with publish(output, force=force, inputs=seen(inputs)) as temp:
        answer = _ask({**task, "target": str(temp)}, sum(map(stored_bytes, inputs)))
    return _result(path, output, older, answer)


def _files(path: Path) -> list[Path]:
    """The files that will be read."""
    prefix = bundle_prefix(path)
    return [path] if prefix is None else sorted(prefix.parent.glob(f"{prefix.name}.*"))


def _ask(task: Mapping[str, object], size: int) -> Mapping[str, Any]:
    assert SALVAGING.memory is not None
    with Child(replace(SALVAGING, memory=SALVAGING.memory + ROOM * size)) as child:
        try:
            answer = child.ask(task, patience=size // _SLOWEST)
        except ChildError as error:
            raise HostileError(f"refused: reading it {error}. No genuine file does that.", where=str(task["path"])) from error
    if answer["state"] != "ok":
        raise told(answer)
    found: Mapping[str, Any] = answer
    return found


def _result(path: Path, output: Path, older: Sequence[Path], answer: Mapping[str, Any]) -> SalvageResult:
    tensors = tuple(SalvagedTensor(**{**row, "shape": None if row["shape"] is None else tuple(row["shape"])}) for row in answer["tensors"])
    filled = {str(name): older[number] for name, number in answer["filled"].items()}
    return SalvageResult(path, output, str(answer["kind"]), tensors, tuple(answer["notes"]), filled, bool(answer["complete"]))

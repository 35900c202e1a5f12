"""Delivers one repair again and again on a disk that refuses at one call after the other. Runs under LD_PRELOAD; see test_faults.py.

python trial.py DISK.so CHECKPOINT OUTPUT: one JSON object a fault on stdout.
"""

from __future__ import annotations

import ctypes
import errno
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from layerfix.commands import deliver as module
from layerfix.commands.deliver import deliver
from layerfix.commands.repair import repair
from layerfix.disk.publish import Destination
from layerfix.disk.seen import seen
from layerfix.errors import LayerfixError
from layerfix.progress import silent
from layerfix.results.repaired import RepairResult

FAULTS = {"ENOSPC": (errno.ENOSPC, 1), "EACCES": (errno.EACCES, 1), "EIO": (errno.EIO, 0), "short write": (0, 0)}
"""errno (0: half of the bytes are written), and whether it lasts."""


def main() -> None:
    disk, checkpoint, output = ctypes.CDLL(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    result = repair(checkpoint, dry_run=True, strategy="reinitialize")
    module._compare = lambda *_: {}  # reads only, and takes most of the time
    for force in (False, True):
        for outcome in trials(disk, result, output, force):
            print(json.dumps({"force": force, **outcome}), flush=True)


def trials(disk: ctypes.CDLL, result: RepairResult, output: Path, force: bool) -> Iterator[dict[str, Any]]:
    """The undisturbed run first, which tells what the output is and how many calls there are; then every fault at every call."""
    whole = trial(disk, result, output, force, (0, 0), 0, b"")
    new = output.read_bytes()
    for fault, how in FAULTS.items():
        for call in range(1, whole["calls"] + 1):
            yield {"fault": fault, "call": call, "of": whole["calls"], **trial(disk, result, output, force, how, call, new)}


def trial(
    disk: ctypes.CDLL, result: RepairResult, output: Path, force: bool, how: tuple[int, int], call: int, new: bytes
) -> dict[str, Any]:
    """One delivery: how it ended, and what is in the folder then."""
    assert result.case is not None
    assert result.values is not None
    source = result.case.checkpoint.path
    old = b"old" if force else b""
    output.unlink(missing_ok=True)
    if force:
        output.write_bytes(old)
    problem, code = "", 0
    disk.disk_arm(str(output.parent).encode(), call, *how)
    try:
        deliver(result.case, result.values, Destination(output, seen([source]), force), silent)
    except LayerfixError as error:
        problem, code = str(error), error.exit_code
    calls = disk.disk_disarm()
    held = output.read_bytes() if output.exists() else b""
    left = sorted(path.name for path in output.parent.iterdir() if path != output)
    return {"calls": calls, "problem": problem, "code": code, "held": {old: "old", new: "new"}.get(held, "broken"), "left": left}


if __name__ == "__main__":
    main()

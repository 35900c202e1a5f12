"""SIGKILLs a real repair over an existing output, again and again. Each runs in a fork of this process, which has done the imports.

Every other kill comes while the output is being written: on a busy machine few moments of a whole run fall there.

python killed_repairs.py CHECKPOINT FOLDER KILLS SEED: a JSON object with how often the output was old or new, and what was left.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from layerfix.cli.app import run

OLD = b"what was there before" * 1000


def begin(source: Path, output: Path) -> int:
    """Starts the repair in a process of its own; its number."""
    process = os.fork()
    if process == 0:
        quiet = os.open(os.devnull, os.O_RDWR)
        os.dup2(quiet, 1)
        os._exit(run(["repair", str(source), "-o", str(output), "--force", "--quiet", "--strategy", "reinitialize"]))
    return process


def undisturbed(source: Path, output: Path) -> tuple[bytes, float, float]:
    """The output of a whole run, its seconds, and how many of them come after the first file beside the output."""
    start = time.monotonic()
    process = begin(source, output)
    wait_for_writing(process, output.parent)
    writing = time.monotonic()
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) == 1  # recovered: its class was taken by name
    end = time.monotonic()
    return output.read_bytes(), end - start, end - writing


def wait_for_writing(process: int, folder: Path) -> None:
    """Until there is more than the output in its folder, or the process has ended (it stays to be waited for)."""
    before = set(os.listdir(folder))
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while set(os.listdir(folder)) <= before and os.waitid(os.P_PID, process, ended) is None:
        time.sleep(0.002)


def main() -> None:
    """Kills at moments spread evenly over a run or over its writing, a little beyond the end."""
    import layerfix.graph  # noqa: F401  the imports that take long

    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    kills, moments = int(sys.argv[3]), random.Random(int(sys.argv[4]))
    output, before = folder / "out.h5", source.read_bytes()
    output.write_bytes(OLD)
    new, seconds, writing = undisturbed(source, output)
    found: Counter[str] = Counter()
    for number in range(kills):
        output.write_bytes(OLD)
        process = begin(source, output)
        if number % 2:
            wait_for_writing(process, folder)
        time.sleep(moments.uniform(0, 1.1 * (writing if number % 2 else seconds)))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        found[{OLD: "old", new: "new"}.get(output.read_bytes(), "broken")] += 1
        found["left behind"] += len(os.listdir(folder)) > 1
        found["input changed"] += source.read_bytes() != before
    assert undisturbed(source, output)[0] == new
    print(json.dumps({**found, "seconds": seconds, "of them writing": writing, "at last": sorted(os.listdir(folder))}))


if __name__ == "__main__":
    main()

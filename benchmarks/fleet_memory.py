"""Memory of a fleet's parent and children after 1,000 and after many more files: what a million checkpoints need (Linux).

python benchmarks/fleet_memory.py [files]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from layerfix.fleet.engine import run
from layerfix.fleet.tasks import Task

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "isolation"))
from hostile import valid  # noqa: E402


def resident(process: int) -> int:
    """Kilobytes of memory that a process holds."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])


def children() -> list[int]:
    """Processes of this one's children."""
    return [int(number) for task in Path("/proc/self/task").iterdir() for number in (task / "children").read_text().split()]


def main() -> None:
    """The same small checkpoint under as many names as wanted."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "small.h5"
        valid(path).close()
        tasks = (Task(f"{folder}/{'./' * (number % 50)}small.h5", "audit") for number in range(count))
        start, seen = time.perf_counter(), {}
        for done, (_, answer) in enumerate(run(tasks, jobs=2), start=1):
            assert answer["state"] == "ok"
            if done in (1000, count):
                seen[done] = (resident(os.getpid()), sum(map(resident, children())))
                print(f"{done:7} files: parent {seen[done][0] / 1024:.1f} MB, children {seen[done][1] / 1024:.1f} MB")
        print(
            f"{count / (time.perf_counter() - start):.0f} files/s; growth {sum(seen[count]) / sum(seen[1000]) - 1:+.1%} (goal: below 10 %)"
        )


if __name__ == "__main__":
    main()

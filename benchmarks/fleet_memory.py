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


def status(process: str) -> dict[str, str]:
    """What /proc says about a process."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return {}
    return dict(line.split(":", 1) for line in lines)


def resident() -> tuple[int, int]:
    """Kilobytes that this process and its children hold."""
    processes = [status(name) for name in os.listdir("/proc") if name.isdecimal()]
    children = [one for one in processes if one.get("PPid", "").strip() == str(os.getpid())]
    return int(status("self")["VmRSS"].split()[0]), sum(int(one["VmRSS"].split()[0]) for one in children if "VmRSS" in one)


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
                seen[done] = resident()
                print(f"{done:7} files: parent {seen[done][0] / 1024:.1f} MB, children {seen[done][1] / 1024:.1f} MB")
        print(
            f"{count / (time.perf_counter() - start):.0f} files/s; growth {sum(seen[count]) / sum(seen[1000]) - 1:+.1%} (goal: below 10 %)"
        )


if __name__ == "__main__":
    main()

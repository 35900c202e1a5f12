"""SIGKILLs an audit of a whole folder again and again, resumes it, and compares its report with that of an undisturbed run.

python benchmarks/kill_fleet.py [files] [kills] [seed]: 5 % of the files are damaged, 2 % hostile.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layerfix.errors import ReadError
from layerfix.fleet.journal import status

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fleet"))
from collections_ import fill


def audit(models: Path, *options: str) -> subprocess.Popen[bytes]:
    """The command, in a group of its own."""
    command = [sys.executable, "-m", "layerfix", "audit", str(models), "--json", "--quiet", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)


def answered(journal: Path) -> int:
    """Files that the journal holds so far."""
    try:
        return sum(status(journal).values())
    except ReadError:
        return 0


def main() -> None:
    """Kills at moments spread over the run, by files answered, with a little chance added so that none is a round moment."""
    count, kills, seed = (int(given) for given in [*sys.argv[1:], *["1000", "20", "0"][len(sys.argv) - 1 :]])
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        models, journal = Path(folder) / "models", Path(folder) / "j.sqlite"
        fill(models, count)
        start = time.perf_counter()
        undisturbed = audit(models).communicate()[0]
        alone, killed = time.perf_counter() - start, 0
        for number in range(kills):
            process = audit(models, "--resume", str(journal), "-j", "2")
            goal = count * (number + 0.5) / kills
            while process.poll() is None and answered(journal) < goal:
                time.sleep(0.02)
            time.sleep(moments.uniform(0, 0.2))
            if process.poll() is None:
                os.kill(process.pid, signal.SIGKILL)
                killed += 1
            process.communicate()
        before = answered(journal)
        resumed = audit(models, "--resume", str(journal), "-j", "2").communicate()[0]
        print(f"{count} files, {killed} kills: {before} answered before the last run; undisturbed run {alone:.0f} s")
        print(f"report identical to the undisturbed run's: {resumed == undisturbed}; outcomes {status(journal)}")
        assert resumed == undisturbed
        assert sum(status(journal).values()) == count


if __name__ == "__main__":
    main()

"""SIGKILLs whole repairs over an existing output and counts what was there afterwards: the old output or the new one, nothing else.

python benchmarks/kill_repairs.py [kills] [seed]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    """The loop of the test, longer."""
    kills, seed = sys.argv[1] if len(sys.argv) > 1 else "300", sys.argv[2] if len(sys.argv) > 2 else "0"
    with tempfile.TemporaryDirectory() as folder:
        program = [sys.executable, str(ROOT / "tests/fleet/killed_repairs.py"), str(ROOT / "sample_models/sequential-mean.h5"), folder]
        found = json.loads(subprocess.run([*program, kills, seed], stdout=subprocess.PIPE, check=True).stdout)
    print(f"{kills} kills: {found}")
    assert found.get("old", 0) + found.get("new", 0) == int(kills)
    assert found["at last"] == ["out.h5"]


if __name__ == "__main__":
    main()

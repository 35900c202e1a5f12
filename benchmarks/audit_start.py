"""How long `layerfix audit` and `layerfix --help` take to start, against `python -c "import h5py"`, which no reader of HDF5 can beat.

python benchmarks/audit_start.py [runs]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

SAMPLE = Path(__file__).parents[1] / "sample_models" / "resnet-mean.h5"
COMMANDS = {
    "import h5py": ["-c", "import h5py"],
    "layerfix audit": ["-m", "layerfix", "audit", str(SAMPLE)],
    "layerfix --help": ["-m", "layerfix", "--help"],
}


def main() -> None:
    """Interleaved runs, so that a busy machine slows all three alike; the median of each, and its ratio to the first."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(runs):
        for name, arguments in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            times[name].append(time.perf_counter() - start)
    base = statistics.median(times["import h5py"])
    for name, found in times.items():
        middle = statistics.median(found)
        print(f"{name:16} {middle:.3f} s (best {min(found):.3f} s), {middle / base:.2f} x import h5py")


if __name__ == "__main__":
    main()

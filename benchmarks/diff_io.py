"""`layerfix.diff` on two large checkpoints against `cmp` and `sha256sum` of both, with peak memory.

    python benchmarks/diff_io.py [--gigabytes 1] [--rounds 3] [--folder .]

Once on two equal files, once on two files whose every tensor differs (`cmp -s` stops at the first byte there, so both are
measured against `cmp` of the equal files).
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from big_files import measured, timed, write_big

DIFF = """
from layerfix.commands.diff import diff
def run(a, b, same):
    assert diff(a, b).same == (same == "same")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="where to write (default: the temporary folder)")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        first, copy, other = (str(Path(name) / file) for file in ("first.h5", "copy.h5", "other.h5"))
        write_big(Path(first), int(arguments.gigabytes * 1e9))
        shutil.copy(first, copy)
        write_big(Path(other), int(arguments.gigabytes * 1e9), seed=1)
        figures: dict[str, list[float]] = {"cmp + sha256sum of both": [], "diff, equal files": [], "diff, every tensor changed": []}
        memory: dict[str, float] = {}
        for _ in range(arguments.rounds):
            figures["cmp + sha256sum of both"].append(timed(["cmp", first, copy]) + timed(["sha256sum", first, copy]))
            for label, second, same in (("diff, equal files", copy, "same"), ("diff, every tensor changed", other, "different")):
                seconds, peak = measured(DIFF, first, second, same)
                figures[label].append(seconds)
                memory[label] = max(peak, memory.get(label, 0))
        print(f"{Path(first).stat().st_size / 1e9:.2f} GB each, median of {arguments.rounds} rounds")
        base = statistics.median(figures["cmp + sha256sum of both"])
        for label, seconds in figures.items():
            middle = statistics.median(seconds)
            peak = f", peak {memory[label]:.0f} MB" if label in memory else ""
            print(f"{label:28} {middle:6.2f} s = {middle / base:.2f} x{peak}")


if __name__ == "__main__":
    main()

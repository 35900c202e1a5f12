"""Repairs mutants of a sample model and counts how they end: nothing may be published that was not verified, no input may change.

python benchmarks/mutant_repairs.py [mutants] [seed]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "isolation"))
from test_mutant_repairs import SAMPLE, repaired  # noqa: E402
from test_mutants import mutant  # noqa: E402


def main() -> None:
    """Makes one mutant after the other; `repaired` raises where anything is wrong with what came of it."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    source, data = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 0), SAMPLE.read_bytes()
    outcomes: Counter[str] = Counter()
    start = time.perf_counter()
    for _ in range(count):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "mutant.h5"
            path.write_bytes(mutant(data, source))
            outcomes[repaired(path)] += 1
    print(f"{count} mutants in {time.perf_counter() - start:.0f} s: {dict(outcomes)}")
    assert sum(outcomes.values()) == count


if __name__ == "__main__":
    main()

"""Reads mutants of the sample models in children and counts their outcomes: this process must outlive them all.

python benchmarks/mutants.py [mutants] [jobs]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from layerfix.fleet.engine import run
from layerfix.fleet.tasks import Task

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests" / "isolation"))
from test_mutants import mutant  # noqa: E402

SAMPLES = sorted((ROOT / "sample_models").glob("*.h5"))


def main() -> None:
    """Makes each mutant when a child is free for it, and removes it when it is answered."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30_000
    jobs = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    source, data = random.Random(0), [path.read_bytes() for path in SAMPLES]
    states: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:

        def mutants() -> Iterator[Task]:
            for number in range(count):
                path = Path(folder) / f"{number}.h5"
                path.write_bytes(mutant(source.choice(data), source))
                yield Task(str(path), "probe")

        for task, answer in run(mutants(), jobs=jobs):
            states[answer["state"]] += 1
            if "reading it" in answer.get("problem", ""):
                ends[answer["problem"].split("reading it ", 1)[1].split(". No", 1)[0]] += 1
            Path(task.name).unlink()
    print(f"{count} mutants in {time.perf_counter() - start:.0f} s: {dict(states)}")
    print(f"children lost: {dict(ends)}")
    assert sum(states.values()) == count


if __name__ == "__main__":
    main()

"""Files audited a second: guarded by children (-j 1 and -j 2), unguarded in one process, and bare h5py loops over the same files.

Two bare loops at once, one half of the files each, show what this machine's second core can bring at most.

python benchmarks/audit_throughput.py [files]
"""

from __future__ import annotations

import multiprocessing
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import h5py

from layerfix.commands.audit import audit
from layerfix.fleet.engine import run
from layerfix.fleet.tasks import Task

SAMPLES = sorted((Path(__file__).parents[1] / "sample_models").glob("*.h5"))


def _look(name: str, node: h5py.Group | h5py.Dataset) -> None:
    dict(node.attrs)
    if isinstance(node, h5py.Dataset):
        _ = (node.shape, node.dtype)


def bare(paths: list[Path]) -> None:
    """What anybody must do who wants to know a file's layers: open it, read its attributes, look at every dataset."""
    for path in paths:
        with h5py.File(path) as file:
            file.attrs.get("model_config")
            file.visititems(_look)


def two_bare(paths: list[Path]) -> None:
    """The same by two processes that share nothing."""
    halves = [multiprocessing.Process(target=bare, args=(half,)) for half in (paths[::2], paths[1::2])]
    for half in halves:
        half.start()
    for half in halves:
        half.join()


def unguarded(paths: list[Path]) -> None:
    """The audit in this process."""
    for path in paths:
        audit(path, in_process=True)


def guarded(jobs: int) -> Callable[[list[Path]], None]:
    """The audit in children."""

    def work(paths: list[Path]) -> None:
        states = [answer["state"] for _, answer in run((Task(str(path), "audit") for path in paths), jobs=jobs)]
        assert states == ["ok"] * len(paths)

    return work


def main() -> None:
    """Prints files a second of each way, and the ratios that matter."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number:05}.h5" for number in range(count)]
        for number, path in enumerate(paths):
            shutil.copy(SAMPLES[number % len(SAMPLES)], path)
        ways = {
            "bare h5py loop": bare,
            "two bare loops": two_bare,
            "unguarded": unguarded,
            "guarded, -j 1": guarded(1),
            "guarded, -j 2": guarded(2),
        }
        speeds = {}
        for name, way in ways.items():
            start = time.perf_counter()
            way(paths)
            speeds[name] = count / (time.perf_counter() - start)
            print(f"{name:15} {speeds[name]:7.0f} files/s")
    print(f"guarded costs {speeds['unguarded'] / speeds['guarded, -j 1']:.2f} x unguarded (goal: below 1.5)")
    print(f"-j 2 brings {speeds['guarded, -j 2'] / speeds['guarded, -j 1']:.2f} x -j 1 (goal: 1.8)")
    print(f"two bare loops at once bring {speeds['two bare loops'] / speeds['bare h5py loop']:.2f} x one")
    print(f"unguarded takes {speeds['bare h5py loop'] / speeds['unguarded']:.2f} x the bare loop")


if __name__ == "__main__":
    main()

"""Stops runs with two jobs at random moments in every way, and looks at what is left: children, outputs, and the resumed report.

python benchmarks/stops.py audit|migrate [stops of each way] [files] [seed]

Each stop is of a fresh run with a fresh journal: SIGINT, SIGTERM, SIGKILL of the command alone, SIGKILL of it and its children at once.
Then: how long until all of its processes are gone; whether an output appears or changes after that; and whether the run that goes on
from the journal ends in the report, and the outputs, of an undisturbed one.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "fleet"))
from collections_ import SAMPLES, fill

ROOT = Path(__file__).parents[1]
WAYS = ("SIGINT", "SIGTERM", "SIGKILL of the command", "SIGKILL of all")
SOON, LATER = 5.0, 2.0


class Run:
    """One command line with a mark by which all its processes are found: a temporary folder of its own, which children inherit."""

    def __init__(self, arguments: list[str], scratch: Path) -> None:
        self.mark = f"TMPDIR={scratch}".encode()
        scratch.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "layerfix", *arguments]
        environment = {**os.environ, "TMPDIR": str(scratch), "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        self.start = time.monotonic()
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)

    def living(self) -> list[int]:
        """All its processes."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                if self.mark in (place / "environ").read_bytes().split(b"\0") and "\nState:\tZ" not in (place / "status").read_text():
                    found.append(int(place.name))
            except OSError:
                continue
        return found

    def stop(self, way: str) -> float:
        """Stops it; seconds until nothing of it lives."""
        targets = self.living() if way == "SIGKILL of all" else [self.process.pid]
        number = signal.Signals[way.split()[0]]
        begin = time.monotonic()
        for target in targets:
            try:
                os.kill(target, number)
            except ProcessLookupError:
                continue
        self.process.communicate()
        while self.living() and time.monotonic() - begin < 60:
            time.sleep(0.02)
        return time.monotonic() - begin


def outputs(folder: Path) -> dict[str, str]:
    """What is published, by name, and the content of each."""
    whole = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".layerfix", "j.sqlite")))
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in whole}


def arguments(work: str, models: Path, place: Path) -> list[str]:
    """The command line of a run into `place`."""
    options = ["--json", "--quiet", "-j", "2", f"--resume={place / 'j.sqlite'}"]
    return [work, str(models), *options, *(["-o", str(place / "out")] if work == "migrate" else [])]


def trial(work: str, way: str, models: Path, folder: Path, moment: float) -> tuple[Counter[str], float, bytes, dict[str, str]]:
    """One stop and one run that goes on."""
    place = folder / "place"
    (place / "out").mkdir(parents=True)
    run = Run(arguments(work, models, place), folder / "scratch")
    while run.process.poll() is None and time.monotonic() - run.start < moment:
        time.sleep(0.005)
    ran = run.process.poll() is None
    seconds = run.stop(way)
    left = outputs(place / "out")
    time.sleep(LATER)
    found = Counter(stopped=ran, gone=seconds <= SOON, late=outputs(place / "out") != left)
    if way in ("SIGINT", "SIGTERM"):
        found["code"] = run.process.returncode in (128 + signal.Signals[way], -signal.Signals[way], 0, 1, 2, 4)
        found["partial"] = any(path.name.startswith(".layerfix") for path in (place / "out").iterdir())
    again = Run(arguments(work, models, place), folder / "scratch")
    report = again.process.communicate()[0]
    final = outputs(place / "out")
    shutil.rmtree(place)
    return found, seconds, report, final


def main() -> None:
    """Prints a row for each way."""
    work = sys.argv[1]
    stops, count, seed = (int(given) for given in [*sys.argv[2:], *["20", "150" if work == "audit" else "6", "0"][len(sys.argv) - 2 :]])
    moments = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = folder / "models"
        if work == "audit":
            fill(models, count)
        else:
            models.mkdir()
            for number in range(count):
                shutil.copy(SAMPLES[number % len(SAMPLES)], models / f"{number}.h5")
        begin = time.monotonic()
        (folder / "place" / "out").mkdir(parents=True)
        whole = Run(arguments(work, models, folder / "place"), folder / "scratch").process.communicate()[0]
        expected, duration = outputs(folder / "place" / "out"), time.monotonic() - begin
        shutil.rmtree(folder / "place")
        print(f"{work}: {count} files, undisturbed {duration:.0f} s, {len(expected)} outputs", flush=True)
        os.sync()  # what was just written would otherwise hold up the first journal's own
        for way in WAYS:
            total: Counter[str] = Counter()
            slowest = 0.0
            for _ in range(stops):
                found, seconds, report, final = trial(work, way, models, folder, moments.uniform(0.1, duration))
                total += found
                total["report"] += report == whole
                total["outputs"] += final == expected
                slowest = max(slowest, seconds)
            print(f"{way}: {stops} tried, {dict(total)}, slowest {slowest:.1f} s", flush=True)


if __name__ == "__main__":
    main()

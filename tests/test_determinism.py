"""Same input and version, same bytes: over processes, folders, hash seeds and threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[1] / "sample_models" / "sequential-mean.h5"
AGAIN = """
import sys
from layerfix.cli.app import run
known = ["--quiet", "--set", "*.filter_type=mean", "--assume", "one-session"]
codes = [run(["repair", "old.h5", "-o", name, "--report", name + ".json", *known]) for name in ("new.h5", "new.keras")]
sys.exit(max(codes))
"""


def made(folder: Path, number: int) -> dict[str, bytes]:
    """What a process of its own makes of the sample, in a folder and under a hash seed of its own."""
    folder.mkdir()
    (folder / "old.h5").write_bytes(SAMPLE.read_bytes())
    environment = {**os.environ, "PYTHONHASHSEED": str(number), "OMP_NUM_THREADS": str(number), "TZ": f"Etc/GMT-{number}"}
    done = subprocess.run([sys.executable, "-c", AGAIN], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, bytes]]:
    folder = tmp_path_factory.mktemp("twice")
    return [made(folder / f"run-{number}", number) for number in (1, 2)]


@pytest.mark.slow
def test_outputs_and_reports_are_the_same_bytes(twice: list[dict[str, bytes]]) -> None:
    one, two = twice
    assert sorted(one) == ["new.h5", "new.h5.json", "new.keras", "new.keras.json", "old.h5"]
    for name, data in one.items():
        assert data == two[name], name


@pytest.mark.slow
def test_reports_name_the_bytes_that_were_written(twice: list[dict[str, bytes]]) -> None:
    import hashlib

    for name in ("new.h5", "new.keras"):
        report = json.loads(twice[0][f"{name}.json"])
        assert report["target"]["sha256"] == hashlib.sha256(twice[0][name]).hexdigest()
        assert "created" not in report

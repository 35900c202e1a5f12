"""Disks that refuse in the middle of a repair: at every call that writes, the old output stays whole and nothing else is left."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from layerfix.disk.publish import publish

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "sample_models" / "sequential-mean.h5"
COMPILER = shutil.which("cc")

pytestmark = pytest.mark.skipif(sys.platform != "linux" or COMPILER is None, reason="the disk that refuses needs Linux and a C compiler")


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, object]]:
    """How each faulty delivery ended."""
    folder = tmp_path_factory.mktemp("faults")
    disk, output = folder / "disk.so", folder / "out" / "out.h5"
    output.parent.mkdir()
    subprocess.run([str(COMPILER), "-shared", "-fPIC", "-o", str(disk), str(HERE / "disk.c"), "-ldl"], check=True)
    program = [sys.executable, str(HERE / "trial.py"), str(disk), str(SAMPLE), str(output)]
    before = hashlib.sha256(SAMPLE.read_bytes()).hexdigest()
    done = subprocess.run(program, env={**os.environ, "LD_PRELOAD": str(disk)}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert hashlib.sha256(SAMPLE.read_bytes()).hexdigest() == before
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


@pytest.mark.slow
def test_every_fault_leaves_old_or_new_whole_and_nothing_else(outcomes: list[dict[str, object]]) -> None:
    assert len(outcomes) > 100
    for outcome in outcomes:
        assert outcome["left"] == [], outcome
        if outcome["fault"] == "short write":
            assert (outcome["code"], outcome["held"]) == (0, "new"), outcome
        elif outcome["call"] == outcome["of"]:  # the name is there already, and its folder is being synced
            assert (outcome["code"], outcome["held"]) == (2, "new"), outcome
            assert "is written whole" in str(outcome["problem"])
        else:
            assert (outcome["code"], outcome["held"]) == (2, "old"), outcome


@pytest.mark.slow
def test_faults_are_told_in_words_that_name_the_output(outcomes: list[dict[str, object]]) -> None:
    words = {"ENOSPC": "there is no space left", "EACCES": "permission denied", "EIO": "the disk reported an input/output error"}
    assert {outcome["fault"] for outcome in outcomes if outcome["code"]} == set(words)
    for outcome in outcomes:
        told = str(outcome["problem"])
        if outcome["code"] and outcome["call"] != outcome["of"]:
            assert "out.h5: could not be written: " + words[str(outcome["fault"])] in told, outcome
            assert "\n" not in told


def test_folder_that_cannot_be_synced_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    genuine = os.fsync

    def fsync(handle: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            raise OSError(errno.EINVAL, "Invalid argument")
        genuine(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with publish(tmp_path / "out.h5") as temp:
        temp.write_bytes(b"whole")
    assert (tmp_path / "out.h5").read_bytes() == b"whole"

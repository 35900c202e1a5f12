from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from collections_ import SAMPLES, fill

from layerfix.errors import ReadError, UsageError
from layerfix.fleet.engine import run
from layerfix.fleet.journal import Journal, status
from layerfix.fleet.tasks import Task


def answers(paths: list[Path], **options: object) -> dict[str, str]:
    return {task.name: answer["state"] for task, answer in run([Task(str(path), "audit") for path in paths], **options)}  # type: ignore[arg-type]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_task_is_answered_once(jobs: int, tmp_path: Path) -> None:
    paths = [*SAMPLES, tmp_path / "missing.h5"]
    found = answers(paths, jobs=jobs)
    assert found == {str(path): "ok" for path in SAMPLES} | {str(tmp_path / "missing.h5"): "damaged"}


def test_tasks_are_taken_as_workers_become_free() -> None:
    taken = 0

    def endless() -> object:
        nonlocal taken
        while True:
            taken += 1
            yield Task(str(SAMPLES[0]), "audit")

    done = run(endless(), jobs=2)  # type: ignore[arg-type]
    for _ in range(10):
        next(done)
    done.close()  # type: ignore[attr-defined]
    assert taken < 30


def test_no_jobs_are_refused() -> None:
    with pytest.raises(UsageError, match="0 jobs"):
        list(run([], jobs=0))


def test_journal_answers_what_has_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_bytes(SAMPLES[0].read_bytes())
    task, calls = Task(str(path), "audit"), []

    def work(task: Task) -> dict[str, str]:
        calls.append(1)
        return {"state": "ok"}

    for _ in range(2):
        with Journal(tmp_path / "j.sqlite") as journal:
            assert journal.answered(task, work) == {"state": "ok"}
    assert len(calls) == 1
    path.write_bytes(SAMPLES[1].read_bytes())
    with Journal(tmp_path / "j.sqlite") as journal:
        journal.answered(task, work)
        journal.answered(Task(str(path), "audit", {"architecture": "model.json"}), work)
    assert len(calls) == 3
    assert status(tmp_path / "j.sqlite") == {"ok": 2}


def test_file_that_is_no_journal_is_told(tmp_path: Path) -> None:
    (tmp_path / "j.sqlite").write_text("no database, but long enough to look like one to SQLite" * 20)
    with pytest.raises(ReadError, match="no journal"):
        Journal(tmp_path / "j.sqlite")
    with pytest.raises(ReadError, match="does not exist"):
        status(tmp_path / "other.sqlite")


def audit(folder: Path, *options: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "layerfix", "audit", str(folder), "--json", "--quiet", *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_killed_runs_end_in_the_report_of_an_undisturbed_one(tmp_path: Path) -> None:
    fill(tmp_path / "models", 100)
    undisturbed = audit(tmp_path / "models").communicate()[0]
    journal = tmp_path / "j.sqlite"
    for goal in (5, 20, 50, 80):
        process = audit(tmp_path / "models", "--resume", str(journal), "-j", "2")
        while process.poll() is None and (not journal.exists() or sum(_counts(journal)) < goal):
            time.sleep(0.02)
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    resumed = audit(tmp_path / "models", "--resume", str(journal), "-j", "2").communicate()[0]
    assert resumed == undisturbed
    assert sum(status(journal).values()) == 100


def _counts(journal: Path) -> list[int]:
    try:
        return list(status(journal).values())
    except ReadError:
        return []

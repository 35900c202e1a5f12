"""A real Dask scheduler and two workers on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from collections_ import SAMPLES

from layerfix.errors import UsageError
from layerfix.fleet.engine import run
from layerfix.fleet.tasks import Task

pytest.importorskip("distributed", reason="the extra layerfix[fleet] is not installed")


def dask(*arguments: str) -> subprocess.Popen[bytes]:
    code = f"from distributed.cli.dask_{arguments[0]} import main; main()"
    return subprocess.Popen([sys.executable, "-c", code, *arguments[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def cluster() -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = dask("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    workers = [dask("worker", address, "--no-nanny", "--nthreads", "1", "--no-dashboard") for _ in range(2)]
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_killed_worker_loses_nothing(cluster: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    address, workers = cluster
    tasks = [Task(str(path), "audit", {"number": number}) for number in range(4) for path in SAMPLES]
    states = []
    for task, answer in run(tasks, scheduler=address):
        states.append((task.name, task.options["number"], answer["state"]))
        if len(states) == 10:
            workers[0].kill()
    assert sorted(states) == sorted((str(path), number, "ok") for number in range(4) for path in SAMPLES)


def test_missing_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerfix.fleet.cluster.PATIENCE", 0.5)
    with pytest.raises(UsageError, match="no Dask scheduler"):
        list(run([], scheduler="tcp://127.0.0.1:1"))

"""A real Dask scheduler and two workers on loopback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from collections_ import SAMPLES

from layerfix.errors import UsageError
from layerfix.fleet.engine import run
from layerfix.fleet.searches import searching
from layerfix.fleet.tasks import Task
from layerfix.rng import mt19937

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
    for _ in range(600):  # a busy machine starts it slowly
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            break
        time.sleep(0.1)
    yield address, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


@pytest.mark.slow
def test_killed_worker_loses_nothing(cluster: tuple[str, list[subprocess.Popen[bytes]]]) -> None:
    address, workers = cluster
    tasks = [Task(str(path), "audit", {"number": number}) for number in range(4) for path in SAMPLES]
    states = []
    for task, answer in run(tasks, scheduler=address):
        states.append((task.name, task.options["number"], answer["state"]))
        if len(states) == 10:
            workers[0].kill()
    assert sorted(states) == sorted((str(path), number, "ok") for number in range(4) for path in SAMPLES)


@pytest.mark.slow
def test_killed_worker_loses_no_shard_of_a_search(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    address, workers = cluster
    monkeypatch.setattr(mt19937, "FAR_SHARD", 4096)
    bits = np.random.MT19937()
    np.random.RandomState(bits).seed(30_000)
    drawn = [int(word) & 0xFFFFFF for word in bits.random_raw(16)]
    done = []

    def progress(label: str, seeds: int, total: int) -> None:
        done.append(seeds)
        if len(done) == 2:
            workers[0].kill()

    with searching(address):
        assert mt19937.find(drawn[:3], 16, seeds=range(2**16), need=2, progress=progress) == [30_000]
    assert len(done) == 16
    assert done[-1] == 2**16


def test_missing_scheduler_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("layerfix.fleet.cluster.PATIENCE", 0.5)
    with pytest.raises(UsageError, match="no Dask scheduler"):
        list(run([], scheduler="tcp://127.0.0.1:1"))

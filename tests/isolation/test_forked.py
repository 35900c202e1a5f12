"""A child that writes forks a reader for what its files hold: as limited as one that was started, and replaced where it dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layerfix.isolation.child import Child
from layerfix.isolation.limits import WRITING

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are made on Linux alone")
SAMPLE = Path(__file__).parents[2] / "sample_models" / "resnet-mean.h5"
REFUSED = {"do": "migrate", "path": str(SAMPLE), "force": False, "wishes": {}}
PROGRAM = """
import os, sys
sys.path[:0] = [{root!r}]
from layerfix.isolation.forked import Forked
from layerfix.isolation.wire import receive, send
secret = open({file!r}, "rb")
"""


def test_fork_answers_until_its_parent_hangs_up() -> None:
    done = _forked(
        "def work(tasks, answers):\n"
        "    while True:\n"
        "        send(answers, [receive(tasks), os.getpid(), os.getsid(0)])\n"
        "fork = Forked(work, [])\n"
        "send(fork.stdin, 1); first = receive(fork.stdout)\n"
        "send(fork.stdin, 2); second = receive(fork.stdout)\n"
        "fork.stdin.close()\n"
        "print(first[0], second[0], first[1] == first[2] == fork.pid, fork.wait())\n"
    )
    assert done == "1 2 True 1"  # a stream that ends is an EOFError in it


def test_streams_of_the_parent_are_closed_in_a_fork() -> None:
    done = _forked(
        "def work(tasks, answers):\n"
        "    try:\n"
        "        os.fstat(secret.fileno())\n"
        "    except OSError:\n"
        "        send(answers, 'closed')\n"
        "print(receive(Forked(work, [secret]).stdout))\n"
    )
    assert done == "closed"


@pytest.mark.parametrize("number", ["SIGKILL", "SIGSEGV"])
def test_end_by_a_signal_is_told_as_of_any_process(number: str) -> None:
    done = _forked(
        "fork = Forked(lambda *_: os.kill(os.getpid(), 9), [])\n".replace("9", str(int(getattr(signal, number))))
        + "print(fork.wait(5), fork.poll())\n"
    )
    assert done == f"-{int(getattr(signal, number))} -{int(getattr(signal, number))}"


def test_fork_that_reads_in_place_of_a_new_interpreter_is_confined_and_knows_nothing_of_its_parent() -> None:
    done = _forked(
        "import signal\n"
        "from layerfix.isolation import child, program\n"
        "sys.path[:] = program.places()\n"
        "os.environ['SECRET'] = 'x'\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        "with child.Child() as reader:\n"
        "    print(reader.ask({'do': 'probe', 'path': secret.name})['state'], type(reader._process).__name__)\n"
        "    told = '/proc/%d/' % reader._process.pid\n"
        "    limits = {line[:26].strip(): line.split()[-3] for line in open(told + 'limits')}\n"
        "    print(limits['Max file size'], limits['Max address space'] != 'unlimited', 'numpy' in sys.modules)\n"
        "    handled = next(line.split()[1] for line in open(told + 'status') if line.startswith('SigCgt'))\n"
        "    print(bool(int(handled, 16) >> signal.SIGTERM - 1 & 1))\n"
        "    places = [os.readlink(told + 'fd/' + name) for name in os.listdir(told + 'fd')]\n"
        "    print(*sorted({place.partition(':')[0] for place in places}))\n"
    )
    assert done.splitlines() == ["ok Forked", "0 True False", "False", "/dev/null pipe"]


def test_process_that_has_read_files_starts_an_interpreter_and_does_not_fork() -> None:
    done = _forked(
        "from layerfix.isolation import child, program\n"
        "sys.path[:] = program.places()\n"
        "import h5py\n"
        "with child.Child() as reader:\n"
        "    print(reader.ask({'do': 'probe', 'path': secret.name})['state'], type(reader._process).__name__)\n"
    )
    assert done == "ok Popen"


@pytest.mark.slow
def test_reader_of_a_child_that_writes_is_limited_and_replaced_once_dead(tmp_path: Path) -> None:
    task = {**REFUSED, "output": str(tmp_path / "new.keras")}
    with Child(WRITING) as child:
        first = child.ask(task)
        assert child._process is not None
        (reader,) = _children(child._process.pid)
        limits = Path(f"/proc/{reader}/limits").read_text()
        written = next(line for line in limits.splitlines() if line.startswith("Max file size"))
        assert written.split()[3:5] == ["0", "0"]
        os.kill(reader, signal.SIGKILL)
        assert child.ask(task)["problem"].endswith("No genuine file does that.")
        assert child.ask(task)["problem"] == first["problem"]
        (other,) = _children(child._process.pid)
        assert other != reader


@pytest.mark.slow
def test_fork_ends_with_its_parent(tmp_path: Path) -> None:
    with Child(WRITING) as child:
        child.ask({**REFUSED, "output": str(tmp_path / "new.keras")})
        assert child._process is not None
        (reader,) = _children(child._process.pid)
    for _ in range(1000):
        if not Path(f"/proc/{reader}").exists():
            return
        time.sleep(0.01)
    pytest.fail("the fork lives on")


def _forked(code: str) -> str:
    head = PROGRAM.format(root=str(Path(__file__).parents[2]), file=str(SAMPLE))
    program = [sys.executable, "-c", head + code]
    return subprocess.run(program, capture_output=True, text=True, check=True).stdout.strip()


def _children(process: int) -> list[int]:
    told = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [int(number) for number in told.split()]

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layerfix.errors import HostileError, NoCheckpointError, ReadError
from layerfix.isolation.child import Child, ChildError, StoppedError
from layerfix.isolation.limits import READING, SUPPORTED, Limits
from layerfix.isolation.vet import patience, vet

SAMPLE = Path(__file__).parents[2] / "sample_models" / "resnet-mean.h5"
AUDIT = {"do": "audit", "path": str(SAMPLE)}


def test_child_finds_what_this_process_finds() -> None:
    from layerfix.commands.audit import audit

    with Child() as child:
        answer = child.ask(AUDIT)
    assert [finding[0] for finding in answer["findings"]] == [finding.code for finding in audit(SAMPLE).findings]


def test_late_task_ends_its_child_and_the_next_gets_another() -> None:
    with Child(Limits(seconds=0.01)) as child:
        with pytest.raises(ChildError, match=r"took longer than 0\.01 s"):
            child.ask(AUDIT)
        child.limits = READING
        assert child.ask(AUDIT)["state"] == "ok"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU times are read from /proc")
def test_clock_ends_what_hangs_and_waits_for_what_is_starved(monkeypatch: pytest.MonkeyPatch) -> None:
    from layerfix.isolation import clock

    def end(code: str, rings: int, *, starved: bool) -> tuple[bool, int]:
        process = subprocess.Popen([sys.executable, "-c", code])
        used = iter(range(100))
        monkeypatch.setattr(clock, "RINGS", rings)
        if starved:  # a hundredth of the time allowed at every ring
            monkeypatch.setattr(clock, "cpu_seconds", lambda _: next(used) * 0.01)
        with clock.Clock(process, 0.3) as running:
            process.wait()
        monkeypatch.undo()
        return running.late, running._rings

    assert end("import time; time.sleep(60)", 100, starved=False)[0]
    assert end("while True: pass", 100, starved=False)[0]
    assert end("import time; time.sleep(1)", 100, starved=True)[0] is False
    assert end("import time; time.sleep(60)", 3, starved=True) == (True, 3)


@pytest.mark.parametrize(("number", "told", "outside"), [("SIGSEGV", "crashed .*SIGSEGV", False), ("SIGKILL", "ended from outside", True)])
def test_crash_of_a_child_is_told_and_what_others_ended_is_no_crash(number: str, told: str, outside: bool) -> None:
    with Child() as child:
        child.start()
        assert child._process is not None
        os.kill(child._process.pid, getattr(signal, number))
        with pytest.raises(ChildError, match=told) as caught:
            child.ask(AUDIT)
        assert caught.value.outside is outside
        assert child.ask(AUDIT)["state"] == "ok"


def test_exception_in_a_child_is_told_with_its_cause_and_costs_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    with Child() as child:
        child.start()
        before = child._process
        answer = child.ask({"do": "juggle", "path": "old.h5"})
        assert answer == {"state": "failed", "problem": answer["problem"]}
        assert answer["problem"].startswith("old.h5: something unexpected happened (KeyError: 'juggle', jobs.py line ")
        assert child._process is before


def test_stopped_child_gives_no_answer_and_gets_no_successor() -> None:
    with Child() as child:
        child.start()
        child.stop()
        for _ in range(2):
            with pytest.raises(StoppedError):
                child.ask(AUDIT)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
def test_child_ends_with_its_parent() -> None:
    code = "import time; from layerfix.isolation.child import Child\nchild = Child(); child.start()\n"
    code += "print(child._process.pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    for _ in range(1000):
        if not _lives(child):
            return
        time.sleep(0.01)
    pytest.fail("the child lives on")


def _lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


MODULES = (
    *("json", "re", "enum", "types", "functools", "collections", "keyword", "operator", "reprlib", "copyreg", "os", "io", "abc", "struct"),
    *("signal", "threading", "ctypes", "select", "dataclasses", "pathlib", "contextlib", "numpy", "h5py", "layerfix", "sitecustomize"),
)


@pytest.mark.parametrize(
    "code",
    [
        "from layerfix.cli import main; main()",
        "import sys, layerfix.cli; sys.path[:0] = ['', '.', 'PLACE']; layerfix.cli.main()",  # `PYTHONPATH=:/elsewhere` brings it about
        "from layerfix.isolation.vet import vet; vet(sys.argv[2]); sys.exit(1)",
    ],
)
def test_no_module_of_the_current_folder_runs(code: str, tmp_path: Path) -> None:
    here, script = tmp_path / "here", tmp_path / "layerfix-script"
    here.mkdir()
    for name in MODULES:
        (here / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r} + ' ')\nraise SystemExit(9)\n")
    script.write_text(f"import sys; {code.replace('PLACE', str(here))}\n")
    done = subprocess.run([sys.executable, script, "audit", SAMPLE], cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(not SUPPORTED, reason="resource limits need POSIX")
def test_child_may_not_take_much_memory(tmp_path: Path) -> None:
    import h5py
    import numpy as np

    path = tmp_path / "big.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"a"]
        file.create_group("a").attrs["weight_names"] = [b"w"]
        file["a"].create_dataset("w", data=np.random.default_rng(0).random((1, 1 << 23)), chunks=(1, 1 << 23), fletcher32=True)
    with Child(Limits(memory=20 << 20)) as child:
        try:
            answer = child.ask({"do": "probe", "path": str(path)})
        except ChildError:
            return
        assert answer["state"] in ("refused", "damaged")


@pytest.mark.skipif(not SUPPORTED, reason="resource limits need POSIX")
def test_child_may_not_write(tmp_path: Path) -> None:
    target = tmp_path / "written"
    code = f"from layerfix.isolation.limits import Limits, confine; confine(Limits()); open({str(target)!r}, 'wb', 0).write(b'x' * 9)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode != 0
    assert target.stat().st_size == 0


@pytest.mark.slow
def test_vetting_passes_sound_files_and_names_what_is_wrong(tmp_path: Path) -> None:
    from hostile import KINDS

    vet(SAMPLE)
    path = tmp_path / "file.h5"
    for name, error in (
        ("external_link_to_a_weight", HostileError),
        ("hdf5_of_something_else", NoCheckpointError),
        ("file_half", ReadError),
    ):
        KINDS[name][1](path)
        with pytest.raises(error):
            vet(path)


@pytest.mark.parametrize(("size", "seconds"), [(0, 0), (1 << 20, 0), (13 << 20, 6), (1 << 30, 51 + 60), (10 << 30, 512 + 60)])
def test_patience_grows_with_a_file_and_small_files_get_none(size: int, seconds: int) -> None:
    assert patience(size) == seconds

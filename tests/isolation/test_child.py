from __future__ import annotations

from pathlib import Path

import pytest

from layerfix.errors import HostileError, NoCheckpointError, ReadError
from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import READING, SUPPORTED, Limits
from layerfix.isolation.vet import vet

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
    import subprocess
    import sys

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


def test_crash_of_a_child_is_told() -> None:
    with Child() as child:
        child.start()
        assert child._process is not None
        child._process.kill()
        child._process.wait()
        with pytest.raises(ChildError, match="crashed the reading process"):
            child.ask(AUDIT)
        assert child.ask(AUDIT)["state"] == "ok"


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
    import subprocess
    import sys

    target = tmp_path / "written"
    code = f"from layerfix.isolation.limits import Limits, confine; confine(Limits()); open({str(target)!r}, 'wb', 0).write(b'x' * 9)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode != 0
    assert target.stat().st_size == 0


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

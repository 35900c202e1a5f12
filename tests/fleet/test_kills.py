"""SIGKILL at random moments of a repair and of an output's replacement: it is old or new, whole, and the next run sweeps what was left."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 12
REPAIRS = 3
HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "sample_models" / "sequential-mean.h5"
WRITER = """
import sys, itertools
from pathlib import Path
from layerfix.disk.publish import publish
target, source = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
for number in itertools.count():
    with publish(target, force=True, inputs=[source]) as temp:
        with open(temp, "wb") as file:
            for _ in range(64):
                file.write(bytes([number % 251]) * 65536)
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_killed_writers_leave_a_whole_output(tmp_path: Path) -> None:
    source, target = tmp_path / "in.h5", tmp_path / "out.h5"
    source.write_bytes(b"input")
    target.write_bytes(b"\7" * (64 * 65536))
    moments = random.Random(0)
    for _ in range(KILLS):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(target), str(source)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(moments.uniform(0.0, 0.06))
        writer.kill()
        writer.communicate()
        data = target.read_bytes()
        assert len(data) == 64 * 65536
        assert len(set(data)) == 1
        assert source.read_bytes() == b"input"
    from layerfix.disk.temporaries import sweep

    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.h5", "out.h5"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_killed_repairs_leave_the_old_output_or_the_new_one(tmp_path: Path) -> None:
    program = [sys.executable, str(HERE / "killed_repairs.py"), str(SAMPLE), str(tmp_path), str(REPAIRS), "1"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found.get("old", 0) + found.get("new", 0) == REPAIRS
    assert found["input changed"] == 0
    assert found["at last"] == ["out.h5"]

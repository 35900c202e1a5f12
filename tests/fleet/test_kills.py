"""SIGKILL at random moments while an output is replaced: it is old or new, whole, and the next run sweeps what was left."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

KILLS = 12
WRITER = """
import sys, itertools
from pathlib import Path
from layerfix.publish import publish
target, source = Path(sys.argv[1]), Path(sys.argv[2])
print("ready", flush=True)
for number in itertools.count():
    with publish(target, force=True, inputs=[source]) as temp:
        with open(temp, "wb") as file:
            for _ in range(64):
                file.write(bytes([number % 251]) * 65536)
"""


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
    from layerfix.publish import sweep

    sweep(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.h5", "out.h5"]

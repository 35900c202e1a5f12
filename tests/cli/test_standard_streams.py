"""What becomes of the result where standard output is closed, full, or cannot say every sign; and what signals leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from layerfix.cli import streams

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "sample_models" / "resnet-mean.h5"
LAYERFIX = [sys.executable, "-m", "layerfix"]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="descriptors, devices and signals are POSIX's")


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    line = command.replace("layerfix", f"{sys.executable} -m layerfix", 1)
    return subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **environment})


@pytest.mark.slow
@pytest.mark.parametrize("where", [">&-", *([">/dev/full"] if Path("/dev/full").exists() else [])])
@pytest.mark.parametrize("command", ["audit", "diff", "--help", "explain"])
def test_result_that_nobody_can_be_given_is_one_sentence(command: str, where: str) -> None:
    files = {"audit": f"{SAMPLE}", "diff": f"{SAMPLE} {SAMPLE}"}.get(command, "")
    done = shell(f"layerfix {command} {files} {where}")
    assert done.returncode == 2
    (told,) = done.stderr.splitlines()
    assert told.startswith("layerfix: standard output: ")
    assert told.endswith("Send the result to a file with -o.")


def test_closed_output_is_no_hindrance_where_the_result_goes_to_a_file(tmp_path: Path) -> None:
    done = shell(f"layerfix audit {SAMPLE} -o {tmp_path / 'audit.json'} >&- 2>&-")
    assert done.returncode == 1
    assert (tmp_path / "audit.json").read_text().startswith("{")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["audit", "diff", "explain", "verify"])
def test_signs_that_an_encoding_has_not_are_told_in_ascii(command: str) -> None:
    files = f"{SAMPLE} {SAMPLE}" if command == "diff" else "" if command == "explain" else f"{SAMPLE}"
    codes = set()
    for encoding in ("utf-8", "cp1252", "ascii"):
        done = shell(f"layerfix {command} {files}", PYTHONIOENCODING=encoding)
        codes.add(done.returncode)
        assert "unexpected" not in done.stderr
        assert done.stdout.strip()
        if encoding == "ascii":
            assert done.stdout.isascii()
            assert "\\u" not in done.stdout
    assert len(codes) == 1


def test_every_sign_of_the_package_has_one_in_ascii() -> None:
    """Of those that reports for terminals use: boxes, arrows, marks."""
    sources = [*(ROOT / "layerfix" / "cli").glob("*.py"), *(ROOT / "layerfix" / "report").glob("*.py")]
    signs = {sign for path in sources if path.name != "escape.py" for sign in path.read_text(encoding="utf-8") if not sign.isascii()}
    assert signs
    assert {sign for sign in signs if sign not in streams._SIGNS} == set()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_first_signal_ends_children_and_the_second_ends_at_once(name: str, tmp_path: Path) -> None:
    number = getattr(signal, name)
    code = f"import signal; signal.signal({int(number)}, signal.SIG_DFL)\n"  # whoever runs the tests may ignore it
    code += "import time, os; from layerfix.cli import app, run; import click; from layerfix.isolation.child import Child\n"
    code += "child = Child(); child.start()\n"
    code += "def wait():\n    try:\n        print(child._process.pid, flush=True); time.sleep(60)\n    finally:\n"
    code += "        print('tidying', flush=True); time.sleep(SLEEP)\n"
    code += "app.Commands.get_command = lambda self, ctx, name: click.Command(name, callback=wait)\nraise SystemExit(run(['doctor']))"
    for again, expected in ((False, 128 + number), (True, -number)):
        program = [sys.executable, "-c", code.replace("SLEEP", "60" if again else "0")]
        process = subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert process.stdout is not None
        child = int(process.stdout.readline())
        process.send_signal(number)
        assert process.stdout.readline() == "tidying\n"
        if again:
            process.send_signal(number)
        _, told = process.communicate(timeout=60)
        assert process.returncode == expected
        assert "Traceback" not in told
        assert _ends(child)


def test_signal_that_the_user_had_ignored_stays_ignored() -> None:
    code = (
        "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN)\nfrom layerfix.cli import app\nprint(signal.SIGHUP in app._listen())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def _ends(process: int) -> bool:
    for _ in range(1000):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").exists() and " Z " in Path(f"/proc/{process}/stat").read_text():
            return True
        time.sleep(0.01)
    return False

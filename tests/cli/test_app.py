"""What ends a run, and what the user is told then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from layerfix.cli import app, run
from layerfix.errors import HostileError, LayerfixError, ReadError

SAMPLES = Path(__file__).parents[2] / "sample_models"
HEAVY = ("tensorflow", "keras", "numba", "matplotlib", "libcst", "dask", "pandas")


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Makes `layerfix doctor` end with an exception."""

    def prepare(error: BaseException) -> None:
        def command() -> int:
            raise error

        monkeypatch.setattr(app.Commands, "get_command", lambda self, ctx, name: click.Command(name, callback=command))

    return prepare


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (LayerfixError("it is broken."), 2),
        (ReadError("it is cut off.", where="a.h5"), 2),
        (HostileError("it links elsewhere.", where="a.h5"), 4),
        (click.UsageError("no such option."), 2),
        (RuntimeError("surprise"), 2),
        (MemoryError(), 2),
        (FileNotFoundError(2, "No such file or directory", "a.h5"), 2),
        (KeyboardInterrupt(), 130),
        (click.Abort(), 130),
        (app.Ended(signal.SIGTERM), 143),
        (BrokenPipeError(), 141),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_ending_has_its_code_and_no_traceback(ending, capsys, error: BaseException, code: int) -> None:  # type: ignore[no-untyped-def]
    ending(error)
    assert run(["doctor"]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" not in told.err
    assert len(told.err.strip().splitlines()) == (0 if code == 141 else 1)  # click puts an empty line behind "^C"


def test_an_unexpected_error_asks_to_be_reported(ending, capsys) -> None:  # type: ignore[no-untyped-def]
    ending(RuntimeError("surprise"))
    run(["doctor"])
    assert "RuntimeError: surprise" in (told := capsys.readouterr().err)
    assert "report" in told


def test_debugging_shows_the_traceback(ending, capsys, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("LAYERFIX_DEBUG", "1")
    ending(RuntimeError("surprise"))
    assert run(["doctor"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_hostile_names_in_errors_are_escaped(ending, capsys) -> None:  # type: ignore[no-untyped-def]
    ending(ReadError("is cut off.", where="\x1b[31m\u202ea.h5\n"))
    run(["doctor"])
    assert capsys.readouterr().err == "layerfix: \\x1b[31m\\u202ea.h5\\x0a: is cut off.\n"


@pytest.mark.parametrize("arguments", [["nonsense"], ["audit"], ["audit", "--nonsense", "x"], ["repair"], ["diff", "only-one"]])
def test_wrong_usage_is_one_sentence_and_code_2(capsys, arguments: list[str]) -> None:  # type: ignore[no-untyped-def]
    assert run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1


def test_handlers_of_the_host_program_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)
    run(["--version"])
    assert signal.getsignal(signal.SIGTERM) is before


def test_every_command_says_what_it_is(capsys) -> None:  # type: ignore[no-untyped-def]
    assert run(["--help"]) == 0
    listed = capsys.readouterr().out
    for name in app.COMMANDS:
        assert f"  {name} " in listed
        assert run([name, "--help"]) == 0
        assert capsys.readouterr().out.startswith(f"Usage: layerfix {name} ")


def test_an_audit_loads_nothing_heavy() -> None:
    audit = f"layerfix.cli.run(['audit', {str(SAMPLES / 'resnet-mean.h5')!r}])"
    code = f"import sys, layerfix.cli; {audit}; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_python_m_layerfix_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "layerfix", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("layerfix ")


@pytest.mark.skipif(not hasattr(signal, "SIGPIPE"), reason="no pipes of that kind on this platform")
def test_a_reader_that_goes_away_is_no_error() -> None:
    command = f"{sys.executable} -m layerfix audit {SAMPLES} --format jsonl | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind are POSIX's")
def test_sigterm_ends_with_its_own_code() -> None:
    code = "import time; from layerfix.cli import app, run; app.layerfix.callback; import click\n"
    code += "def wait():\n    print('ready', flush=True); time.sleep(60)\n"
    code += "app.Commands.get_command = lambda self, ctx, name: click.Command(name, callback=wait)\nraise SystemExit(run(['doctor']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.05)
    process.terminate()
    _, told = process.communicate(timeout=30)
    assert process.returncode == 143
    assert "SIGTERM" in told


@pytest.mark.skipif(os.name != "posix", reason="file descriptors of this kind are POSIX's")
def test_native_chatter_is_hushed_and_our_own_words_are_not() -> None:
    code = "import os, sys; from layerfix.cli.hush import hushed\nwith hushed():\n    os.write(2, b'chatter')\n"
    code += "    print('ours', file=sys.stderr)\nos.write(2, b'after')"
    for debug, expected in (("0", "ours\nafter"), ("1", "chatterours\nafter")):
        environment = {**os.environ, "LAYERFIX_DEBUG": debug}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
        assert done.stderr == expected


def test_the_bare_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 0
    told = capsys.readouterr()
    assert "Commands:" in told.out
    assert told.err == ""


def test_a_misspelt_command_is_answered_with_the_one_that_is_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["repiar", "old.h5"]) == 2
    assert "there is no command 'repiar'. Did you mean 'repair'?" in capsys.readouterr().err


def test_a_seed_outside_of_numpys_range_is_refused_before_any_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["repair", str(SAMPLES / "resnet-mean.h5"), "--numpy-seed", "-1"]) == 2
    assert "0<=x<=4294967295" in capsys.readouterr().err


def test_the_help_of_repair_shows_its_options_in_groups(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["repair", "--help"]) == 0
    shown = capsys.readouterr().out
    titles = ["What layerfix is given:", "How weights come back:", "Where to search:", "What is written:", "Many files:"]
    assert [shown.index(title) for title in titles] == sorted(shown.index(title) for title in titles)

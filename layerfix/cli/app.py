"""The `layerfix` command: the group of commands, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

import click

from layerfix.cli import streams
from layerfix.cli.console import complain
from layerfix.errors import LayerfixError, heavy, missing_library, unexpected
from layerfix.isolation.child import stop_all
from layerfix.isolation.program import places
from layerfix.results import exits
from layerfix.searching import end_search
from layerfix.version import __version__

COMMANDS: Mapping[str, str] = {
    "audit": "What is lost, how sure, and why.",
    "repair": "Bring lost weights back into a new file, with proof.",
    "seeds": "The random numbers every layer started from.",
    "diff": "Two checkpoints, tensor by tensor.",
    "verify": "Is a file what it should be.",
    "manifest": "Hashes to compare with later.",
    "migrate": "Legacy checkpoints to today's Keras.",
    "lambdas": "What Lambda layers compute, read and never run.",
    "salvage": "What is whole in a damaged file.",
    "lint": "Layer classes that lose weights, and the rewrite.",
    "layers": "The corrected classes at hand.",
    "explain": "What a finding's code, or an error of Keras, means.",
    "status": "How far a journaled run has come.",
    "doctor": "Versions, HDF5 safety, what works here.",
}
"""Each command and what it does, told without loading it."""


class Commands(click.Group):
    """Loads a command's module when that command is asked for: a command pays only for its own imports."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"layerfix.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands; click would load each of them for its summary."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; a misspelt command is answered with the one that is meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            close = get_close_matches(name, COMMANDS, n=1)
            meant = f" Did you mean {close[0]!r}?" if close else ""
            raise click.UsageError(f"there is no command {name!r}.{meant}", ctx)
        return super().resolve_command(ctx, args)


@click.command("layerfix", cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", message="layerfix %(version)s")
def layerfix() -> None:
    """fsck for Keras checkpoints: see what a legacy save lost, find it, bring it back, prove it.

    \b
    Start with      layerfix audit old.h5
    and then        layerfix repair old.h5

    Exit codes: 0 nothing lost, or done and verified; 1 findings, or something left unrepaired; 2 usage, or a file that could not be read or
    written; 3 nothing to do; 4 refused as hostile; 128+N ended by signal N.
    """


GRACE = 3.0
"""Seconds to tidy up in after a signal."""
_ended_searches: list[int] = []
"""Signals that ended a search of this run."""
_last_words: list[threading.Timer] = []


class Ended(BaseException):
    """A signal asked the run to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main() -> NoReturn:
    """Entry point of the `layerfix` script."""
    streams.prepare()
    sys.path[:] = places()
    code = run(sys.argv[1:])
    told = streams.flush()
    if told is not None and code < exits.SIGNAL:
        complain(told)
        code = exits.FAILED
    if code > exits.SIGNAL:
        os._exit(code)  # a thread may still wait for a remote file
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code. No traceback reaches the user (unless LAYERFIX_DEBUG=1)."""
    handlers = _listen()
    _ended_searches.clear()
    try:
        outcome = layerfix.main(args=list(arguments) or ["--help"], prog_name="layerfix", standalone_mode=False)
        return _through(outcome if isinstance(outcome, int) else exits.OK)
    except BaseException as error:
        return _settle(error)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        while _last_words:
            _last_words.pop().cancel()


def _through(code: int) -> int:
    """The exit code of a run that came to its end; a signal that ended a search in it is told, and in the code."""
    if not _ended_searches:
        return code
    complain(f"{signal.Signals(_ended_searches[0]).name} ended the search; what was found until then is in the report.")
    return exits.SIGNAL + _ended_searches[0]


def _settle(error: BaseException) -> int:
    """What an exception means to the user: its sentence on stderr, its code returned."""
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        return _interrupted(signal.SIGINT)
    if isinstance(error, Ended):
        return _interrupted(error.number)
    if isinstance(error, BrokenPipeError):
        return exits.SIGNAL + signal.SIGPIPE
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else exits.FAILED
    if os.environ.get("LAYERFIX_DEBUG") == "1" and not isinstance(error, click.ClickException):
        traceback.print_exception(error)
    if isinstance(error, click.ClickException):
        _show_usage(error)
        return exits.FAILED
    if isinstance(error, LayerfixError):
        complain(str(error))
        return error.exit_code
    if isinstance(error, ImportError) and (absent := heavy(error)):
        complain(str(missing_library("this", [absent])))
        return exits.FAILED
    if isinstance(error, MemoryError):
        complain("there is not enough memory for this. Close other programs, or give layerfix a machine with more of it.")
        return exits.FAILED
    if isinstance(error, OSError) and error.filename is not None:
        complain(f"{os.fsdecode(error.filename)}: {(error.strerror or str(error)).lower()}. Check the path and its permissions.")
        return exits.FAILED
    if isinstance(error, FileNotFoundError):  # without a name: the system was asked for the current folder
        complain("the current folder is gone. Change to one that exists.")
        return exits.FAILED
    complain(f"{unexpected(error)} The same command under LAYERFIX_DEBUG=1 says more.")
    return exits.FAILED


def _show_usage(error: click.ClickException) -> None:
    context = error.ctx if isinstance(error, click.UsageError) else None
    where = f" See '{context.command_path} --help'." if context is not None else ""
    complain(error.format_message() + where)


def _give_up_after(seconds: float, code: int) -> None:
    """Ends the process then, whatever a thread still waits for; children end with it."""
    last_word = threading.Timer(seconds, os._exit, (code,))
    last_word.daemon = True
    _last_words.append(last_word)
    last_word.start()


def _interrupted(number: int) -> int:
    stop_all()
    complain(f"ended by {signal.Signals(number).name}; no input was changed, and what is written is whole.")
    return exits.SIGNAL + number


def _listen() -> dict[int, Any]:
    """Turns signals that ask the run to end into an exception, so that children end and temporary files are removed.

    In a search it ends the search, and the run goes on with what was found. A second one ends the process at once. What the user had
    ignored (nohup) stays ignored. Returns the handlers that were there.
    """

    def end(number: int, frame: FrameType | None) -> None:
        for every in heard:
            signal.signal(every, signal.SIG_DFL)
        if end_search():
            _ended_searches.append(number)
            return
        _give_up_after(GRACE, exits.SIGNAL + number)
        raise Ended(number)

    heard: dict[int, Any] = {}
    try:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                heard[number] = signal.signal(number, end)
    except ValueError:  # not in the main thread: the host program keeps its own handlers
        return {}
    return heard

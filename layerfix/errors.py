"""Everything that can go wrong in a run.

A broken *checkpoint* is a finding and no error. An error here is a broken *run*: one sentence that names the place, what was expected
and found, and the next thing to do. Every child carries the exit code that the command line ends with.
"""

from __future__ import annotations

import os
import re
import sys
import traceback
from collections.abc import Sequence
from importlib import util
from pathlib import Path

_TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CALLING = re.compile(r"^Exception encountered when calling [^\n]*\n+")


def reason(error: Exception) -> str:
    """What a library said, as the end of a sentence: the kind of error and its own words, without terminal codes and listed arguments."""
    said = _CALLING.sub("", _TERMINAL.sub("", str(error)).strip())
    said = " ".join(said.partition("\n\nArguments received by")[0].split())
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z])", said)
    while len(sentences) > 1 and len(" ".join(sentences)) > 300:
        sentences.pop()
    return f"{type(error).__name__}: {' '.join(sentences)}" if said else type(error).__name__


class LayerfixError(Exception):
    """The one root. `str(error)` is a full sentence for the user; `hint` is the next step, where there is one.

    Attributes:
        where: the file, layer or weight concerned, or None.
        hint: what the user can do next, or None.
        exit_code: the code of the command line (design: 2 usage and unreadable, 4 refused as hostile).
    """

    exit_code = 2

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        self.message, self.where, self.hint = message, where, hint
        super().__init__(message)

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head} {self.hint}" if self.hint else head


class ReadError(LayerfixError):
    """A file cannot be read: missing, no checkpoint, damaged."""


class NoCheckpointError(ReadError):
    """A sound file that is no Keras checkpoint: in a folder it is passed over, named by itself it is an error."""


class HostileError(ReadError):
    """A file uses what a genuine checkpoint never does (external links, bombs); it was refused unread."""

    exit_code = 4


class GraphError(LayerfixError):
    """The graph cannot be rebuilt: an unknown class, a config that does not fit."""


class LostError(GraphError):
    """A file cannot be migrated as it is: weights were lost in its save, which a repair may bring back."""


class LayersError(GraphError):
    """User source given with `--layers` cannot be imported or adopted."""


class LackError(LayersError):
    """What such source uses was in legacy Keras and is not in ours: that says nothing against the source or its arguments."""


class PlanError(LayerfixError):
    """What the user asked for cannot be planned: an unknown argument, an ambiguous donor."""


class RestoreError(LayerfixError):
    """A planned step cannot be carried out."""


class WriteError(LayerfixError):
    """An output cannot be written; nothing was left under its final name."""


class VerifyError(LayerfixError):
    """A written file did not pass its own check; it was not published."""


class UsageError(LayerfixError):
    """Options that do not go together or name what is not there."""


_HEAVY = ("tensorflow", "keras")
"""What the extra `tensorflow` brings and nothing does without; numba, which it brings too, only makes searches fast."""


class MissingLibrary(LayerfixError, ImportError):  # noqa: N818 - what is missing is its name
    """A library of the extra `tensorflow` is needed and not installed."""


def require_tensorflow(job: str) -> None:
    """Told before any work: `job` builds a live model, and that takes TensorFlow and Keras.

    Raises:
        MissingLibrary: where one of them is not installed; neither is imported.
    """
    absent = [name for name in _HEAVY if name not in sys.modules and util.find_spec(name) is None]
    if absent:
        raise missing_library(job, absent)


def missing_library(job: str, absent: Sequence[str]) -> MissingLibrary:
    """The sentence for libraries of the extra that are not there."""
    return MissingLibrary(
        f"{job} needs {' and '.join(_SPOKEN[name] for name in absent)}, which the base installation leaves out.",
        hint="Run: pip install 'layerfix[tensorflow]'",
    )


_SPOKEN = {"tensorflow": "TensorFlow", "keras": "Keras", "numba": "numba", "safetensors": "safetensors"}


def heavy(error: ImportError) -> str | None:
    """The library of the extra `tensorflow` whose absence an import met, or None where it failed otherwise."""
    name = (error.name or "").partition(".")[0]
    return name if isinstance(error, ModuleNotFoundError) and name in _SPOKEN else None


def unexpected(error: BaseException) -> str:
    """The sentence for an exception that nobody foresaw: what it is, where in layerfix it arose, and nothing that is not known."""
    lines = traceback.extract_tb(error.__traceback__)
    own = next((line for line in reversed(lines) if f"{os.sep}layerfix{os.sep}" in line.filename), None)
    place = f", {Path(own.filename).name} line {own.lineno}" if own else ""
    told = " ".join(_TERMINAL.sub("", str(error)).split())[:300]
    return f"something unexpected happened ({type(error).__name__}{f': {told}' if told else ''}{place}). Please report it."

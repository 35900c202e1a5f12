"""One piece of work and how a child does it, the same for local processes and for a cluster."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from layerfix.disk.folders import size_of
from layerfix.disk.temporaries import sweep
from layerfix.errors import LayerfixError
from layerfix.fleet.crew import Crew
from layerfix.fleet.ranges import asked_by_blocks
from layerfix.fleet.remote import Cache, fetched, url
from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import READING, Limits
from layerfix.isolation.vet import patience

Answer = dict[str, Any]
"""{"state": "ok" | "refused" | "none" | "damaged" | "failed", ...}: see `layerfix.jobs`."""

_OWN = Crew()
"""The children of threads that belong to no run."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work on one file.

    Attributes:
        name: the file as the user named it: a path or a URL.
        do: what: "audit", "probe", "repair", "migrate", or "search" (a shard of a seed search; the name is only shown).
        options: further arguments, ready for JSON.
    """

    name: str
    do: str
    options: Mapping[str, Any] = field(default_factory=dict)


def perform(task: Task, limits: Limits = READING, cache: Cache | None = None, crew: Crew | None = None) -> Answer:
    """Does a task in this thread's child. Whatever happens to the child or the file is an answer, never an exception.

    Raises:
        StoppedError: where this process ends its children.
    """
    child = (crew or _OWN).child(limits)
    try:
        if task.do in _BY_BLOCKS and url(task.name) is not None and (partly := _by_blocks(task, child, cache)) is not None:
            return partly
        with fetched(task.name, cache) as path:
            answer: Answer = child.ask({"do": task.do, "path": str(path), **task.options}, patience=_patience(path))
            return _renamed(answer, path, task)
    except ChildError as error:
        tidy(task)
        if error.outside:
            return {"state": "failed", "problem": f"{task.name}: its {task.do} {error}, by somebody or for want of memory. Run again."}
        if limits.may_write:
            return {"state": "failed", "problem": f"{task.name}: its {task.do} {error}."}
        return {"state": "refused", "problem": f"{task.name}: refused: reading it {error}. No Keras checkpoint does that."}
    except LayerfixError as error:
        return {"state": "damaged", "problem": str(error)}


_BY_BLOCKS = frozenset({"audit"})
"""What can be done with a few blocks of a file."""


def _patience(path: Path) -> int:
    try:
        return patience(size_of(path))
    except OSError:  # the child says what is wrong with it
        return 0


def _by_blocks(task: Task, child: Child, cache: Cache | None) -> Answer | None:
    def ask(path: str, blocks: Collection[int]) -> Answer:
        return _renamed(child.ask({"do": task.do, "path": path, "held": list(blocks), **task.options}), path, task)

    with Cache() if cache is None else nullcontext(cache) as place:
        return asked_by_blocks(task.name, place, ask)


def _renamed(answer: Answer, path: Path | str, task: Task) -> Answer:
    """The answer with the name that the user gave in the place of the copy's."""
    return {**answer, "problem": str(answer["problem"]).replace(str(path), task.name)} if "problem" in answer else answer


def tidy(task: Task) -> None:
    """Removes what a child that was ended left beside its output."""
    if "output" in task.options:
        with suppress(OSError):
            sweep(Path(task.options["output"]).parent)


def prepare(limits: Limits = READING) -> None:
    """Starts this thread's child ahead of its first task."""
    _OWN.child(limits).start()


def hang_up() -> None:
    """Ends this thread's child, if it has one."""
    _OWN.hang_up()

"""One piece of work and how a child does it, the same for local processes and for a cluster."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from layerfix.errors import LayerfixError
from layerfix.fleet.remote import Cache, fetched
from layerfix.isolation.child import Child, ChildError
from layerfix.isolation.limits import READING, Limits

Answer = dict[str, Any]
"""{"state": "ok" | "refused" | "none" | "damaged" | "failed", ...}: see `layerfix.jobs`."""

_mine = threading.local()


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


def perform(task: Task, limits: Limits = READING, cache: Cache | None = None) -> Answer:
    """Does a task in this thread's child. Whatever happens to the child or the file is an answer, never an exception."""
    child = _child(limits)
    try:
        with fetched(task.name, cache) as path:
            answer: Answer = child.ask({"do": task.do, "path": str(path), **task.options})
            if "problem" in answer:
                answer["problem"] = str(answer["problem"]).replace(str(path), task.name)
            return answer
    except ChildError as error:
        if limits.may_write:
            return {"state": "failed", "problem": f"{task.name}: its {task.do} {error}."}
        return {"state": "refused", "problem": f"{task.name}: refused: reading it {error}. No Keras checkpoint does that."}
    except LayerfixError as error:
        return {"state": "damaged", "problem": str(error)}


def prepare(limits: Limits = READING) -> None:
    """Starts this thread's child ahead of its first task."""
    _child(limits).start()


def hang_up() -> None:
    """Ends this thread's child, if it has one."""
    child: Child | None = getattr(_mine, "child", None)
    if child is not None:
        child.close()
        _mine.child = None


def _child(limits: Limits) -> Child:
    child: Child | None = getattr(_mine, "child", None)
    if child is None or child.limits != limits:
        hang_up()
        child = _mine.child = Child(limits)
    return child

"""The program of a child: takes limits, confines itself, and answers tasks until its parent hangs up."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, BinaryIO, cast

from layerfix.isolation.bond import bind
from layerfix.isolation.child import Child
from layerfix.isolation.forked import Forked, forget
from layerfix.isolation.limits import READING, Limits, allow_cpu, allow_data, confine
from layerfix.isolation.program import environment
from layerfix.isolation.vet import stand_by
from layerfix.isolation.wire import receive, send

JOBS = "layerfix.jobs"
"""Who knows what a task asks for; named, not imported: whoever isolates work does not know it."""


def main() -> None:
    """Serves tasks from stdin on stdout. Whatever libraries print goes nowhere."""
    limits, parent = Limits(**json.loads(sys.argv[1])), int(sys.argv[2])
    _work(limits, parent, tasks=_private(sys.stdin.fileno(), "rb"), answers=_private(sys.stdout.fileno(), "wb"))


def forked(limits: Limits) -> Forked:
    """A worker made by a fork of this process, which has what was imported here and nothing else of it: no file, no variable, no signal."""
    parent = os.getpid()

    def work(tasks: BinaryIO, answers: BinaryIO) -> None:
        forget({tasks.fileno(), answers.fileno()})
        variables = environment({})
        os.environ.clear()
        os.environ.update(variables)
        _work(limits, parent, tasks, answers)

    return Forked(work, ())


def _work(limits: Limits, parent: int, tasks: BinaryIO, answers: BinaryIO) -> None:
    gc.disable()  # what is imported is never garbage: looking for some takes a tenth of the start
    import_module(JOBS).prepare()
    gc.freeze()
    gc.enable()
    if limits.may_write and sys.platform == "linux":  # elsewhere libraries do not promise to live on in a fork
        me = os.getpid()
        stand_by(Child(READING, process=Forked(lambda *streams: _serve(READING, me, *streams), [tasks, answers])))
    _serve(limits, parent, tasks, answers)


def _serve(limits: Limits, parent: int, tasks: BinaryIO, answers: BinaryIO) -> None:
    bind(parent, tasks.fileno())
    jobs = import_module(JOBS)
    confine(limits)
    while True:
        try:
            task = receive(tasks)
        except EOFError:
            return
        allow_cpu(limits, task["patience"])
        allow_data(limits, _size(task))
        send(answers, jobs.perform(task))


def _size(task: Mapping[str, Any]) -> int:
    try:
        return os.stat(task["path"]).st_size
    except (OSError, ValueError):
        return 0


def _private(number: int, mode: str) -> BinaryIO:
    """A stream on a copy of a descriptor, whose number then leads to the null device."""
    copy = os.dup(number)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, number)
    os.close(null)
    return cast(BinaryIO, open(copy, mode))

"""Many tasks over local children or a Dask cluster: lazily taken, a bounded number under way, answers as they come."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from layerfix.errors import UsageError
from layerfix.fleet.crew import Crew
from layerfix.fleet.remote import Cache
from layerfix.fleet.tasks import Answer, Task, hang_up, perform, tidy
from layerfix.isolation.limits import READING, Limits

if TYPE_CHECKING:
    from concurrent.futures import Future

    from layerfix.fleet.journal import Journal

Work = Callable[[Task], Answer]

WINDOW = 4
"""Tasks under way for each worker: enough that none idles, few enough that memory stays flat however many there are."""
FAREWELL = 1.5
"""Seconds that threads get to end when a run is stopped; a thread may wait for a remote file for longer than anybody wants to."""


def opened(journal: Path | None) -> AbstractContextManager[Journal | None]:
    """The journal in a file; where there is none, what it needs is not imported."""
    if journal is None:
        return nullcontext()
    from layerfix.fleet.journal import Journal

    return Journal(journal)


def run(
    tasks: Iterable[Task],
    *,
    jobs: int = 1,
    limits: Limits = READING,
    journal: Journal | None = None,
    scheduler: str | None = None,
) -> Generator[tuple[Task, Answer], None, None]:
    """Each task with its answer, in the order in which they are done. A bad file delays only itself.

    Where the iterator is closed, or a signal's exception passes through it, all children end and what they had begun is removed.

    Args:
        tasks: taken as workers become free, so it may be endless.
        jobs: local child processes; ignored with `scheduler`.
        limits: for each child.
        journal: answers found there are given without work, new ones are written there.
        scheduler: address of a Dask scheduler ("tcp://host:8786"); its workers must see the same files.

    Raises:
        UsageError: where Dask is asked for and not installed or not reachable.
    """
    if scheduler is not None:
        from layerfix.fleet.cluster import run_on_cluster

        yield from run_on_cluster(tasks, scheduler=scheduler, limits=limits, journal=journal)
        return
    if jobs < 1:
        raise UsageError(f"{jobs} jobs cannot do anything.", hint="Give -j 1 or more.")
    crew = None if jobs == 1 else Crew()
    with Cache() as cache:

        def work(task: Task) -> Answer:
            if journal is None:
                return perform(task, limits, cache, crew)
            return journal.answered(task, lambda begun: perform(begun, limits, cache, crew))

        yield from (_in_turn(tasks, work) if crew is None else _together(tasks, work, jobs, crew))


def _in_turn(tasks: Iterable[Task], work: Work) -> Iterator[tuple[Task, Answer]]:
    task = None
    try:
        for task in tasks:
            yield task, work(task)
            task = None
    finally:
        hang_up()
        if task is not None:
            tidy(task)


def _together(tasks: Iterable[Task], work: Work, jobs: int, crew: Crew) -> Iterator[tuple[Task, Answer]]:
    from concurrent.futures import ThreadPoolExecutor

    threads = ThreadPoolExecutor(jobs, thread_name_prefix="layerfix")
    try:
        yield from _bounded(tasks, lambda task: threads.submit(work, task), WINDOW * jobs, crew)
    finally:
        crew.stop()
        threads.shutdown(wait=False, cancel_futures=True)
        crew.close()


def _bounded(tasks: Iterable[Task], submit: Callable[[Task], Future[Answer]], window: int, crew: Crew) -> Iterator[tuple[Task, Answer]]:
    from concurrent.futures import FIRST_COMPLETED, wait

    waiting = iter(tasks)
    under_way = {submit(task): task for task in islice(waiting, window)}
    try:
        while under_way:
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                task = under_way.pop(future)
                yield task, future.result()
                under_way.update({submit(task): task for task in islice(waiting, 1)})
    finally:
        running = [future for future in under_way if not future.cancel()]
        crew.stop()
        wait(running, timeout=FAREWELL)
        for future in running:
            tidy(under_way[future])

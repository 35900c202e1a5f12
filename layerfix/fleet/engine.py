"""Many tasks over local children or a Dask cluster: lazily taken, a bounded number under way, answers as they come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from layerfix.errors import UsageError
from layerfix.fleet.remote import Cache
from layerfix.fleet.tasks import Answer, Task, hang_up, perform
from layerfix.isolation.limits import READING, Limits

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from layerfix.fleet.journal import Journal

Work = Callable[[Task], Answer]

WINDOW = 4
"""Tasks under way for each worker: enough that none idles, few enough that memory stays flat however many there are."""


def run(
    tasks: Iterable[Task],
    *,
    jobs: int = 1,
    limits: Limits = READING,
    journal: Journal | None = None,
    scheduler: str | None = None,
) -> Iterator[tuple[Task, Answer]]:
    """Each task with its answer, in the order in which they are done. A bad file delays only itself.

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
    with Cache() as cache:

        def work(task: Task) -> Answer:
            return journal.answered(task, lambda: perform(task, limits, cache)) if journal else perform(task, limits, cache)

        yield from (_in_turn(tasks, work) if jobs == 1 else _together(tasks, work, jobs))


def _in_turn(tasks: Iterable[Task], work: Work) -> Iterator[tuple[Task, Answer]]:
    try:
        for task in tasks:
            yield task, work(task)
    finally:
        hang_up()


def _together(tasks: Iterable[Task], work: Work, jobs: int) -> Iterator[tuple[Task, Answer]]:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(jobs, thread_name_prefix="layerfix") as threads:
        try:
            yield from _bounded(tasks, lambda task: threads.submit(work, task), WINDOW * jobs)
        finally:
            _close(threads)


def _bounded(tasks: Iterable[Task], submit: Callable[[Task], Future[Answer]], window: int) -> Iterator[tuple[Task, Answer]]:
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
        for future in under_way:
            future.cancel()


def _close(threads: ThreadPoolExecutor) -> None:
    """Ends the child of every thread: each takes one farewell, and waits until all have taken theirs."""
    started = len(threads._threads)
    everybody = threading.Barrier(max(1, started))

    def farewell() -> None:
        hang_up()
        everybody.wait(timeout=60)

    for future in [threads.submit(farewell) for _ in range(started)]:
        future.exception()

"""The same work over a Dask cluster. A task whose worker dies is done again by another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from layerfix.errors import UsageError
from layerfix.fleet.tasks import Answer, Task, perform
from layerfix.isolation.limits import Limits

if TYPE_CHECKING:
    from layerfix.fleet.journal import Journal

WINDOW = 8
"""Tasks under way for each thread of the cluster."""
PATIENCE = 30
"""Seconds to wait for a scheduler."""


def run_on_cluster(tasks: Iterable[Task], *, scheduler: str, limits: Limits, journal: Journal | None) -> Iterator[tuple[Task, Answer]]:
    """Each task with its answer, as they are done. See `layerfix.fleet.engine.run`."""
    from layerfix.fleet.journal import stamp

    with _connect(scheduler) as client:
        from distributed import as_completed

        threads = sum(client.nthreads().values()) or 1
        waiting = iter(tasks)
        under_way: dict[Any, tuple[Task, str | None]] = {}
        answers = as_completed(loop=client.loop)

        def submit() -> Iterator[tuple[Task, Answer]]:
            """Sends the next task that has no answer on record; gives those that have."""
            for task in waiting:
                mark = stamp(task) if journal else None
                known = journal.find(task, mark) if journal else None
                if known is None:
                    future = client.submit(
                        _perform, asdict(journal.begin(task) if journal else task), asdict(limits), pure=False, retries=2
                    )
                    under_way[future] = (task, mark)
                    answers.add(future)
                    return
                yield task, known

        for _ in range(WINDOW * threads):
            yield from submit()
        for future in answers:
            task, mark = under_way.pop(future)
            answer = _result(future, task)
            if journal:
                journal.record(task, mark, answer)
            yield task, answer
            yield from submit()


def _perform(task: dict[str, Any], limits: dict[str, Any]) -> Answer:
    """Runs on a worker."""
    return perform(Task(**task), Limits(**limits))


def _result(future: Any, task: Task) -> Answer:
    error = future.exception()
    if error is None:
        return dict(future.result())
    return {"state": "failed", "problem": f"{task.name}: could not be done: its workers died ({type(error).__name__})."}


def _connect(scheduler: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError("--scheduler needs Dask.", hint="Install layerfix[fleet].") from error
    try:
        return Client(scheduler, timeout=PATIENCE, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise UsageError(f"there is no Dask scheduler at {scheduler} ({error}).", hint="Check the address.") from error

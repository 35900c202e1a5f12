"""The seed searches over the fleet's engine: ranges of seeds are tasks like files, and a worker that dies loses nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from typing import Any

from layerfix.errors import RestoreError
from layerfix.fleet.engine import run
from layerfix.fleet.tasks import Task
from layerfix.isolation.limits import WRITING
from layerfix.rng.shards import Shard, spread


def searching(scheduler: str | None, *, jobs: int | None = None) -> AbstractContextManager[None]:
    """While it lasts, large seed searches are done by a Dask cluster, or by `jobs` child processes; by threads where neither is given.

    Raises:
        UsageError: at the first search, where there is no such scheduler.
        RestoreError: where a part of a search could not be done anywhere.
    """
    if scheduler is None and jobs is None:
        return nullcontext()

    def over_engine(shards: Iterable[Shard]) -> Iterator[Any]:
        tasks = (Task(f"{shard['search']} seeds {shard['start']} to {shard['stop'] - 1}", "search", {"shard": shard}) for shard in shards)
        with closing(run(tasks, jobs=jobs or 1, limits=WRITING, scheduler=scheduler)) as answers:
            for task, answer in answers:
                if answer["state"] != "ok":
                    raise RestoreError(
                        f"a part of the search could not be done: {answer['problem']}", where=task.name, hint="Search again."
                    )
                yield answer["found"]

    return spread(over_engine)

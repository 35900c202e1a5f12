"""The repair of a whole collection: every file gets exactly one outcome, and a killed run goes on where it stopped."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path, PurePosixPath

from layerfix.disk.paths import repaired_name
from layerfix.disk.publish import no_empty_folders
from layerfix.errors import UsageError, require_tensorflow
from layerfix.fleet.engine import opened, run
from layerfix.fleet.remote import url
from layerfix.fleet.sources import sources
from layerfix.fleet.tasks import Answer, Task
from layerfix.isolation.limits import WRITING
from layerfix.progress import Progress, silent
from layerfix.results.exits import worst
from layerfix.results.repair_many import RepairedCollection, RepairedFile


def repair_all(
    paths: Iterable[Path | str],
    folder: Path,
    *,
    wishes: Mapping[str, object] | None = None,
    jobs: int = 1,
    journal: Path | None = None,
    scheduler: str | None = None,
    force: bool = False,
    progress: Progress = silent,
) -> RepairedCollection:
    """Repairs every checkpoint in `paths` into `folder`, keeping the folders below their common root.

    Args:
        paths: files, folders, patterns, URLs, lists: see `layerfix.fleet.sources`.
        folder: where "NAME.repaired.h5" goes for each file that lost something.
        wishes: further arguments of `layerfix.repair`, ready for JSON.
        jobs, journal, scheduler: see `layerfix.fleet.engine.run`. A run that goes on from its journal
            replaces the outputs that the journal's runs made.
        force: replace outputs that exist.
        progress: told after each file.

    Raises:
        UsageError: where `folder` is a file.
        ReadError: where a named path does not exist.
    """
    if scheduler is None:
        require_tensorflow("A repair")
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file; several checkpoints need a folder.", where=str(folder), hint="Give -o another name.")
    meant = dict(sources(paths))
    targets = _targets(list(meant), folder)
    options = {"force": force, "wishes": dict(wishes or {})}
    tasks = (Task(name, "repair", {**options, "output": str(targets[name])}) for name in meant)
    files = []
    with (
        no_empty_folders(targets.values()),
        opened(journal) as record,
        closing(run(tasks, jobs=jobs, limits=WRITING, journal=record, scheduler=scheduler)) as answers,
    ):
        for done, (task, answer) in enumerate(answers, start=1):
            files.append(repaired_file(task.name, meant[task.name], answer))
            progress("Repairing", done, len(meant))
    files.sort(key=lambda file: file.path)
    return RepairedCollection(tuple(files), worst(file.exit_code for file in files if file.verdict != "skipped"))


def _targets(names: list[str], folder: Path) -> dict[str, Path]:
    """An output for each file; a number behind the name where two would be the same."""
    local = [os.path.abspath(name) for name in names if url(name) is None]
    root = os.path.commonpath([os.path.dirname(name) for name in local]) if local else ""
    found: dict[str, Path] = {}
    taken: set[Path] = set()
    for name in names:
        inside = Path(os.path.relpath(os.path.abspath(name), root)) if url(name) is None else Path(PurePosixPath(name).name)
        called = repaired_name(Path(name))
        target, number = folder / inside.with_name(called), 1
        while target in taken:
            number += 1
            target = target.with_name(called.replace(".repaired.", f"-{number}.repaired."))
        found[name] = target
        taken.add(target)
    return found


def repaired_file(name: str, named: bool, answer: Answer) -> RepairedFile:
    """A child's answer as the record of a file; `named` says that the user named the file itself, not a folder that it is in."""
    if answer["state"] == "ok":
        report = answer["report"]
        source, target = report["source"], report["target"]
        return RepairedFile(
            name,
            answer["output"],
            report["verdict"],
            report["summary"],
            int(report["exit_code"]),
            tuple(report["advice"]),
            source["extra"].get("keras_version"),
            (source["sha256"], target["sha256"]) if target and target["sha256"] else None,
        )
    if answer["state"] == "none" and not named:
        return RepairedFile(name, None, "skipped", str(answer["problem"]), 3)
    refused = answer["state"] == "refused"
    return RepairedFile(name, None, "refused" if refused else "failed", str(answer["problem"]), 4 if refused else 2)

"""Repairs of several checkpoints from one command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from layerfix.cli import console
from layerfix.report.escape import visible
from layerfix.report.jsons import dumps


def repair_several(
    paths: Sequence[Path], wishes: dict[str, Any], fleet: Mapping[str, Any], *, form: str, reports: Sequence[Path], quiet: bool
) -> int:
    """Repairs the checkpoints in `paths` into the folder of `-o`; prints a line or a JSON object for each."""
    from layerfix.commands.repair_many import repair_all

    folder = wishes.pop("output")
    unfit = [name for name in ("emit_layers", "dry_run") if wishes.pop(name)]
    wishes.pop("emit_for")
    if folder is None:
        raise click.UsageError("several checkpoints need a folder to write to; give -o FOLDER.")
    if unfit or reports or form not in ("text", "json"):
        raise click.UsageError(
            "--dry-run, --emit-layers, --report, --card and formats other than text and json are for a single checkpoint."
        )
    plain = {name: _plain(value) for name, value in wishes.items()}
    with console.progress(quiet=quiet) as progress:
        done = repair_all(paths, folder, wishes=plain, progress=progress, **fleet)
    if form == "json":
        console.deliver(dumps({"schema": "layerfix.fleet/1", "exit_code": done.exit_code, "files": done.files}) + "\n", None, force=False)
    else:
        lines = [f"{file.verdict:14} {visible(file.path)}: {visible(file.summary)}" for file in done.files]
        console.deliver("\n".join([*lines, f"{len(done.files)} files."]) + "\n", None, force=False)
    return done.exit_code


def _plain(value: object) -> Any:
    """An option as JSON, with paths made absolute: a child may run elsewhere."""
    if isinstance(value, Path):
        return str(value.absolute())
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value

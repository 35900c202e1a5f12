"""`layerfix audit`: what is lost, how sure, and why."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

import click

from layerfix.cli import console
from layerfix.cli.hush import hushed
from layerfix.cli.options import FILE, Output, document_options, journal_file, resume_option

FORMATS = ("text", "json", "jsonl", "csv", "sarif", "junit", "markdown", "html", "github")


@click.command("audit")
@click.argument("paths", type=FILE, nargs=-1, required=True)
@click.option("--layers", type=FILE, multiple=True, metavar="FILE.py", help="Your own layer classes; only then is TensorFlow imported.")
@click.option("--architecture", type=FILE, metavar="MODEL.json", help="The architecture of a weights-only file.")
@click.option(
    "--fail-on",
    type=click.Choice(["lost", "suspect", "never"]),
    default="suspect",
    show_default=True,
    help="Findings that make the exit code 1.",
)
@click.option("--baseline", type=FILE, metavar="FILE.json", help="Known findings and ignore rules: told, but not counted.")
@click.option("--write-baseline", type=FILE, metavar="FILE.json", help="Write the findings of this audit as a baseline.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Files looked at together.")
@resume_option("layerfix-audit.sqlite")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that does the work (needs layerfix[fleet]).")
@click.option("-v", "--verbose", is_flag=True, help="Tell every finding and its evidence also where there are several files.")
@click.option("--reproducible", is_flag=True, help="Leave out of the page when it was made: the same files give the same bytes.")
@document_options(FORMATS)
def command(
    paths: Sequence[Path],
    layers: Sequence[Path],
    architecture: Path | None,
    fail_on: Literal["lost", "suspect", "never"],
    baseline: Path | None,
    write_baseline: Path | None,
    jobs: int,
    journal: Path | None,
    scheduler: str | None,
    verbose: bool,
    reproducible: bool,
    output: Output,
) -> int:
    """What the checkpoints in PATHS (files, folders, patterns, URLs, @lists, - for stdin) have lost, how sure that is, and why.

    Reads names, shapes and configs in child processes with limits; never imports TensorFlow unless --layers is given.

    \b
    layerfix audit old.h5
    layerfix audit models/ --format html -o audit.html
    layerfix audit models/ --format sarif -o audit.sarif --fail-on lost --baseline accepted.json
    layerfix audit 's3://models/**/*.h5' -j 8 --format jsonl --resume audit.sqlite
    """
    if jobs == 1 and scheduler is None:
        from layerfix.fleet.tasks import hang_up, prepare

        click.get_current_context().call_on_close(hang_up)
        prepare()
    from layerfix.commands.audit_many import audit_all
    from layerfix.report.audit import baseline as known
    from layerfix.report.audit import pieces
    from layerfix.report.save import save

    journal = journal_file(journal, None)
    acceptance = known.read_baseline(baseline) if baseline else None
    with hushed() if layers else nullcontext(), console.progress(quiet=output.quiet) as progress:
        report = audit_all(
            paths,
            layers=layers,
            architecture=architecture,
            fail_on=fail_on,
            acceptance=acceptance,
            jobs=jobs,
            journal=journal,
            scheduler=scheduler,
            progress=progress,
        )
    if not reproducible:
        report = replace(report, created=datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"))
    if write_baseline is not None:
        save(known.baseline(report), write_baseline, force=output.force, inputs=paths)
        console.say(f"Baseline written to {write_baseline}", quiet=output.quiet)
    output.deliver(pieces(report, output.format, color=output.color, verbose=verbose), *paths, *layers, architecture, baseline, journal)
    return report.exit_code

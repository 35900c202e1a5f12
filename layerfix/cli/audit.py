"""`layerfix audit`: what is lost, how sure, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click

from layerfix.cli import console
from layerfix.cli.options import FILE, Output, document_options

FORMATS = ("text", "json", "jsonl", "csv", "sarif", "junit", "markdown", "html", "github")


@click.command("audit", short_help="What is lost, how sure, and why.")
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
@document_options(FORMATS)
def command(
    paths: Sequence[Path],
    layers: Sequence[Path],
    architecture: Path | None,
    fail_on: Literal["lost", "suspect", "never"],
    baseline: Path | None,
    write_baseline: Path | None,
    output: Output,
) -> int:
    """What the checkpoints in PATHS (files, folders, patterns) have lost, how sure that is, and why.

    Reads names, shapes and configs; never imports TensorFlow unless --layers is given.

    \b
    layerfix audit old.h5
    layerfix audit models/ --format html -o audit.html
    layerfix audit models/ --format sarif -o audit.sarif --fail-on lost --baseline accepted.json
    """
    from layerfix.collection import audit_all
    from layerfix.report.audit import baseline as known
    from layerfix.report.audit import render
    from layerfix.report.save import save

    acceptance = known.read_baseline(baseline) if baseline else None
    with console.progress(quiet=output.quiet) as progress:
        report = audit_all(paths, layers=layers, architecture=architecture, fail_on=fail_on, acceptance=acceptance, progress=progress)
    if write_baseline is not None:
        save(known.baseline(report), write_baseline, force=output.force)
        console.say(f"Baseline written to {write_baseline}", quiet=output.quiet)
    output.deliver(render(report, output.format, color=output.color))
    return report.exit_code

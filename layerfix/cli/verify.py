"""`layerfix verify`: is a written file what it should be."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from layerfix.cli import console
from layerfix.cli.hush import hushed
from layerfix.cli.options import FILE, Output, document_options


@click.command("verify")
@click.argument("paths", type=FILE, nargs=-1, required=True)
@click.option("--against", type=FILE, metavar="OLD.h5", help="The file it was repaired from: every tensor of OLD must be in it, unchanged.")
@click.option("--manifest", type=FILE, metavar="MANIFEST.json", help="What `layerfix manifest` recorded.")
@click.option("--samples", type=FILE, metavar="FILE.npz", help="Inputs x and recorded predictions p to predict again.")
@click.option("--layers", type=FILE, multiple=True, metavar="FILE.py", help="Your own layer classes, for --samples.")
@document_options(("text", "json"))
def command(
    paths: Sequence[Path], against: Path | None, manifest: Path | None, samples: Path | None, layers: Sequence[Path], output: Output
) -> int:
    """Check PATHS: nothing lost, and equal to what --against, --manifest or --samples say. Exit code 1 where one check fails."""
    from layerfix.commands.verify import verify
    from layerfix.report.checks import render

    with hushed(), console.progress(quiet=output.quiet) as progress:
        trial = verify(paths, against=against, manifest=manifest, samples=samples, layers=layers, progress=progress)
    output.deliver(render(trial, output.format, color=output.color), *paths, against, manifest, samples, *layers)
    return trial.exit_code

"""`layerfix lambdas`: what the Lambda layers of a checkpoint compute."""

from __future__ import annotations

from pathlib import Path

import click

from layerfix.cli import console
from layerfix.cli.options import FILE, quiet_options


@click.command("lambdas")
@click.argument("path", type=FILE)
@click.option("-o", "--output", type=FILE, metavar="FILE.py", help="Write the functions here, ready for --layers.")
@click.option("--architecture", type=FILE, metavar="MODEL.json", help="The architecture of a weights-only file.")
@click.option("--format", "wanted", type=click.Choice(("text", "json")), default="text", show_default=True, help="Format on stdout.")
@quiet_options
def command(path: Path, output: Path | None, architecture: Path | None, wanted: str, force: bool, quiet: bool, no_color: bool) -> int:
    """Show what each Lambda layer in PATH computes, as source to review. The bytecode is read; nothing is run or imported.

    \b
    layerfix lambdas old.h5
    layerfix lambdas old.h5 -o lambdas.py
    layerfix migrate old.h5 -o new.keras --layers lambdas.py
    """
    from layerfix.commands.lambdas import lambdas
    from layerfix.report.lambdas import render

    found = lambdas(path, architecture=architecture)
    if output is not None and found.document:
        console.deliver(found.document, output, force=force, inputs=[path])
        console.say(f"Functions written to {output}", quiet=quiet)
    if not quiet or output is None:
        console.deliver(render(found, wanted, color=console.colors(no_color=no_color)), None, force=force)
    return found.exit_code

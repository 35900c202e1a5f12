"""`layerfix salvage`: what is whole in a damaged file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from layerfix.cli import console
from layerfix.cli.options import FILE, chosen_format, quiet_options

FORMATS = ("text", "json", "markdown")


@click.command("salvage")
@click.argument("damaged", type=FILE)
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="NEW", help="The healthy file: .h5, .keras, or .npz, as the damaged one is."
)
@click.option(
    "--like",
    type=FILE,
    multiple=True,
    metavar="OLDER",
    help="A healthy file that the same script wrote before: it tells where nameless tensors belong. May be given several times.",
)
@click.option("--architecture", type=FILE, metavar="MODEL.json", help="The architecture, where the file lost it.")
@click.option("--format", "wanted", type=click.Choice(FORMATS), help="Format of the report on stdout.  [default: text]")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@quiet_options
def command(damaged: Path, output: Path, wanted: str | None, as_json: bool, force: bool, quiet: bool, no_color: bool, **given: Any) -> int:
    """Bring what is whole in a DAMAGED file into a new one, byte for byte, and name what is gone.

    A download that broke off, a save that was killed, bytes overwritten, line endings translated. Exit code 0 where everything is
    back, 1 where something is lost or in doubt.

    \b
    layerfix salvage cut.h5 -o salvaged.h5
    layerfix salvage cut.h5 -o salvaged.h5 --like older_epoch.h5
    """
    from layerfix.commands.salvage import salvage
    from layerfix.report.ink import fitted
    from layerfix.report.salvage import render

    chosen = chosen_format(None, wanted, as_json, FORMATS)
    with console.progress(quiet=quiet) as progress:
        result = salvage(damaged, output, force=force, progress=progress, **given)
    with fitted(console.columns()):
        document = render(result, chosen, color=console.colors(no_color=no_color))
    console.deliver(document, None, force=force)
    return result.exit_code

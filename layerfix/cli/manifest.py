"""`layerfix manifest`: hashes to compare with later."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from layerfix.cli import console
from layerfix.cli.options import FILE, Output, document_options
from layerfix.results import exits


@click.command("manifest", short_help="Hashes to compare with later.")
@click.argument("paths", type=FILE, nargs=-1, required=True)
@document_options(("json", "text"), what="the manifest")
def command(paths: Sequence[Path], output: Output) -> int:
    """Record the SHA-256 of every checkpoint in PATHS and of every tensor in it.

    HDF5 has no checksums: a flipped bit loads as another weight, and nobody notices. Check later with

    \b
    layerfix verify PATHS --manifest manifest.json
    """
    from layerfix.commands.manifest import manifest
    from layerfix.report.inventory import render

    with console.progress(quiet=output.quiet) as progress:
        inventory = manifest(paths, progress=progress)
    output.deliver(render(inventory, output.format), *paths)
    return exits.worst([exits.OK if entry.problem is None else entry.exit_code for entry in inventory.files])

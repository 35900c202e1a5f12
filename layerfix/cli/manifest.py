"""`layerfix manifest`: hashes to compare with later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from layerfix.cli import console
from layerfix.cli.options import FILE, Output, document_options
from layerfix.results import exits

if TYPE_CHECKING:
    from layerfix.results.signing import Statement


@click.command("manifest")
@click.argument("paths", type=FILE, nargs=-1, required=True)
@document_options(("json", "text", "oms"), what="the manifest")
def command(paths: Sequence[Path], output: Output) -> int:
    """Record the SHA-256 of every checkpoint in PATHS and of every tensor in it.

    HDF5 has no checksums: a flipped bit loads as another weight, and nobody notices. Check later with

    \b
    layerfix verify PATHS --manifest manifest.json

    \b
    The manifest of OpenSSF model signing, for one model, a folder or a file:
    layerfix manifest MODEL --format oms -o model.oms.json
    """
    from layerfix.commands.manifest import manifest
    from layerfix.report.inventory import as_statement, render

    if output.format == "oms":
        return _for_signing(paths, output, as_statement)
    with console.progress(quiet=output.quiet) as progress:
        inventory = manifest(paths, progress=progress)
    output.deliver(render(inventory, output.format), *paths)
    for entry in inventory.files:
        if entry.problem is not None:
            console.complain(entry.problem)
    return exits.worst([exits.OK if entry.problem is None else entry.exit_code for entry in inventory.files])


def _for_signing(paths: Sequence[Path], output: Output, as_statement: Callable[[Statement], str]) -> int:
    from layerfix.commands.signing import sign_manifest

    if len(paths) != 1:
        raise click.UsageError("--format oms is for one model: give its folder, or its file.")
    with console.progress(quiet=output.quiet) as progress:
        stated = sign_manifest(paths[0], progress=progress)
    output.deliver(as_statement(stated), *paths)
    return exits.OK

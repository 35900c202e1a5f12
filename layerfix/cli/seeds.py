"""`layerfix seeds`: the RNG provenance of every layer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from layerfix.cli import console
from layerfix.cli.hush import hushed
from layerfix.cli.options import FILE, Output, document_options
from layerfix.results import exits

FORMATS = ("text", "json")


@click.command("seeds")
@click.argument("checkpoint", type=FILE)
@click.option("--layers", type=FILE, multiple=True, metavar="FILE.py", help="Your own layer classes: what they hide tells the draw order.")
@click.option("--architecture", type=FILE, metavar="MODEL.json", help="The architecture of a weights-only file.")
@click.option("--numpy-seed", type=int, metavar="N", help="The numpy seed, if you remember it.")
@click.option("--graph-seed", type=int, metavar="N", help="TensorFlow's graph seed, if you remember it.")
@click.option("--exhaustive", is_flag=True, help="Search all 2^32 numpy seeds.")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler whose workers do the searches (needs layerfix[fleet]).")
@document_options(FORMATS)
def command(checkpoint: Path, output: Output, **wishes: Any) -> int:
    """Which random numbers every layer of CHECKPOINT started from.

    Seeds, draw order, the evidence for each, and draws that nothing visible explains: there something hidden was initialised.

    \b
    layerfix seeds old.h5
    layerfix seeds old.h5 --exhaustive --scheduler tcp://host:8786
    """
    from layerfix.commands.seeds import seeds
    from layerfix.report.provenance import render

    with hushed(), console.progress(quiet=output.quiet) as progress:
        provenance = seeds(checkpoint, progress=progress, **wishes)
    inputs = (checkpoint, wishes["architecture"], *wishes["layers"])
    output.deliver(render(provenance, output.format, color=output.color), *inputs)
    return exits.OK

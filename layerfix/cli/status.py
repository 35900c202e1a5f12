"""`layerfix status`: how far a journaled run has come."""

from __future__ import annotations

import json
from pathlib import Path

import click

from layerfix.cli.options import FILE, Output, document_options
from layerfix.results import exits


@click.command("status")
@click.argument("journal", type=FILE)
@document_options(("text", "json"))
def command(journal: Path, output: Output) -> int:
    """How many files of a JOURNAL are done, by the state they ended in.

    JOURNAL is the file of --resume, or the folder of outputs that it is in.
    """
    from layerfix.fleet.journal import status

    counts = status(journal)
    if output.format == "json":
        output.deliver(json.dumps({"journal": str(journal), "done": sum(counts.values()), "states": counts}, indent=2) + "\n")
    else:
        told = ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing"
        output.deliver(f"{sum(counts.values())} files done: {told}\n")
    return exits.OK

"""`layerfix layers`: the corrected classes at hand."""

from __future__ import annotations

import click

from layerfix.cli.options import Output, document_options
from layerfix.results import exits


@click.command("layers")
@document_options(("text", "json"))
def command(output: Output) -> int:
    """The corrected layer classes that ship with layerfix, and the legacy names that they answer to."""
    from layerfix.report.shelf import render, shelf

    output.deliver(render(shelf(), output.format))
    return exits.OK

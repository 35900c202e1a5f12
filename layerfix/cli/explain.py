"""`layerfix explain`: what a code means."""

from __future__ import annotations

import click

from layerfix.cli.options import Output, document_options
from layerfix.results import exits


@click.command("explain", short_help="What the code of a finding means.")
@click.argument("code", required=False)
@document_options(("text", "json", "markdown"))
def command(code: str | None, output: Output) -> int:
    """Cause, effect and remedy of a finding's CODE (LF101); without one, the list of all codes."""
    from layerfix.report.catalogue import explain

    output.deliver(explain(code, output.format))
    return exits.OK

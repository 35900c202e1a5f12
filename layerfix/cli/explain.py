"""`layerfix explain`: what a code means, or an error of Keras."""

from __future__ import annotations

import click

from layerfix.cli.options import Output, document_options
from layerfix.results import exits


@click.command("explain")
@click.argument("code", required=False, metavar="[CODE|MESSAGE]")
@document_options(("text", "json", "markdown"))
def command(code: str | None, output: Output) -> int:
    """Cause, effect and remedy of a finding's CODE (LF101); without one, the list of all codes.

    An error that an old or a new Keras gave when it loaded a file may stand in its place: the answer is the command to run.
    The word "errors" there lists those that are known.

    \b
    layerfix explain "Unrecognized keyword arguments: ['batch_shape']"
    """
    from layerfix.report.catalogue import explain

    output.deliver(explain(code, output.format))
    return exits.OK

"""`layerfix doctor`: what this installation can do."""

from __future__ import annotations

import click

from layerfix.cli.options import Output, document_options
from layerfix.results import exits


@click.command("doctor")
@document_options(("text", "json"))
def command(output: Output) -> int:
    """Versions, HDF5 safety, and what this installation can do. Exit code 1 where something needed is missing or known to be unsafe."""
    from layerfix.commands.doctor import examine
    from layerfix.report.health import render

    health = examine()
    output.deliver(render(health, output.format))
    return exits.OK if health.well else exits.FINDINGS

"""`layerfix diff`: two checkpoints, tensor by tensor."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from layerfix.cli import console
from layerfix.cli.options import FILE, Output, check_reports, document_options, report_format
from layerfix.results import exits

FORMATS = ("text", "json", "markdown", "html")


@click.command("diff")
@click.argument("a", type=FILE)
@click.argument("b", type=FILE)
@click.option("--exit-code", "tell_by_code", is_flag=True, help="Exit code 1 where the two differ, as git does.")
@click.option("--all", "everything", is_flag=True, help="List identical tensors too.")
@click.option("--report", "reports", type=FILE, multiple=True, metavar="FILE.{html,json,md}", help="Also write it here, by its suffix.")
@document_options(FORMATS)
def command(a: Path, b: Path, tell_by_code: bool, everything: bool, reports: Sequence[Path], output: Output) -> int:
    """What differs between the checkpoints A and B: tensors, config, optimizer state.

    \b
    layerfix diff old.h5 old.repaired.h5
    layerfix diff a.h5 b.h5 --exit-code --quiet
    """
    from layerfix.commands.diff import compared, diff
    from layerfix.report.diff import render
    from layerfix.report.save import save

    check_reports(reports, force=output.force, formats=FORMATS, inputs=[a, b])
    found = diff(a, b)
    drawn = "html" in (output.format, *(report_format(path, FORMATS) for path in reports))
    pictures = compared(found) if drawn else ()
    for path in reports:
        save(render(found, report_format(path, FORMATS), everything=everything, pictures=pictures), path, force=output.force, inputs=[a, b])
        console.say(f"Report written to {path}", quiet=output.quiet)
    output.deliver(render(found, output.format, everything=everything, color=output.color, pictures=pictures), a, b)
    return exits.FINDINGS if tell_by_code and not found.same else exits.OK

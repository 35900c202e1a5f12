"""`layerfix lint`: layer classes that lose weights, and the rewrite."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from layerfix.cli.options import FILE, Output, document_options
from layerfix.results import exits


@click.command("lint")
@click.argument("paths", type=FILE, nargs=-1, required=True)
@click.option("--fix", is_flag=True, help="Rewrite the files where that is safe.")
@document_options(("text", "json", "sarif", "github"))
def command(paths: Sequence[Path], fix: bool, output: Output) -> int:
    """Layer classes in PATHS (Python files, folders) whose weights a save would lose; with --fix, the rewrite.

    Reads the source, in a child process with limits, and never runs it. A file that cannot be checked is one finding, LFL000, and the exit
    code 2; the others are checked all the same.
    """
    from layerfix.commands.lint import UNREADABLE, lint
    from layerfix.report.lint import render

    found = lint(paths, fix=fix)
    output.deliver(render(found, output.format), *paths)
    if any(finding.code == UNREADABLE for finding in found):
        return exits.FAILED
    return exits.FINDINGS if found else exits.OK

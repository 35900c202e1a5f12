"""`layerfix migrate`: legacy checkpoints to today's Keras."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layerfix.cli import console
from layerfix.cli.options import (
    FILE,
    card_option,
    check_outputs,
    check_reports,
    chosen_format,
    journal_file,
    quiet_options,
    report_format,
    resume_option,
    save_card,
)
from layerfix.cli.settings import read_settings

if TYPE_CHECKING:
    from layerfix.results.migrate import Migration

FORMATS = ("text", "json", "markdown", "html", "intoto", "cyclonedx")


class Shape(click.ParamType[tuple[int, ...]]):
    """Whole numbers between commas."""

    name = "shape"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, tuple):
            return value
        parts = str(value).strip("()").split(",")
        if not all(part.strip().isdigit() for part in parts if part.strip()):
            self.fail(f"{value!r} is no shape; write it as 32,32,3.", param, ctx)
        return tuple(int(part) for part in parts if part.strip())


@click.command("migrate")
@click.argument("paths", type=FILE, nargs=-1, required=True)
@click.option(
    "-o", "--output", type=FILE, required=True, metavar="NEW", help="A .keras, .weights.h5 or .safetensors file; a folder for several."
)
@click.option(
    "--layers", type=FILE, multiple=True, metavar="FILE.py", help="Your own layer classes and functions; the only code that is ever run."
)
@click.option("--architecture", type=FILE, metavar="MODEL.json", help="The architecture of a weights-only file, JSON or YAML.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="LAYER.ARG=VALUE",
    help="A constructor argument that the file lost (LAYER: name, class or *).",
)
@click.option("--samples", type=FILE, metavar="FILE.npz", help="Inputs x and recorded predictions p to compare with.")
@click.option("--emit-layers", type=FILE, metavar="FILE.py", help="Write the custom classes that the file needs as standalone source.")
@click.option("--for", "older", metavar="TARGET", help="An older Keras: tf2.4 to tf2.15, keras2.2.4, keras2.3.1, keras3.0 to 3.14, tfjs.")
@click.option("--prove-with", type=FILE, metavar="PYTHON", help="A Python with that Keras: it loads the written file and predicts.")
@click.option("--model", metavar="FILE.py:NAME", help="The function or class that builds the model, for a file with weights alone.")
@click.option(
    "--input-shape", "input_shape", type=Shape(), multiple=True, metavar="32,32,3", help="Shape of an input of --model, without the batch."
)
@click.option("--partial", is_flag=True, help="With --model: leave out layers that have no counterpart, and list them.")
@click.option(
    "--read-lambdas/--no-read-lambdas",
    default=True,
    show_default=True,
    help="Turn Lambda layers whose bytecode is known arithmetic into operations; it is read, never run.",
)
@click.option("--repair", is_flag=True, help="Bring back what saves lost as well: one command and one report for a mixed folder.")
@click.option(
    "--report", "reports", type=FILE, multiple=True, metavar="FILE.{html,json,md}", help="Also write the report here, by its suffix."
)
@card_option
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Files migrated together.")
@resume_option("layerfix.sqlite in the folder of -o")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that does the work (needs layerfix[fleet]).")
@click.option("--format", "wanted", type=click.Choice(FORMATS), help="Format of the report on stdout.  [default: text]")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@quiet_options
def command(
    paths: Sequence[Path],
    output: Path,
    reports: Sequence[Path],
    card: Path | None,
    wanted: str | None,
    as_json: bool,
    quiet: bool,
    no_color: bool,
    **wishes: Any,
) -> int:
    """Bring the legacy checkpoints in PATHS to today's Keras, or any to an older one: weights re-laid, predictions proven.

    \b
    layerfix migrate old.h5 -o new.keras
    layerfix migrate saved_model/ -o new.keras
    layerfix migrate cp.ckpt --architecture model.json -o new.keras
    layerfix migrate models/ -o migrated/ --repair --report migration.html
    layerfix migrate models/ -o migrated/ -j 2 --resume
    layerfix migrate new.keras -o old.h5 --for tf2.15 --prove-with old-env/bin/python
    """
    from layerfix.commands.migrate_many import SUFFIXES, migrate_all
    from layerfix.report.ink import fitted
    from layerfix.report.migration import render
    from layerfix.report.save import save

    chosen = chosen_format(None, wanted, as_json, FORMATS)
    wishes["arguments"] = read_settings(wishes.pop("settings"))
    wishes["journal"] = journal_file(wishes["journal"], output.parent if output.suffix in SUFFIXES else output)
    inputs, force = _inputs(paths, wishes), wishes["force"]
    check_reports(reports, force=force, formats=FORMATS, inputs=inputs)
    check_outputs([output, wishes["emit_layers"], wishes["journal"], *reports], card, force=force, inputs=inputs)
    with console.progress(quiet=quiet) as progress:
        migration = migrate_all(paths, output, progress=progress, **wishes)
    try:
        for path in reports:
            save(render(migration, report_format(path, FORMATS)), path, force=force, inputs=inputs)
            console.say(f"Report written to {path}", quiet=quiet)
        if card is not None:
            _write_card(migration, card, wishes["layers"], quiet=quiet)
    finally:  # what became of the files is told, whatever became of what goes beside them
        with fitted(console.columns()):
            document = render(migration, chosen, color=console.colors(no_color=no_color))
        console.deliver(document, None, force=False)
    return migration.exit_code


def _write_card(migration: Migration, card: Path, layers: Sequence[Path], *, quiet: bool) -> None:
    if not any(file.written for file in migration.files):
        console.say(f"No card written to {card}: there is no migrated file to tell of.", quiet=quiet)
        return
    from layerfix.report.card import of_migration

    save_card(of_migration(migration, layers), card, quiet=quiet)


def _inputs(paths: Sequence[Path], wishes: Mapping[str, Any]) -> list[Path]:
    return [*paths, *wishes["layers"], *filter(None, (wishes["architecture"], wishes["samples"], wishes["journal"]))]

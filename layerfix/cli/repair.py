"""`layerfix repair`: the main job."""

from __future__ import annotations

from collections.abc import Sequence
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from layerfix.cli import console
from layerfix.cli.groups import Grouped
from layerfix.cli.hush import hushed
from layerfix.cli.options import (
    FILE,
    FORMATS,
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
from layerfix.cli.settings import read_settings, read_strategies

if TYPE_CHECKING:
    from layerfix.report.evidence import Evidence
    from layerfix.results.repaired import RepairResult


def _is_int64(context: click.Context, parameter: click.Parameter, value: int | None) -> int | None:
    if value is not None and not -(2**63) <= value < 2**63:
        raise click.BadParameter(f"{value} is no 64-bit integer.", context, parameter)
    return value


_GROUPS = {
    "What layerfix is given": ("layers", "architecture", "settings", "donors", "samples"),
    "How weights come back": ("strategies", "assume", "init", "seed"),
    "Where to search": ("numpy_seed", "graph_seed", "exhaustive", "time_budget"),
    "What is written": ("output", "reports", "card", "emit_layers", "emit_for", "dry_run", "force"),
    "Many files": ("jobs", "journal", "scheduler"),
}


@click.command("repair", cls=Grouped, groups=_GROUPS)
@click.argument("checkpoints", type=FILE, nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=FILE,
    metavar="NEW.{h5,keras}",
    help="The repaired file (weights alone: .weights.h5, .safetensors); a folder for several.  [default: CHECKPOINT.repaired.h5 beside it]",
)
@click.option(
    "--layers",
    type=FILE,
    multiple=True,
    metavar="FILE.py",
    help="Your own layer classes, legacy or modern; the only code that is ever run.",
)
@click.option("--architecture", type=FILE, metavar="MODEL.json", help="The architecture of a weights-only file.")
@click.option(
    "--set", "settings", multiple=True, metavar="LAYER.ARG=VALUE", help="A lost constructor argument. LAYER: a name, a class, or *."
)
@click.option("--donor", "donors", type=FILE, multiple=True, metavar="PATH", help="Where weights may be transplanted from.")
@click.option("--samples", type=FILE, metavar="FILE.npz", help="x (or x0, x1, ...), optionally y (labels) and p (recorded predictions).")
@click.option(
    "--strategy",
    "strategies",
    multiple=True,
    metavar="[LAYER=]NAME",
    help="auto, recover, transplant, fit or reinitialize; for all, or for one layer.",
)
@click.option("--numpy-seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="The numpy seed, if you remember it.")
@click.option("--graph-seed", type=int, callback=_is_int64, metavar="N", help="TensorFlow's graph seed, if you remember it.")
@click.option("--exhaustive", is_flag=True, help="Search all 2^32 numpy seeds.")
@click.option(
    "--time-budget",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="End searches then, and write what they found; by default after 240 CPU seconds, with --exhaustive never. Ctrl-C does the same.",
)
@click.option(
    "--init", type=click.Choice(["zeros", "initializer"]), default="initializer", show_default=True, help="What reinitialize puts in."
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="N", help="The seed of reinitialize and fit.")
@click.option(
    "--assume",
    type=click.Choice(["one-session"]),
    multiple=True,
    help="Vouch for what no file shows: the model was built and trained in one run of the script, with the class as given.",
)
@click.option(
    "--report", "reports", type=FILE, multiple=True, metavar="FILE.{html,json,md,csv}", help="Also write the report here, by its suffix."
)
@card_option
@click.option("--dry-run", is_flag=True, help="Plan and report; write nothing.")
@click.option("--emit-layers", type=FILE, metavar="FILE.py", help="Write the corrected layer class as standalone source.")
@click.option(
    "--for",
    "emit_for",
    type=click.Choice(["keras3", "keras2"]),
    default="keras3",
    show_default=True,
    help="The Keras that --emit-layers writes for.",
)
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Files repaired together.")
@resume_option("layerfix.sqlite in the folder of -o")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler that does the work (needs layerfix[fleet]).")
@click.option("--format", "wanted", type=click.Choice(FORMATS), help="Format of the report on stdout.  [default: text]")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@quiet_options
def command(
    checkpoints: Sequence[Path],
    settings: Sequence[str],
    strategies: Sequence[str],
    reports: Sequence[Path],
    card: Path | None,
    wanted: str | None,
    as_json: bool,
    quiet: bool,
    no_color: bool,
    force: bool,
    jobs: int,
    journal: Path | None,
    scheduler: str | None,
    **wishes: Any,
) -> int:
    """Bring the weights that a legacy save lost back into CHECKPOINTS, and write a new file for each.

    The checkpoints themselves are never changed. The first sentence of the report is the verdict; exit code 0 means that every
    weight is back and something that behaved under it confirms it (where you gave the class, recorded predictions), or that you
    took it on (--assume, --donor, --strategy fit); 1 that something is unconfirmed, reinitialized or still missing.

    \b
    layerfix repair old.h5
    layerfix repair old.h5 --samples xy.npz --report report.html
    layerfix repair old.h5 --donor healthy.h5 --set 'Denoising_layer.filter_type=mean'
    layerfix repair models/ -o repaired/ -j 2 --resume
    """
    chosen = chosen_format(None, wanted, as_json, FORMATS)
    strategy, layer_strategies = read_strategies(strategies)
    arguments = read_settings(settings)
    inputs = [*checkpoints, *wishes["layers"], *wishes["donors"], *filter(None, (wishes["architecture"], wishes["samples"]))]
    check_reports(reports, force=force, inputs=inputs)
    check_outputs([wishes["output"], wishes["emit_layers"], *reports], card, force=force, inputs=inputs)
    if len(checkpoints) > 1 or journal or scheduler or _means_several(checkpoints[0], wishes["output"]):
        from layerfix.cli.fleet import repair_several

        chosen_ones = {"arguments": arguments, "strategy": strategy, "layer_strategies": layer_strategies, **wishes}
        fleet = {"jobs": jobs, "journal": journal_file(journal, wishes["output"]), "scheduler": scheduler, "force": force}
        return repair_several(checkpoints, chosen_ones, fleet, form=chosen, reports=[*reports, *filter(None, [card])], quiet=quiet)
    from layerfix.commands.pictures import evidence
    from layerfix.commands.repair import repair
    from layerfix.report.phrases import emitted

    with hushed(), console.progress(quiet=quiet) as progress:
        result = repair(
            checkpoints[0],
            arguments=arguments,
            strategy=strategy,
            layer_strategies=layer_strategies,
            force=force,
            progress=progress,
            **wishes,
        )
    if result.emitted is not None:
        console.say(f"Layer classes {emitted(result.emitted)}.", quiet=quiet)
    pictures = None
    try:
        if "html" in (chosen, *map(report_format, reports)):
            pictures = evidence(result)
        _write_reports(result, reports, pictures, force=force, quiet=quiet)
        if card is not None:
            _write_card(result, card, wishes["layers"], quiet=quiet)
    finally:  # the verdict is told, whatever became of what goes beside it
        _tell(result, chosen, pictures, no_color=no_color)
    return result.report.exit_code


def _means_several(checkpoint: Path, output: Path | None) -> bool:
    """Whether a name stands for files that are repaired into a folder: a folder, a pattern, an address.

    Raises:
        click.UsageError: for an address without a folder: nothing is written beside a file that is elsewhere.
    """
    from layerfix.fleet.sources import is_local

    if is_local(str(checkpoint)):
        return checkpoint.is_dir() or has_magic(str(checkpoint))
    if output is None or output.suffix:
        raise click.UsageError(
            "a file that is elsewhere is repaired into a folder: give -o FOLDER, or take `layerfix migrate ADDRESS -o NEW.keras --repair`."
        )
    return True


def _write_reports(result: RepairResult, reports: Sequence[Path], pictures: Evidence | None, *, force: bool, quiet: bool) -> None:
    from layerfix.report import render
    from layerfix.report.save import save

    for path in reports:
        save(render(result.report, report_format(path), evidence=pictures), path, force=force)
        console.say(f"Report written to {path}", quiet=quiet)


def _write_card(result: RepairResult, card: Path, layers: Sequence[Path], *, quiet: bool) -> None:
    if result.report.target is None:
        console.say(f"No card written to {card}: there is no repaired file to tell of.", quiet=quiet)
        return
    from layerfix.report.card import Classes, of_repair

    save_card(of_repair(result.report, Classes(layers, result.emitted)), card, quiet=quiet)


def _tell(result: RepairResult, chosen: str, pictures: Evidence | None, *, no_color: bool) -> None:
    from layerfix.report import render
    from layerfix.report.ink import fitted

    with fitted(console.columns()):
        document = render(result.report, chosen, evidence=pictures, color=console.colors(no_color=no_color))
    console.deliver(document, None, force=False)

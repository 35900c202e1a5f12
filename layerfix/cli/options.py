"""Options that mean the same in every command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from layerfix.cli import console
from layerfix.errors import WriteError
from layerfix.report import SUFFIXES

Function = TypeVar("Function", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)
"""A path that the library checks itself: its sentences say more than click's."""

_USUAL = Path("@usual")
"""Stands for `--resume` without a file."""


def resume_option(where: str) -> Callable[[Function], Function]:
    """`--resume [FILE.sqlite]`, as `journal`."""
    told = f"Journal of the run: what it holds is not done again.  [without FILE: {where}]"
    return click.option("--resume", "journal", type=FILE, is_flag=False, flag_value=_USUAL, metavar="[FILE.sqlite]", help=told)


def journal_file(journal: Path | None, folder: Path | None) -> Path | None:
    """The journal meant: the file named, the usual one of a folder of outputs, or that of audits in this folder."""
    if journal != _USUAL:
        return journal
    from layerfix.fleet.journal import AUDITS, USUAL

    return Path(AUDITS) if folder is None else folder / USUAL


@dataclass(frozen=True, slots=True)
class Output:
    """Where and how a command's document goes."""

    path: Path | None
    format: str
    force: bool
    quiet: bool
    color: bool

    def deliver(self, document: str | Iterable[str], *inputs: Path | None) -> None:
        """Writes it to `-o`, which is none of the files that were read, or to stdout."""
        console.deliver(document, self.path, force=self.force, inputs=[path for path in inputs if path is not None])


def document_options(formats: Sequence[str], what: str = "the result") -> Callable[[Function], Function]:
    """`-o --format --json --force --quiet --no-color` for a command whose product is a document; its function receives `output: Output`."""

    def decorate(function: Function) -> Function:
        function = _gather(formats)(function)
        for option in reversed(_options(formats, f"Write {what} here instead of to stdout; the suffix chooses the format.")):
            function = option(function)
        return function

    return decorate


def quiet_options(function: Function) -> Function:
    """`--force --quiet --no-color` for commands that handle `-o` themselves."""
    for option in reversed(_manners()):
        function = option(function)
    return function


def chosen_format(path: Path | None, wanted: str | None, json: bool, formats: Sequence[str]) -> str:
    """What `--json`, `--format`, or the output's suffix ask for; otherwise the first of `formats`.

    Raises:
        click.UsageError: where `--json` and another `--format` are both given, or the suffix asks for a format that there is not.
    """
    if json and wanted not in (None, "json"):
        raise click.UsageError(f"--json and --format {wanted} ask for two formats; give one of them.")
    if json or wanted:
        return "json" if json else str(wanted)
    return _by_suffix(path, formats)


def _by_suffix(path: Path | None, formats: Sequence[str]) -> str:
    """The format that an output's suffix asks for; the first of `formats` where there is no output, or it has none."""
    if path is None or not path.suffix:
        return formats[0]
    found = SUFFIXES.get(path.suffix.lower())
    if found not in formats:
        endings = ", ".join(sorted(suffix for suffix, name in SUFFIXES.items() if name in formats))
        raise click.UsageError(f"{path} ends in none of {endings}; give another name, or --format.")
    return str(found)


def _gather(formats: Sequence[str]) -> Callable[[Function], Function]:
    """Turns the separate options into one `output` argument."""
    import functools

    def decorate(function: Function) -> Function:
        @functools.wraps(function)
        def wrapped(*args: Any, output: Path | None, force: bool, quiet: bool, no_color: bool, **rest: Any) -> Any:
            from layerfix.disk.publish import refuse_output
            from layerfix.report.ink import fitted

            chosen = chosen_format(output, rest.pop("format"), rest.pop("json"), formats)
            if output is not None:
                refuse_output(output, force=force)
            color = output is None and console.colors(no_color=no_color)
            with fitted(console.columns() if output is None else None):
                return function(*args, output=Output(output, chosen, force, quiet, color), **rest)

        return wrapped  # type: ignore[return-value]

    return decorate


def _options(formats: Sequence[str], output_help: str) -> list[Callable[[Function], Function]]:
    return [
        click.option("-o", "--output", type=FILE, metavar="FILE", help=output_help),
        click.option("--format", type=click.Choice(list(formats)), help=f"Format of the result.  [default: {formats[0]}]"),
        click.option("--json", is_flag=True, help="The same as --format json."),
        *_manners(),
    ]


def _manners() -> list[Callable[[Function], Function]]:
    return [
        click.option("--force", is_flag=True, help="Replace outputs that exist."),
        click.option("-q", "--quiet", is_flag=True, help="No progress and no news on stderr; errors are still told."),
        click.option(
            "--no-color", is_flag=True, help="Plain text; also the NO_COLOR environment variable, and whenever stdout is no terminal."
        ),
    ]


def card_option(function: Function) -> Function:
    """`--card README.md`, as `card`."""
    told = (
        "Also write a card for the model's repository here: verdict, proof, hashes, how to load it. "
        "A README that exists gets it as a section with --force; the rest of it stays."
    )
    return click.option("--card", type=FILE, metavar="README.md", help=told)(function)


def check_outputs(outputs: Sequence[Path | None], card: Path | None, *, force: bool, inputs: Sequence[Path] = ()) -> None:
    """Refuses a card that could not be written, and one file for two outputs, before any work is done.

    Raises:
        WriteError: where the card exists and `force` is False, or is an input, or two outputs are one file.
    """
    from layerfix.disk.publish import refuse_output, refuse_twice

    refuse_twice([*outputs, card])
    if card is not None and card.is_file() and not force:
        raise WriteError("exists already.", where=str(card), hint="Add --force to have the card put into it as a section; the rest stays.")
    if card is not None:
        refuse_output(card, force=force, inputs=inputs)


def save_card(card: str, path: Path, *, quiet: bool) -> None:
    """Writes a card, as a section of the README where there is one. That it may be touched was asked before."""
    from layerfix.report.card import within
    from layerfix.report.save import save

    if path.exists():
        readme = path.read_bytes().decode("utf-8", "surrogateescape")
        save(within(readme, card).encode("utf-8", "surrogateescape"), path, force=True)
    else:
        save(card, path, force=False)
    console.say(f"Card written to {path}", quiet=quiet)


FORMATS = ("text", "json", "markdown", "csv", "html", "intoto", "cyclonedx")


def check_reports(reports: Sequence[Path], *, force: bool, formats: Sequence[str] = FORMATS, inputs: Sequence[Path] = ()) -> None:
    """Refuses report files that could not be written, before any work is done.

    Raises:
        click.BadParameter: where a suffix has no format, or the file exists and `force` is False.
        WriteError: where it is an input.
    """
    from layerfix.disk.publish import refuse_output

    for path in reports:
        report_format(path, formats)
        if path.exists() and not force:
            raise click.BadParameter(f"{path} exists already; choose another name, or give --force to replace it.", param_hint="--report")
        refuse_output(path, force=force, inputs=inputs)


def report_format(path: Path, formats: Sequence[str] = FORMATS) -> str:
    """The format of a `--report` file.

    Raises:
        click.BadParameter: where its suffix has none.
    """
    found = next((name for suffix, name in SUFFIXES.items() if path.name.lower().endswith(suffix)), None)
    if found not in formats:
        endings = ", ".join(sorted(suffix for suffix, name in SUFFIXES.items() if name in formats))
        raise click.BadParameter(f"{path} ends in none of {endings}.", param_hint="--report")
    return str(found)

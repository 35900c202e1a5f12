"""The command reference (docs/commands.md), made from the commands themselves: `python -m layerfix.cli.reference > docs/commands.md`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from enum import Enum

import click

from layerfix.cli.app import COMMANDS, layerfix
from layerfix.report.tables import table

HEAD = """# Commands

Made from the commands' own help by `python -m layerfix.cli.reference`; a test keeps it true.

"""


def reference() -> str:
    """The whole reference as Markdown. It depends on our own declarations alone, not on how a release of click lays out its help."""
    context = click.Context(layerfix, info_name="layerfix")
    sections = [_section(name, layerfix.get_command(context, name)) for name in COMMANDS]
    return HEAD + "\n".join([*_intro(), *sections])


def _intro() -> Iterator[str]:
    yield from _paragraphs(layerfix.callback.__doc__ or "")
    links = [(f"[`{name}`](#layerfix-{name})", summary) for name, summary in COMMANDS.items()]
    yield from table(("command", "what it does"), links)


def _section(name: str, command: click.Command | None) -> str:
    assert command is not None
    arguments = [param for param in command.params if isinstance(param, click.Argument)]
    usage = " ".join(["layerfix", name, "[OPTIONS]", *(_argument(argument) for argument in arguments)])
    options = [param for param in command.params if isinstance(param, click.Option)]
    rows = [(_flags(option), _help(option)) for option in options]
    return "\n".join([f"## layerfix {name}", "", f"`{usage}`", "", *_paragraphs(command.help or ""), *table(("option", "meaning"), rows)])


def _argument(argument: click.Argument) -> str:
    shown = (argument.name or "").upper() + ("..." if argument.nargs == -1 else "")
    return shown if argument.required else f"[{shown}]"


def _flags(option: click.Option) -> str:
    value = "" if option.is_flag else f" {_metavar(option)}"
    more = " (repeatable)" if option.multiple else ""
    return f"`{', '.join(option.opts)}{value}`{more}".replace("|", "\\|")


def _metavar(option: click.Option) -> str:
    if option.metavar:
        return option.metavar
    if isinstance(option.type, click.Choice):
        return "|".join(str(choice) for choice in option.type.choices)
    return option.type.name.upper()


def _help(option: click.Option) -> str:
    text = (option.help or "").replace("  [default: ", " [default: ").replace("*", "\\*").replace("|", "\\|")
    shown = option.show_default is True and isinstance(option.default, (str, int)) and not isinstance(option.default, (bool, Enum))
    return f"{text} [default: {option.default}]" if shown else text


def _paragraphs(text: str) -> Iterator[str]:
    """A help text as Markdown; click's `\\b` paragraphs become code blocks."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        lines = paragraph.split("\n")
        if lines[0].strip() == "\b":
            yield from ("```", *lines[1:], "```", "")
        else:
            yield from (" ".join(line.strip() for line in lines), "")


if __name__ == "__main__":
    sys.stdout.write(reference())

"""Help that shows a command's many options in groups, each under its title."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click


class Grouped(click.Command):
    """A command whose options are shown under titles; those of no group come last, under "Output and the rest"."""

    def __init__(self, *args: Any, groups: Mapping[str, Sequence[str]], **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.groups = groups

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes each group with its title."""
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        shown = {option.name: option.get_help_record(ctx) for option in options}
        records = {name: record for name, record in shown.items() if record is not None}
        for title, names in self.groups.items():
            with formatter.section(title):
                formatter.write_dl([records.pop(name) for name in names if name in records])
        if records:
            with formatter.section("Output and the rest"):
                formatter.write_dl(list(records.values()))

"""Options of `repair` that hold more than a value: `--set LAYER.ARG=VALUE` and `--strategy [LAYER=]NAME`."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, cast, get_args

import click

from layerfix.options import StrategyChoice

STRATEGIES: tuple[str, ...] = get_args(StrategyChoice)


def read_settings(settings: Sequence[str]) -> dict[str, dict[str, Any]]:
    """`["Denoising_layer.filter_type=mean"]` as `{"Denoising_layer": {"filter_type": "mean"}}`.

    A value is JSON or a Python literal where it parses as one, and a string otherwise.

    Raises:
        click.BadParameter: where a setting has another form.
    """
    arguments: dict[str, dict[str, Any]] = {}
    for setting in settings:
        place, equals, value = setting.partition("=")
        layer, dot, name = place.rpartition(".")
        if not (equals and dot and layer and name.isidentifier()):
            raise click.BadParameter(
                f"{setting!r} is not LAYER.ARG=VALUE, for instance 'Denoising_layer.filter_type=mean'.", param_hint="--set"
            )
        arguments.setdefault(layer, {})[name] = _value(value)
    return arguments


def read_strategies(strategies: Sequence[str]) -> tuple[StrategyChoice, dict[str, StrategyChoice]]:
    """`NAME` and `LAYER=NAME` as (the strategy for all, {LAYER: its strategy}).

    Raises:
        click.BadParameter: where a strategy is unknown, or two are given for all layers.
    """
    general: set[StrategyChoice] = set()
    particular: dict[str, StrategyChoice] = {}
    for strategy in strategies:
        layer, equals, name = strategy.rpartition("=")
        if name not in STRATEGIES:
            raise click.BadParameter(f"{name!r} is no strategy; choose one of {', '.join(STRATEGIES)}.", param_hint="--strategy")
        if equals:
            particular[layer] = cast(StrategyChoice, name)
        else:
            general.add(cast(StrategyChoice, name))
    if len(general) > 1:
        both = " and ".join(sorted(general))
        raise click.BadParameter(f"{both} are both given for all layers; use LAYER=NAME for some.", param_hint="--strategy")
    return (general.pop() if general else "auto"), particular


def _value(text: str) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(text)
    with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
        return ast.literal_eval(text)
    return text

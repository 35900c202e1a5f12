"""Which constructor arguments the graph can have had: hypotheses that build, grouped by the weights and draws that they imply."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import Blueprint
from layerfix.checkpoint.records import Checkpoint
from layerfix.errors import GraphError
from layerfix.options import Options
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.graph import LostArgument, Rebuilt

Arguments = Mapping[str, Mapping[str, Any]]
ALTERNATIVES = 24
"""Hypotheses built at most."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """A set of arguments under which the graph builds and fits what the file stores.

    Attributes:
        chosen: lost arguments that differ from their default: {(layer, argument): value}.
        rebuilt: the graph under them.
    """

    chosen: Mapping[tuple[str, str], Any]
    rebuilt: Rebuilt

    @property
    def signature(self) -> str:
        """Equal for hypotheses that lose the same weights and draw the same numbers."""
        return signature(self.rebuilt.blueprint)


def signature(blueprint: Blueprint) -> str:
    """The hidden weights and the draws of a blueprint in one comparable string."""
    hidden = [(spec.owner, spec.role, spec.shape, json.dumps(spec.initializer, sort_keys=True, default=str)) for spec in blueprint.hidden]
    draws = [(draw.layer, draw.kind, draw.count, draw.weight is not None) for draw in blueprint.draws]
    return repr((hidden, draws))


def hypotheses(
    source: Checkpoint, options: Options, given: Arguments, lost: Sequence[LostArgument], progress: Progress
) -> tuple[Hypothesis, ...]:
    """Every hypothesis that builds: the defaults first, then one argument changed for all layers of its class at a time.

    Raises:
        GraphError: where none builds; it is the error of the defaults.
    """
    from layerfix.graph import rebuild

    found: list[Hypothesis] = []
    first_error: GraphError | None = None
    variants = list(_variants(lost))[:ALTERNATIVES]
    for done, chosen in enumerate(variants):
        progress("building the graph", done, len(variants))
        try:
            found.append(Hypothesis(chosen, rebuild(source, layers=options.layers, arguments=_merged(given, chosen))))
        except GraphError as error:
            first_error = first_error or error
    if not found:
        assert first_error is not None
        raise first_error
    return tuple(found)


def _variants(lost: Sequence[LostArgument]) -> Iterator[dict[tuple[str, str], Any]]:
    yield {}
    by_class: dict[tuple[str, str], list[LostArgument]] = {}
    for argument in lost:
        by_class.setdefault((argument.class_name, argument.name), []).append(argument)
    for group in by_class.values():
        for value in group[0].candidates:
            if value != group[0].default:
                yield {(argument.layer, argument.name): value for argument in group}


def _merged(given: Arguments, chosen: Mapping[tuple[str, str], Any]) -> dict[str, dict[str, Any]]:
    merged = {layer: dict(arguments) for layer, arguments in given.items()}
    for (layer, name), value in chosen.items():
        merged.setdefault(layer, {})[name] = value
    return merged

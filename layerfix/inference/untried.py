"""Lost arguments that nothing decides and no hypothesis has varied: with another value, would a lost weight have been another one?

`RandomNormal(stddev=self.scale)` with a lost `scale` takes the same op seed whatever it was, and gives another kernel. So before a weight
is called exact, such arguments are varied, with values that need not be likely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from layerfix.errors import GraphError, HostileError, LayersError
from layerfix.inference.investigation import Investigation
from layerfix.inference.structure import Hypothesis, Place, groups, merged

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument

MOST = 4
"""Other values that are built for one argument."""
ANYTHING = ("he_normal", "ones", 0.37, 3, [3], [5, 3], "relu", "same")
"""For arguments whose default tells nothing of what they take."""


def untried(case: Investigation, best: Hypothesis, varied: set[Place]) -> Iterator[Hypothesis]:
    """The best hypothesis with one argument changed, for each that no other hypothesis has changed; the layers of a class together.

    Args:
        case: the investigation.
        best: what is believed so far.
        varied: arguments that have had another value in some hypothesis.
    """
    hiding = {spec.layer for spec in best.rebuilt.blueprint.hidden}
    for group in groups([argument for argument in case.lost if argument.layer in hiding]):
        if any((argument.layer, argument.name) in varied for argument in group):
            continue
        yield from _changed(case, group, best)


def _changed(case: Investigation, group: Sequence[LostArgument], best: Hypothesis) -> Iterator[Hypothesis]:
    from layerfix.graph.rebuilt import rebuild

    built = 0
    for value in others(group[0]):
        chosen: Mapping[Place, Any] = {**best.chosen, **{(argument.layer, argument.name): value for argument in group}}
        try:
            rebuilt = rebuild(case.source, layers=case.options.layers, arguments=merged(case.given, chosen))
        except (GraphError, HostileError, LayersError):
            continue
        found = Hypothesis(chosen, rebuilt)
        if found.contradictions > best.contradictions:
            continue
        yield found
        built += 1
        if built == MOST or isinstance(group[0].default, float):
            return


def others(argument: LostArgument) -> list[Any]:
    """Values unlike the default, candidates first."""
    default = argument.default
    found = [value for value in argument.candidates if value != default][:MOST]
    if isinstance(default, float):
        found += [value for value in (0.61 * default + 0.137, 2 * default + 0.37) if value != default]
    elif isinstance(default, tuple | list) and default:
        found += [type(default)(2 * size + 1 if isinstance(size, int | float) else size for size in default)]
    return found or [value for value in ANYTHING if value != default]

"""Numbers that no witness tells from their neighbours: they stand in the user's class, or were found by trying a few.

Statistics and samples tell a kernel among ten million, and whether a factor is a half or one; whether it is 0.6 or 0.63 they do not. A
class that was tuned by so little since makes another model of proven kernels. Only recorded predictions exclude that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from layerfix.containers.records import WeightKey
from layerfix.errors import LayerfixError
from layerfix.inference.exactness import Doubt
from layerfix.inference.investigation import Investigation
from layerfix.inference.records import Recovered, SettledArgument
from layerfix.predictions import agree

if TYPE_CHECKING:
    from layerfix.blueprint import WeightSpec
    from layerfix.graph.rebuilt import Rebuilt
    from layerfix.graph.shim.numbers import Number

STEP = 1.05
"""How far a neighbour is."""
MOST = 12
"""Numbers that are looked at one by one; of more, all are named."""

Found = Mapping[WeightKey, Recovered]


@dataclass(frozen=True, slots=True)
class _Effect:
    """What changes with some numbers.

    Attributes:
        weights: lost ones whose first value does.
        predictions: whether they do.
    """

    weights: frozenset[WeightKey]
    predictions: bool

    def __bool__(self) -> bool:
        return bool(self.weights) or self.predictions


def with_loose(
    case: Investigation, rebuilt: Rebuilt, told: Found, arguments: Sequence[SettledArgument]
) -> tuple[dict[WeightKey, Recovered], tuple[str, ...]]:
    """What was found, values that hang on a loose number doubted; and these numbers, a clause each.

    Args:
        case: the investigation.
        rebuilt: the graph under what is believed, its values loaded.
        told: what was found, with witnesses.
        arguments: constructor arguments as settled.
    """
    if not any(found.exact and not _predicted(found) for found in told.values()):
        return dict(told), ()
    tried = [f"{argument.name} of {argument.layer}, {argument.value!r}" for argument in arguments if _was_tried(argument)]
    effects = _effects(case, rebuilt, told)
    doubted = dict(told)
    for number, effect in effects.items():
        why = f"nothing tells {number} in the class as given from its neighbours, and the value hangs on it"
        doubt = Doubt("numbers", True, why, "one-session")
        doubted |= {key: replace(doubted[key], doubts=(*doubted[key].doubts, doubt)) for key in effect.weights & doubted.keys()}
    return doubted, (*map(str, effects), *tried)


def _predicted(found: Recovered) -> bool:
    return any(witness.agrees and witness.kind in ("predictions", "session") for witness in found.witnesses)


def _was_tried(argument: SettledArgument) -> bool:
    """Whether it is a number with a fraction, or may be one, that came nearest of a few."""
    tried = "badness" in argument.evidence or "log10_evidence" in argument.evidence
    return argument.how == "inferred" and isinstance(argument.value, float) and tried


def _effects(case: Investigation, rebuilt: Rebuilt, told: Found) -> dict[Number, _Effect]:
    """The numbers of the user's files on which weights or predictions hang."""
    from layerfix.graph.shim.numbers import numbers

    written = numbers(case.options.layers)
    if not written or not (together := _effect(case, rebuilt, told, written)):
        return {}
    if len(written) > MOST:
        return dict.fromkeys(written, together)
    return {number: effect for number in written if (effect := _effect(case, rebuilt, told, [number]))}


def _effect(case: Investigation, rebuilt: Rebuilt, told: Found, moved: Sequence[Number]) -> _Effect:
    """What some numbers change where each is its neighbour."""
    from layerfix.graph.forward import forward, random_inputs
    from layerfix.graph.rebuilt import load_values, rebuild

    others = {number.place: number.value * STEP for number in moved}
    hidden = {spec.key: spec for spec in rebuilt.blueprint.hidden}
    try:
        other = rebuild(case.source, layers=case.options.layers, arguments=rebuilt.blueprint.arguments, others=others)
    except LayerfixError:  # a number that the graph does not take says nothing
        return _Effect(frozenset(), False)
    if other.places.keys() != rebuilt.places.keys():
        return _Effect(frozenset(hidden), True)
    weights = frozenset(spec.key for spec in other.blueprint.hidden if not _alike(spec, hidden[spec.key]))
    samples = case.samples(rebuilt)
    inputs = samples.inputs if samples is not None else random_inputs(rebuilt.model)
    if inputs is None:
        return _Effect(weights, True)
    values = case.values(rebuilt, told)
    load_values(rebuilt, values)
    load_values(other, values)
    return _Effect(weights, not agree(forward(other.model, inputs), forward(rebuilt.model, inputs)))


def _alike(one: WeightSpec, two: WeightSpec) -> bool:
    """Whether a weight starts at the same value by both specifications."""
    if one.value is None or two.value is None:
        return one.initializer == two.initializer and one.value is two.value
    return bool(np.array_equal(one.value, two.value))

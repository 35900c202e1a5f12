"""Lost arguments that have no say in what the model predicts: a dropout rate, a momentum. They need no evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from layerfix.arrays import Array
from layerfix.containers.records import WeightKey
from layerfix.errors import GraphError, HostileError, LayersError
from layerfix.inference.investigation import Investigation
from layerfix.inference.structure import merged, signature
from layerfix.inference.untried import others

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt


def without_effect(case: Investigation, argument: LostArgument, rebuilt: Rebuilt, values: Mapping[WeightKey, Array]) -> bool:
    """Whether the model loses the same weights and predicts the same under other values of one argument.

    Args:
        case: the investigation.
        argument: the one to vary.
        rebuilt: the model under what is believed, with all its values.
        values: of its hidden weights.
    """
    from layerfix.graph.forward import forward, random_inputs
    from layerfix.graph.rebuilt import load_values, rebuild

    inputs = random_inputs(rebuilt.model)
    if inputs is None:
        return False
    expected, tried = forward(rebuilt.model, inputs), 0
    for value in others(argument):
        try:
            other = rebuild(
                case.source,
                layers=case.options.layers,
                arguments=merged(rebuilt.blueprint.arguments, {(argument.layer, argument.name): value}),
            )
        except (GraphError, HostileError, LayersError):
            continue
        if signature(other.blueprint) != signature(rebuilt.blueprint):
            return False
        load_values(other, values)
        if not all(np.array_equal(a, b) for a, b in zip(expected, forward(other.model, inputs), strict=True)):
            return False
        tried += 1
    return tried > 0

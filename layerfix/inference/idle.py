"""Lost arguments that have no say in what the model predicts: a dropout rate, a momentum. They need no evidence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.errors import GraphError, HostileError, LayersError
from layerfix.inference.structure import Arguments, merged, signature
from layerfix.inference.untried import others
from layerfix.options import Options

if TYPE_CHECKING:
    from layerfix.diagnose.arguments import LostArgument
    from layerfix.graph.rebuilt import Rebuilt


def without_effect(
    source: Checkpoint,
    options: Options,
    believed: Arguments,
    argument: LostArgument,
    rebuilt: Rebuilt,
    values: Mapping[WeightKey, NDArray[Any]],
) -> bool:
    """Whether the model loses the same weights and predicts the same under other values of one argument.

    Args:
        source, options: of the inference.
        believed: all arguments by layer.
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
                source,
                layers=options.layers,
                arguments=merged(believed, {(argument.layer, argument.name): value}),
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

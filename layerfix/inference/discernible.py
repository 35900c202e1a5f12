"""What predictions cannot tell apart: values without a say in them, and values of like layers that could change places."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from layerfix.arrays import Array
from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.inference.records import Recovered
from layerfix.predictions import agree

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt

Values = Mapping[WeightKey, Array]
MOST = 40
"""Exchanges that are tried; what is left over counts as interchangeable."""


def without_say(rebuilt: Rebuilt, values: Values, inputs: Sequence[Array]) -> frozenset[WeightKey]:
    """Weights that could have quite another value, and the model would predict the same.

    Args:
        rebuilt: with these values loaded; left as it was.
        values: in legacy layout.
        inputs: one array per input, samples first.
    """
    from layerfix.graph.forward import forward

    before = forward(rebuilt.model, inputs)
    return frozenset(key for key in values if _the_same(rebuilt, {key: _another(values[key])}, inputs, before))


def _another(value: Array) -> Array:
    spread = float(np.std(value)) or 1.0
    noise = np.random.default_rng(0).uniform(0.5, 1.5, value.shape)
    return np.asarray(value + spread * noise, value.dtype)


def interchangeable(rebuilt: Rebuilt, values: Values, keys: frozenset[WeightKey], inputs: Sequence[Array]) -> frozenset[WeightKey]:
    """Of `keys`, those that could change places with a like weight unnoticed, alone inside their
    layer or with all of it; arguments else as of `without_say`."""
    from layerfix.graph.forward import forward

    hidden = [spec for spec in rebuilt.blueprint.hidden if spec.key in values]
    before = forward(rebuilt.model, inputs)
    found: set[WeightKey] = set()
    for tried, pairs in enumerate(_exchanges(hidden)):
        moved = {key for pair in pairs for key in pair}
        if not moved & keys or all(np.array_equal(values[one], values[two]) for one, two in pairs):
            continue
        exchange = {**{one: values[two] for one, two in pairs}, **{two: values[one] for one, two in pairs}}
        if tried >= MOST or _the_same(rebuilt, exchange, inputs, before):
            found |= moved
    return frozenset(found & keys)


def _exchanges(hidden: Sequence[WeightSpec]) -> Iterator[list[tuple[WeightKey, WeightKey]]]:
    """Pairs of weights that change places: those of two layers with the same shapes, and two weights of one layer."""
    layers: dict[str, list[WeightSpec]] = {}
    for spec in hidden:
        layers.setdefault(spec.layer, []).append(spec)
    for one, two in itertools.combinations(layers.values(), 2):
        if [spec.shape for spec in one] == [spec.shape for spec in two]:
            yield [(mine.key, theirs.key) for mine, theirs in zip(one, two, strict=True)]
    for inside in layers.values():
        for mine, theirs in itertools.combinations(inside, 2):
            if mine.shape == theirs.shape:
                yield [(mine.key, theirs.key)]


def _the_same(rebuilt: Rebuilt, changed: Values, inputs: Sequence[Array], before: Sequence[Array]) -> bool:
    """Whether the model predicts what it did `before`, with some values changed."""
    from layerfix.graph.forward import forward
    from layerfix.graph.rebuilt import holding

    with holding(rebuilt, changed):
        return agree(forward(rebuilt.model, inputs), before)


def ordered(
    found: Mapping[WeightKey, Recovered],
    rebuilt: Rebuilt,
    values: Values,
    inputs: Sequence[Array] | None,
) -> dict[WeightKey, Recovered]:
    """What was found; where an order of layers is in doubt, no witness excludes it before which the
    layers could change places unnoticed.

    Args:
        found: with witnesses.
        rebuilt: with all values loaded.
        values: of hidden weights.
        inputs: to run the model on; None for made-up ones. Where it takes none of these, no witness
            is heard on any order.
    """
    from layerfix.graph.forward import random_inputs

    doubted = frozenset(key for key, each in found.items() if key in values and _rests_on_a_witness(each))
    if not doubted:
        return dict(found)
    inputs = random_inputs(rebuilt.model) if inputs is None else inputs
    alike = doubted if inputs is None else interchangeable(rebuilt, values, doubted, inputs)
    return {key: _blind(each) if key in alike else each for key, each in found.items()}


def _rests_on_a_witness(found: Recovered) -> bool:
    return found.confirmed is not None and any(doubt.stands and doubt.name == "order" for doubt in found.doubts)


def _blind(found: Recovered) -> Recovered:
    told = (replace(witness, blind=witness.blind | {"order"}) for witness in found.witnesses)
    return replace(found, witnesses=tuple(told))

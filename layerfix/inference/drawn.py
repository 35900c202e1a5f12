"""Bare variables that a class filled by `np.random` itself: its calls have places in the script's stream, where they are made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference import doubts
from layerfix.inference.claims import Ground, claim_evidence
from layerfix.inference.provenance import Reading
from layerfix.inference.records import Recovered
from layerfix.inference.structure import Arguments
from layerfix.options import Options
from layerfix.rng.alignments import Placed
from layerfix.rng.numpy_stream import NumpyStream


def drawn_by_the_class(
    ground: Ground,
    options: Options,
    arguments: Sequence[Arguments],
    hidden: Sequence[WeightSpec],
    reading: Reading | None,
) -> dict[WeightKey, Recovered]:
    """Values of hidden weights that follow from where the class's own calls of `np.random` lie in the stream.

    The graph is built once more, every call drawing from numpy's generator as it stood there: what a variable then holds, whatever the
    class made of the numbers, is what it held. `rebuild` makes sure that the value depends on nothing else.

    Args:
        arguments: those believed, and others that explain the file as well: a value is proven where it is the same under all.
    """
    placed = [item for item in reading.alignment.placed if item.draw.call is not None] if reading else []
    unknown = [spec for spec in hidden if spec.value is None and spec.initializer is None]
    if reading is None or not placed or not unknown:
        return {}
    stream = NumpyStream(reading.origin.numpy_seed)
    source, shaky = ground.source, ground.shaky
    values = _values(source, options, arguments[0], placed, stream)
    if not shaky.issuperset(spec.key for spec in unknown):
        for other in arguments[1:]:
            theirs = _values(source, options, other, placed, stream)
            shaky |= {key for key, value in values.items() if key not in theirs or not np.array_equal(value, theirs[key])}
    found = {}
    for spec in unknown:
        calls = [item for item in placed if item.draw.layer == spec.layer]
        if values.get(spec.key) is not None and calls and all(item.claimed for item in calls):
            found[spec.key] = _claim(replace(ground, shaky=shaky), spec, calls, values[spec.key], reading)
    return found


def _values(
    source: Checkpoint,
    options: Options,
    arguments: Arguments,
    placed: Sequence[Placed],
    stream: NumpyStream,
) -> Mapping[WeightKey, Any]:
    """What every hidden weight holds where the calls draw what they drew at their places."""
    from layerfix.graph.rebuilt import rebuild

    states = {item.draw.call.number: partial(stream.state_at, item.cursor) for item in placed if item.draw.call is not None}
    rebuilt = rebuild(source, layers=options.layers, arguments=arguments, states=states)
    return {spec.key: spec.value for spec in rebuilt.blueprint.hidden}


def _claim(ground: Ground, spec: WeightSpec, calls: Sequence[Placed], value: object, reading: Reading) -> Recovered:
    told = (
        *ground.common(spec),
        *doubts.of_place(reading, calls),
        doubts.second_build(ground.source),
    )
    evidence = {
        **claim_evidence(calls[0], reading, ground.seeds),
        "calls": [str(item.draw.call) for item in calls],
        "to_rounding": True,
    }
    note = f"drawn by the class itself ({evidence['calls'][0].partition('(')[0]}) under numpy seed {reading.origin.numpy_seed}"
    seed, bound = reading.origin.numpy_seed, reading.log10_bound
    return Recovered(spec.key, "drawn", bound, told, evidence, note, numpy_seed=seed, value=np.asarray(value))

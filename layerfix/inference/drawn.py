"""Bare variables that a class filled by `np.random` itself: its calls have places in the script's stream, where they are made again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference.claims import claim_evidence, never_trained, place_doubts
from layerfix.inference.provenance import Provenance, Reading
from layerfix.inference.records import Recovered
from layerfix.inference.structure import Arguments
from layerfix.options import Options
from layerfix.rng.align import Placed
from layerfix.rng.numpy_stream import NumpyStream


def drawn_by_the_class(
    source: Checkpoint,
    options: Options,
    arguments: Sequence[Arguments],
    hidden: Sequence[WeightSpec],
    reading: Reading | None,
    seeds: Provenance,
    shaky: frozenset[WeightKey],
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
    values = _values(source, options, arguments[0], placed, stream)
    if not shaky.issuperset(spec.key for spec in unknown):
        for other in arguments[1:]:
            theirs = _values(source, options, other, placed, stream)
            shaky |= {key for key, value in values.items() if key not in theirs or not np.array_equal(value, theirs[key])}
    found = {}
    for spec in unknown:
        calls = [item for item in placed if item.draw.layer == spec.layer]
        if values.get(spec.key) is not None and calls and all(item.claimed for item in calls):
            found[spec.key] = _claim(source, spec, calls, values[spec.key], reading, seeds, shaky)
    return found


def _values(
    source: Checkpoint, options: Options, arguments: Arguments, placed: Sequence[Placed], stream: NumpyStream
) -> Mapping[WeightKey, Any]:
    """What every hidden weight holds where the calls draw what they drew at their places."""
    from layerfix.graph.rebuilt import rebuild

    states = {item.draw.call.number: partial(stream.state_at, item.cursor) for item in placed if item.draw.call is not None}
    rebuilt = rebuild(source, layers=options.layers, arguments=arguments, states=states)
    return {spec.key: spec.value for spec in rebuilt.blueprint.hidden}


def _claim(
    source: Checkpoint,
    spec: WeightSpec,
    calls: Sequence[Placed],
    value: Any,
    reading: Reading,
    seeds: Provenance,
    shaky: frozenset[WeightKey],
) -> Recovered:
    doubts = [(not never_trained(source), "this version of Keras may have trained it")]
    for item in calls:
        doubts += place_doubts(reading, item)
    doubts.append((spec.key in shaky, "another constructor argument explains the file as well"))
    why_not = [told for doubtful, told in doubts if doubtful]
    evidence = {**claim_evidence(calls[0], reading, seeds, why_not), "calls": [str(item.draw.call) for item in calls], "to_rounding": True}
    doubt = f"; not proven: {why_not[0]}" if why_not else ""
    note = f"drawn by the class itself ({evidence['calls'][0].partition('(')[0]}) under numpy seed {reading.origin.numpy_seed}{doubt}"
    return Recovered(spec.key, "drawn", not why_not, evidence, note, numpy_seed=reading.origin.numpy_seed, value=np.asarray(value))

"""Which number of the script's own stream filled a lost kernel, where order, structure or the class as given leave it open.

The stream is known, and around the kernels that are sure of their place it gave a few hundred op seeds: those of layers in another order,
of one among several draws that nothing visible explains, of a class whose sublayers changed places. Behaviour decides among them, each
held against the statistics behind its layer, and the bound pays for all.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.containers.samples import FEWEST
from layerfix.inference import doubts
from layerfix.inference.claims import Ground
from layerfix.inference.exactness import AGREES, Doubt
from layerfix.inference.hearing import Hearing
from layerfix.inference.moments.listen import Listener
from layerfix.inference.moments.witness import STRAINED
from layerfix.inference.provenance import Reading
from layerfix.inference.records import Recovered
from layerfix.rng.alignments import is_sure
from layerfix.rng.generate import candidates
from layerfix.rng.numpy_stream import LARGEST, MASK, NumpyStream

AROUND = 64
"""Words looked at before the first and behind the last known place."""
MOST = 4000
"""Draws among which behaviour is asked to decide."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The op seed that behaviour prefers.

    Attributes:
        reading: of the stream that gave it.
        op_seed: which.
        tried: draws and kernels that it was chosen among, each weighed by how near it lies.
        sure: whether the evidence alone makes it, all that was tried paid for.
    """

    reading: Reading
    op_seed: int
    tried: float
    sure: bool


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Draws of the stream around one layer.

    Attributes:
        readings: of each draw.
        op_seeds: of each, (draws,).
        tried: what each must pay: draws between the layer's own neighbours, which are sure of their place, share half of the weight.
    """

    readings: Sequence[Reading]
    op_seeds: NDArray[np.int64]
    tried: NDArray[np.float64]


def _drawn(readings: Sequence[Reading], layer: str) -> _Drawn:
    near = [(reading, seed) for reading in readings for seed in _between(reading, *_neighbours(reading, layer))]
    around = [(reading, seed) for reading in readings for seed in _between(reading, *_ends(reading))]
    held = {seed for _, seed in near}
    far = [each for each in around if each[1] not in held][:MOST]
    tried = [2.0 * len(near)] * len(near) + [2.0 * len(far)] * len(far)
    both = [*near, *far]
    return _Drawn([reading for reading, _ in both], np.array([seed for _, seed in both], np.int64), np.array(tried))


def _ends(reading: Reading) -> tuple[int, int]:
    """The words around all places that are known."""
    words = [item.cursor.word for item in reading.alignment.placed]
    return max(0, min(words) - AROUND), max(words) + AROUND


def _neighbours(reading: Reading, layer: str) -> tuple[int, int]:
    """The words between the last kernel before a layer and the first behind it that are sure of their place; none where one is missing."""
    placed = reading.alignment.placed
    own = [at for at, item in enumerate(placed) if item.draw.layer == layer]
    before = [item.cursor.word + 1 for item in placed[: min(own, default=0)] if is_sure(item)]
    behind = [item.cursor.word for item in placed[max(own, default=len(placed)) :] if is_sure(item)]
    start = before[-1] if before else 0 if reading.alignment.from_start else None
    return (start, behind[0]) if own and behind and start is not None else (0, 0)


def _between(reading: Reading, start: int, stop: int) -> list[int]:
    """Every op seed that the stream gave in words [start, stop)."""
    values = (NumpyStream(reading.origin.numpy_seed, stop).words[start:stop] & MASK).astype(np.int64)
    return [int(value) for value in values[values <= LARGEST]]


def chosen(hearing: Hearing, readings: Sequence[Reading], doubted: Collection[WeightKey]) -> dict[WeightKey, Choice]:
    """The draws that behaviour prefers for doubted kernels, layer by layer along the graph.

    Args:
        hearing: the graph, loaded with what is claimed; it is left with what was chosen.
        readings: streams that hold kernels of this file.
        doubted: kernels whose op seed is to be chosen; nothing is told behind a layer that keeps one of them.
    """
    left = {spec.key: spec for spec in hearing.rebuilt.blueprint.hidden if spec.key in doubted}
    found: dict[WeightKey, Choice] = {}
    for layer in hearing.rebuilt.leaves:
        unknown = [spec for spec in left.values() if spec.layer == layer]
        for key, choice in _in_layer(hearing, unknown, _drawn(readings, layer), left) if unknown else ():
            found[key] = choice
            del left[key]
    return found


def _in_layer(
    hearing: Hearing, specs: Sequence[WeightSpec], drawn: _Drawn, left: Mapping[WeightKey, WeightSpec]
) -> Iterator[tuple[WeightKey, Choice]]:
    """One kernel of a layer after the other, the clearest first, the others taken as random until then."""
    unknown, taken = list(specs), set[int]()
    others = ({spec.layer for spec in left.values()} | hearing.open | hearing.unsettled) - {specs[0].layer}
    while unknown:
        each = [(*found, spec) for spec in unknown if (found := _best(hearing, spec, unknown, others, drawn, taken)) is not None]
        if not each:
            return
        lead, at, spec = max(each, key=lambda told: told[0])
        op_seed, tried = int(drawn.op_seeds[at]), float(drawn.tried[at] * len(unknown))
        _put(hearing, spec, op_seed)
        unknown.remove(spec)
        taken.add(op_seed)
        yield spec.key, Choice(drawn.readings[at], op_seed, tried, lead - math.log(len(specs)) >= -math.log(AGREES))


def _best(
    hearing: Hearing,
    spec: WeightSpec,
    unknown: Sequence[WeightSpec],
    others: Collection[str],
    drawn: _Drawn,
    taken: Collection[int],
) -> tuple[float, int] | None:
    """Evidence (ln E less what was tried) of the draw that the statistics behind the layer speak for, and which it is."""
    samples = hearing.samples
    inputs = samples.inputs if samples is not None and len(samples) >= FEWEST else ()
    listener = Listener(hearing.source, hearing.rebuilt, spec.layer, others, inputs)
    estimate = listener.estimate(spec, unknown)
    if estimate is None or estimate.strain > STRAINED or not len(drawn.op_seeds):
        return None
    kernels = candidates(listener.stream(spec), hearing.graph_seed, drawn.op_seeds, int(np.prod(spec.shape)))
    lead = estimate.log_evidence(kernels) - np.log(drawn.tried)
    lead[np.isin(drawn.op_seeds, list(taken))] = -np.inf
    at = int(np.argmax(lead))
    return float(lead[at]), at


def _put(hearing: Hearing, spec: WeightSpec, op_seed: int) -> None:
    from layerfix.graph.materialize import materialize
    from layerfix.graph.rebuilt import load_values
    from layerfix.rng.initializers import stream

    drawn = stream(spec.initializer, spec.shape, hearing.source.keras_version)
    load_values(hearing.rebuilt, {spec.key: materialize(drawn, spec.shape, hearing.graph_seed, op_seed).astype(spec.dtype)})


def proposed(ground: Ground, spec: WeightSpec, choice: Choice, structures: float) -> Recovered:
    """What was chosen, under one of several structures, as a claim that a witness must confirm."""
    graph_seed = ground.seeds.search.graph_seed
    seed, tried = choice.reading.origin.numpy_seed, choice.tried * structures
    told = f"which of {tried:.0f} draws of the stream of numpy seed {seed} it was follows from behaviour alone"
    return Recovered(
        spec.key,
        "seed",
        choice.reading.log10_bound,
        (
            *ground.common(spec),
            doubts.session(choice.reading),
            doubts.numpy_seed(choice.reading),
            Doubt("order", True, told),
        ),
        {"op_seed": choice.op_seed, "graph_seed": graph_seed, "numpy_seed": seed, "chosen_among": tried},
        f"op seed {choice.op_seed} from numpy seed {seed}, of {tried:.0f} draws the one that behaved so",
        op_seed=choice.op_seed,
        graph_seed=graph_seed,
        numpy_seed=seed,
        chosen_among=tried,
    )

"""Which values of lost weights initializers and numpy's stream tell, each with its bound and its doubts; `exactness` judges them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference import doubts
from layerfix.inference.exactness import Doubt
from layerfix.inference.provenance import Provenance, Reading
from layerfix.inference.records import Recovered
from layerfix.rng.alignments import Placed, bracketed
from layerfix.rng.chain import Search, op_seed_bound, top_z
from layerfix.rng.initializers import stream
from layerfix.rng.numpy_stream import Cursor

PROVEN = -300.0
"""log10 of the bound of what follows from the source."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all claims about one file stand on.

    Attributes:
        source: the checkpoint.
        seeds: what its kernels remember.
        shaky: weights to which other arguments would give another value.
        outgrown: weights of layers in which other arguments would put other weights.
        by_name: layers whose class was not given but taken by its name.
    """

    source: Checkpoint
    seeds: Provenance
    shaky: frozenset[WeightKey]
    outgrown: frozenset[WeightKey]
    by_name: frozenset[str]

    def common(self, spec: WeightSpec) -> list[Doubt]:
        """Doubts that every value has."""
        return [
            doubts.training(self.source),
            doubts.updates(spec),
            doubts.arguments(spec, self.shaky),
            doubts.insides(spec, self.outgrown),
            doubts.class_given(spec.layer in self.by_name),
        ]


def constants(ground: Ground, hidden: Sequence[WeightSpec]) -> dict[WeightKey, Recovered]:
    """Weights whose first value follows from the source: zeros, ones, tables, and initializers with a seed of their own."""
    found = {}
    for spec in hidden:
        drawn = stream(spec.initializer, spec.shape, ground.source.keras_version)
        told = (*ground.common(spec), doubts.any_session())
        evidence: dict[str, Any] = {
            "never_trained": doubts.never_trained(ground.source),
            "false_positive_bound": 0.0,
        }
        if spec.value is not None:
            evidence |= {"value": "stated in the source"}
            found[spec.key] = Recovered(spec.key, "fixed", PROVEN, told, evidence, "its value is stated in the source")
        elif drawn.kind in ("constant", "identity"):
            name = spec.initializer["class_name"] if spec.initializer else drawn.kind
            note = f"its initializer ({name}) has one value"
            found[spec.key] = Recovered(spec.key, "constant", PROVEN, told, {**evidence, "initializer": name}, note)
        elif drawn.kind == "orthogonal" and drawn.seed is not None:
            evidence |= {"numpy_seed": drawn.seed, "to_rounding": True}
            told = (*told, doubts.rounding(spec, orthogonal=True))
            note = f"its initializer states seed {drawn.seed}: normal numbers, orthogonalised, exact to rounding"
            found[spec.key] = Recovered(
                spec.key,
                "normal",
                PROVEN,
                told,
                evidence,
                note,
                numpy_seed=drawn.seed,
                cursor=Cursor(0),
            )
        elif drawn.random and drawn.seed is not None:
            found[spec.key] = _stated_seed(spec, drawn.seed, told, ground.seeds.search)
    return found


def _stated_seed(spec: WeightSpec, seed: int, told: tuple[Doubt, ...], search: Search) -> Recovered:
    """A value whose op seed the source states: what is left open is the graph seed, which tracked kernels tell."""
    log10_bound = min(_graph_bound(search) if search.strong else 0.0, search.log10_graph)
    evidence = {
        "op_seed": seed,
        "graph_seed": search.graph_seed,
        "false_positive_bound": 10**log10_bound,
    }
    note = f"its initializer states seed {seed}"
    return Recovered(
        spec.key,
        "seed",
        log10_bound,
        told,
        evidence,
        note,
        op_seed=seed,
        graph_seed=search.graph_seed,
    )


def _graph_bound(search: Search) -> float:
    """log10 of the bound that the graph seed is wrong."""
    best = max((top_z(candidates) for candidates in search.candidates.values()), default=0.0)
    return op_seed_bound(best, 100.0)


def from_readings(
    ground: Ground, hidden: Sequence[WeightSpec], readings: Sequence[Reading]
) -> tuple[dict[WeightKey, Recovered], dict[WeightKey, str]]:
    """Op seeds of hidden weights from numpy streams, and for the others the reason why there is none.

    Where a script set several seeds, each weight is read in the stream that holds its neighbours.
    """
    found: dict[WeightKey, Recovered] = {}
    reasons: dict[WeightKey, str] = {}
    for spec in hidden:
        place = _place(readings, spec.key)
        if place is None:
            reasons[spec.key] = _no_seed(ground.seeds)
            continue
        reading, item = place
        seed, again = reading.origin.numpy_seed, doubts.second_build(ground.source)
        if not item.claimed:
            told = "the draws around it do not match this layer's structure"
            reasons[spec.key] = f"numpy seed {seed} is known, but {told}"
        elif reading.alignment.from_start and again.stands:
            reasons[spec.key] = f"numpy seed {seed} tells what a first build drew, but {again.told}"
        else:
            found[spec.key] = _claim(ground, spec, item, reading)
    return found, reasons


def _place(readings: Sequence[Reading], key: WeightKey) -> tuple[Reading, Placed] | None:
    """Where a weight was drawn: in the first stream that holds what came before and behind it."""
    places = [(reading, item) for reading in readings for item in reading.alignment.placed if item.draw.weight == key]
    checked = (place for place in places if bracketed(place[0].alignment, place[1]))
    return next(checked, next(iter(places), None))


def _claim(ground: Ground, spec: WeightSpec, item: Placed, reading: Reading) -> Recovered:
    orthogonal = item.draw.kind == "normal"
    told = (
        *ground.common(spec),
        *doubts.of_place(reading, [item]),
        doubts.second_build(ground.source),
        doubts.rounding(spec, orthogonal=orthogonal),
    )
    evidence = claim_evidence(item, reading, ground.seeds)
    numpy_seed, bound = reading.origin.numpy_seed, reading.log10_bound
    if orthogonal:
        note = f"numpy seed {numpy_seed}, drawn as normal numbers and orthogonalised: exact to rounding"
        evidence["to_rounding"] = True
        return Recovered(
            spec.key,
            "normal",
            bound,
            told,
            evidence,
            note,
            numpy_seed=numpy_seed,
            cursor=item.cursor,
        )
    note = f"op seed {item.value} from numpy seed {numpy_seed}"
    return Recovered(
        spec.key,
        "seed",
        bound,
        told,
        {"op_seed": item.value, **evidence},
        note,
        op_seed=item.value,
        graph_seed=ground.seeds.search.graph_seed,
        numpy_seed=numpy_seed,
        cursor=Cursor(item.cursor.word),
    )


def claim_evidence(item: Placed, reading: Reading, seeds: Provenance) -> dict[str, Any]:
    """What speaks for a value that was drawn at a place in a numpy stream, JSON-ready."""
    return {
        "numpy_seed": reading.origin.numpy_seed,
        "graph_seed": seeds.search.graph_seed,
        "stream_position": item.cursor.word,
        "false_positive_bound": 10.0**reading.log10_bound,
        "log10_bound": round(reading.log10_bound, 2),
        "tracked_kernels": len(reading.alignment.evidence),
        "z": [round(z, 2) for z in reading.alignment.evidence],
    }


def _no_seed(seeds: Provenance) -> str:
    if seeds.checkpoint.backend not in (None, "tensorflow"):
        return f"seeds cannot be recovered for the {seeds.checkpoint.backend} backend"
    if not seeds.fingerprints:
        return "no tracked kernel with a random initial value tells anything about the seeds"
    if not seeds.search.strong:
        return "no tracked kernel remembers its initial value clearly enough"
    return f"the op seeds of the tracked kernels are known, but {_tried(seeds.search.log)}"


def _tried(log: Sequence[str]) -> str:
    """What was looked through for a numpy seed without finding one, and what that leaves."""
    if any("2^32" in told for told in log):
        return "none of the 2^32 numpy seeds gives them among its first draws: the script set none, or drew much else before"
    if any("2^25" in told for told in log):
        return "no numpy seed below 2^25 and none that people use gives them: the script set none, or a larger one (--numpy-seed takes it)"
    return "the numpy seed that was given does not give them"

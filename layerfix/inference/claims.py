"""What may be claimed about each lost weight, and why: the one place where something is called exact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference.provenance import Provenance, Reading
from layerfix.inference.records import Recovered
from layerfix.rng.align import Placed, bracketed
from layerfix.rng.certificate import EXACT
from layerfix.rng.chain import Search, op_seed_bound, top_z
from layerfix.rng.initializers import stream
from layerfix.rng.numpy_stream import Cursor
from layerfix.rng.orthogonal import signs_known


def never_trained(checkpoint: Checkpoint) -> bool:
    """Whether hidden weights of this file certainly kept their first value: Keras 2.0 to 2.2.5, which tracked no sublayer at all.

    tf.keras ("2.2.4-tf") and Keras 2.3 track attributes; what they miss is not trained either, but the file cannot tell which it was.
    """
    version = checkpoint.keras_version or ""
    numbers = re.fullmatch(r"2\.(\d+)\.(\d+)", version)
    return bool(numbers) and (int(numbers[1]), int(numbers[2])) < (3, 0)  # type: ignore[index]


def constants(
    checkpoint: Checkpoint, hidden: Sequence[WeightSpec], search: Search, shaky: frozenset[WeightKey]
) -> dict[WeightKey, Recovered]:
    """Weights whose first value follows from the source: zeros, ones, tables, and initializers with a seed of their own."""
    found = {}
    for spec in hidden:
        drawn = stream(spec.initializer, spec.shape, checkpoint.keras_version)
        exact = never_trained(checkpoint) and spec.key not in shaky
        evidence: dict[str, Any] = {"never_trained": never_trained(checkpoint), "false_positive_bound": 0.0 if exact else None}
        if spec.value is not None:
            found[spec.key] = Recovered(
                spec.key, "fixed", exact, {**evidence, "value": "stated in the source"}, "its value is stated in the source"
            )
        elif drawn.kind in ("constant", "identity"):
            name = spec.initializer["class_name"] if spec.initializer else drawn.kind
            note = f"its initializer ({name}) has one value, and it was never trained"
            found[spec.key] = Recovered(spec.key, "constant", exact, {**evidence, "initializer": name}, note)
        elif drawn.kind == "orthogonal" and drawn.seed is not None:
            exact = exact and signs_known(spec.shape)
            told = {**evidence, "numpy_seed": drawn.seed, "to_rounding": True, "false_positive_bound": 0.0 if exact else None}
            note = f"its initializer states seed {drawn.seed}: normal numbers, orthogonalised, exact to rounding"
            found[spec.key] = Recovered(spec.key, "normal", exact, told, note, numpy_seed=drawn.seed, cursor=Cursor(0))
        elif drawn.random and drawn.seed is not None:
            known = exact and bool(search.strong)
            evidence = {
                **evidence,
                "op_seed": drawn.seed,
                "graph_seed": search.graph_seed,
                "false_positive_bound": 10 ** _graph_bound(search),
            }
            note = f"its initializer states seed {drawn.seed}"
            exact = known and 10 ** _graph_bound(search) <= EXACT
            found[spec.key] = Recovered(spec.key, "seed", exact, evidence, note, drawn.seed, search.graph_seed)
    return found


def _graph_bound(search: Search) -> float:
    """log10 of the bound that the graph seed is wrong."""
    best = max((top_z(candidates) for candidates in search.candidates.values()), default=0.0)
    return op_seed_bound(best, 100.0)


def from_reading(
    checkpoint: Checkpoint, hidden: Sequence[WeightSpec], reading: Reading | None, seeds: Provenance, shaky: frozenset[WeightKey]
) -> tuple[dict[WeightKey, Recovered], dict[WeightKey, str]]:
    """Op seeds of hidden weights from a numpy stream, and for the others the reason why there is none."""
    found: dict[WeightKey, Recovered] = {}
    reasons: dict[WeightKey, str] = {}
    for spec in hidden:
        item = _place(reading, spec.key) if reading else None
        if reading is None or item is None:
            reasons[spec.key] = _no_seed(seeds)
        elif not item.claimed:
            reasons[spec.key] = (
                f"numpy seed {reading.origin.numpy_seed} is known, but the draws around it do not match this layer's structure"
            )
        else:
            found[spec.key] = _claim(checkpoint, spec, item, reading, seeds, shaky)
    return found, reasons


def _place(reading: Reading, key: WeightKey) -> Placed | None:
    return next((item for item in reading.alignment.placed if item.draw.weight == key), None)


def _claim(
    checkpoint: Checkpoint, spec: WeightSpec, item: Placed, reading: Reading, seeds: Provenance, shaky: frozenset[WeightKey]
) -> Recovered:
    doubts = [
        (not never_trained(checkpoint), "this version of Keras may have trained it"),
        *place_doubts(reading, item),
        (spec.key in shaky, "another constructor argument explains the file as well"),
        (
            item.draw.kind == "normal" and not signs_known(spec.shape),
            "the signs of singular vectors of this shape differ between releases of LAPACK",
        ),
    ]
    why_not = [told for doubtful, told in doubts if doubtful]
    evidence = claim_evidence(item, reading, seeds, why_not)
    doubt = f"; not proven: {why_not[0]}" if why_not else ""
    if item.draw.kind == "normal":
        note = f"numpy seed {reading.origin.numpy_seed}, drawn as normal numbers and orthogonalised: exact to rounding{doubt}"
        evidence["to_rounding"] = True
        return Recovered(spec.key, "normal", not why_not, evidence, note, None, None, reading.origin.numpy_seed, item.cursor)
    note = f"op seed {item.value} from numpy seed {reading.origin.numpy_seed}{doubt}"
    evidence = {"op_seed": item.value, **evidence}
    return Recovered(
        spec.key,
        "seed",
        not why_not,
        evidence,
        note,
        item.value,
        seeds.search.graph_seed,
        reading.origin.numpy_seed,
        Cursor(item.cursor.word),
    )


def place_doubts(reading: Reading, item: Placed) -> list[tuple[bool, str]]:
    """(whether it applies, reason): why a draw's place in a numpy stream may be another one."""
    return [
        (reading.log10_bound > -6, f"the numpy seed is not certain (bound 1e{reading.log10_bound:.1f})"),
        (not bracketed(reading.alignment, item), "nothing known comes after it in the stream, so its place cannot be checked"),
        (reading.undecided(item), "another order of the layers explains the file as well"),
    ]


def claim_evidence(item: Placed, reading: Reading, seeds: Provenance, doubts: Sequence[str]) -> dict[str, Any]:
    """What speaks for a value that was drawn at a place in a numpy stream, JSON-ready."""
    return {
        "numpy_seed": reading.origin.numpy_seed,
        "graph_seed": seeds.search.graph_seed,
        "stream_position": item.cursor.word,
        "false_positive_bound": 10.0**reading.log10_bound,
        "log10_bound": round(reading.log10_bound, 2),
        "tracked_kernels": len(reading.alignment.evidence),
        "z": [round(z, 2) for z in reading.alignment.evidence],
        "doubts": list(doubts),
    }


def _no_seed(seeds: Provenance) -> str:
    if seeds.checkpoint.backend not in (None, "tensorflow"):
        return f"seeds cannot be recovered for the {seeds.checkpoint.backend} backend"
    if not seeds.fingerprints:
        return "no tracked kernel with a random initial value tells anything about the seeds"
    if not seeds.search.strong:
        return "no tracked kernel remembers its initial value clearly enough"
    return "the op seeds of the tracked kernels are known, but no numpy seed that was tried gives them: the script set none, or a rare one"

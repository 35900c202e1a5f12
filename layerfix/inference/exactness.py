"""The one place that says *exact*: from a bound, from a list of named doubts, and from witnesses of behaviour.

A seed says which value the script's stream gave a layer; only behaviour says which value the trained model had. What lies between is what
the bound does not count: order, structure, session, class, updates, arguments. Each of these is a doubt, excluded by a reason or standing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from layerfix.seeds.certificate import EXACT

DoubtName = Literal["training", "bound", "order", "structure", "session", "build", "class", "updates", "arguments", "rounding"]
WitnessKind = Literal["statistics", "samples", "predictions", "session"]
Word = Literal["exact", "recovered", "likely", "withdrawn"]

AGREES = 1e-3
"""Largest chance that a wrong value would please a witness as well, at which the witness is said to agree."""
CONDITIONS: Mapping[DoubtName, str] = {"session": "one-session", "class": "class-by-name"}
"""Doubts that leave a value *recovered*: no file can exclude them, a user can."""
EXCLUDES: Mapping[WitnessKind, frozenset[DoubtName]] = {
    "statistics": frozenset({"bound", "order", "structure", "session", "build", "class"}),
    "samples": frozenset({"bound", "order", "structure", "session", "build", "class"}),
    "predictions": frozenset({"training", "bound", "order", "structure", "session", "build", "class", "updates", "arguments", "rounding"}),
    "session": frozenset({"training", "bound", "order", "structure", "session", "build", "class", "updates", "arguments", "rounding"}),
}
"""What an agreeing witness does away with."""


@dataclass(frozen=True, slots=True)
class Witness:
    """What behaviour, recorded in the file or by the user, says of one value.

    Attributes:
        kind: "statistics" (stored in the file alone), "samples", "predictions" (recorded), "session" (a donor that is the session).
        agrees: True, False, or None where it has too little power to tell.
        bound: chance that it would agree with a wrong value.
        told: a clause for people.
    """

    kind: WitnessKind
    agrees: bool | None
    bound: float
    told: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that would make a value another one without changing its bound.

    Attributes:
        name: which.
        stands: False where `told` excludes it.
        told: the reason, or what stands, as a clause.
    """

    name: DoubtName
    stands: bool
    told: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What may be said of a value.

    Attributes:
        word: "exact": proven. "recovered": proven on `condition`. "likely": used, and called neither. "withdrawn": contradicted.
        condition: of "recovered".
        doubts: all, those that a witness excluded included.
        why: the first reason against a better word, "" for "exact".
    """

    word: Word
    condition: str | None
    doubts: tuple[Doubt, ...]
    why: str


def standing(log10_bound: float, doubts: Sequence[Doubt], witnesses: Sequence[Witness]) -> Standing:
    """Say what a value is.

    Args:
        log10_bound: of the chance that the value came about by accident (0 where nothing bounds it).
        doubts: each with its reason.
        witnesses: all that were asked.
    """
    against = next((witness for witness in witnesses if witness.agrees is False), None)
    agreeing = [witness for witness in witnesses if witness.agrees and witness.bound <= AGREES]
    judged = tuple(_heard(doubt, agreeing) for doubt in doubts)
    if against is not None:
        return Standing("withdrawn", None, judged, against.told)
    bounded = 10.0**log10_bound <= EXACT or any(witness.bound <= EXACT for witness in agreeing)
    left = [doubt for doubt in judged if doubt.stands]
    if bounded and not left:
        return Standing("exact", None, judged, "")
    why = left[0].told if left else "no bound of one in a million was reached"
    if bounded and all(doubt.name in CONDITIONS for doubt in left):
        strongest = max(left, key=lambda doubt: list(CONDITIONS).index(doubt.name))
        return Standing("recovered", CONDITIONS[strongest.name], judged, why)
    return Standing("likely", None, judged, next((doubt.told for doubt in left if doubt.name not in CONDITIONS), why))


def _heard(doubt: Doubt, agreeing: Sequence[Witness]) -> Doubt:
    """The doubt as a witness leaves it."""
    excluding = next((witness for witness in agreeing if doubt.stands and doubt.name in EXCLUDES[witness.kind]), None)
    return doubt if excluding is None else Doubt(doubt.name, False, excluding.told)


def as_evidence(found: Standing, witnesses: Sequence[Witness]) -> dict[str, Any]:
    """JSON-ready, for the report."""
    return {
        "doubts": [doubt.told for doubt in found.doubts if doubt.stands],
        "considered": [{"doubt": doubt.name, "stands": doubt.stands, "told": doubt.told} for doubt in found.doubts],
        "witnesses": [{"kind": w.kind, "agrees": w.agrees, "bound": w.bound, "told": w.told} for w in witnesses],
    }

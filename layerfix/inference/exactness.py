"""The one place that says *exact*: from a bound, from a list of named doubts, and from witnesses of behaviour.

A seed says which value the script's stream gave a layer; only behaviour says which value the trained model had. What lies between is what
the bound does not count: order, structure, session, class, updates, arguments. Each of these is a doubt, excluded by a reason or standing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from layerfix.rng.certificate import EXACT

DoubtName = Literal[
    "training",
    "bound",
    "order",
    "structure",
    "session",
    "build",
    "class",
    "updates",
    "arguments",
    "rounding",
    "numbers",
]
WitnessKind = Literal["statistics", "samples", "predictions", "session"]
Word = Literal["exact", "recovered", "likely", "withdrawn"]

LOG10_EXACT = math.log10(EXACT) + 1e-9
AGREES = 1e-3
"""Largest chance that a wrong value would please a witness as well, at which the witness is said to agree."""
Condition = Literal["one-session", "class-by-name"]
_EVERY: frozenset[DoubtName] = frozenset(get_args(DoubtName))
EXCLUDES: Mapping[WitnessKind, frozenset[DoubtName]] = {
    "statistics": frozenset({"bound", "order", "structure", "session", "build", "class"}),
    "samples": frozenset({"bound", "order", "structure", "session", "build", "class", "arguments"}),
    "predictions": _EVERY,
    "session": _EVERY,
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
        blind: doubts of which it knows nothing though its kind does: it was asked about another
            weight of the layer, or could not tell two apart.
    """

    kind: WitnessKind
    agrees: bool | None
    bound: float
    told: str
    blind: frozenset[DoubtName] = frozenset()

    def excludes(self, doubt: DoubtName) -> bool:
        """Whether its agreement does away with a doubt."""
        return doubt in EXCLUDES[self.kind] and doubt not in self.blind


def of_session(witness: Witness, *, stale: bool) -> Witness:
    """The witness; where what it saw may stem from an earlier session, it knows nothing of the last one."""
    return replace(witness, blind=witness.blind | {"session"}) if stale else witness


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something that would make a value another one without changing its bound.

    Attributes:
        name: which.
        stands: False where `told` excludes it.
        told: the reason, or what stands, as a clause.
        condition: where no file can exclude it but a user can, what the user would vouch for.
    """

    name: DoubtName
    stands: bool
    told: str
    condition: Condition | None = None


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
    condition: Condition | None
    doubts: tuple[Doubt, ...]
    why: str


def standing(log10_bound: float, doubts: Sequence[Doubt], witnesses: Sequence[Witness], *, independent: bool = False) -> Standing:
    """Say what a value is.

    Args:
        log10_bound: of the chance that the value came about by accident (0 where nothing bounds it).
        doubts: each with its reason.
        witnesses: all that were asked.
        independent: whether the bound rests on other evidence than what the witnesses saw: then a wrong value has to pass both.
    """
    against = next((witness for witness in witnesses if witness.agrees is False), None)
    agreeing = [witness for witness in witnesses if witness.agrees and witness.bound <= AGREES]
    judged = tuple(_heard(doubt, agreeing) for doubt in doubts)
    if against is not None:
        return Standing("withdrawn", None, judged, against.told)
    left = [doubt for doubt in judged if doubt.stands]
    surest = min((witness.bound for witness in agreeing), default=1.0)
    # Where both saw other evidence, a wrong value had to be lucky twice; a bound may be too small
    # for a float, and 0 has no logarithm.
    passed = log10_bound + math.log10(max(surest, 1e-300)) if independent else log10_bound
    if passed > LOG10_EXACT and surest > EXACT:
        left.append(Doubt("bound", True, f"chance alone would do as well once in {10**-log10_bound:.2g}"))
    if not left:
        return Standing("exact", None, judged, "")
    unconditional = next((doubt for doubt in left if doubt.condition is None), None)
    if unconditional is not None:
        return Standing("likely", None, judged, unconditional.told)
    # Of several conditions the one about the class is named: its name alone vouches for all that it
    # computes.
    worst = next((doubt for doubt in left if doubt.condition == "class-by-name"), left[0])
    return Standing("recovered", worst.condition, judged, worst.told)


def _heard(doubt: Doubt, agreeing: Sequence[Witness]) -> Doubt:
    """The doubt as a witness leaves it."""
    excluding = next(
        (witness for witness in agreeing if doubt.stands and witness.excludes(doubt.name)),
        None,
    )
    return doubt if excluding is None else Doubt(doubt.name, False, excluding.told)


def as_evidence(found: Standing, witnesses: Sequence[Witness]) -> dict[str, Any]:
    """JSON-ready, for the report."""
    predicted = any(witness.kind == "predictions" and witness.agrees for witness in witnesses)
    return {
        **({"predictions_reproduced": True} if predicted else {}),
        "doubts": [doubt.told for doubt in found.doubts if doubt.stands],
        "considered": [{"doubt": doubt.name, "stands": doubt.stands, "told": doubt.told} for doubt in found.doubts],
        "witnesses": [{"kind": w.kind, "agrees": w.agrees, "bound": w.bound, "told": w.told} for w in witnesses],
    }

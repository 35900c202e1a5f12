"""What the file itself, the user's memory and samples reveal about lost weights and lost arguments: the evidence that the plan rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from layerfix.containers.records import WeightKey
from layerfix.inference.exactness import AGREES, Doubt, Standing, Witness, standing
from layerfix.rng.numpy_stream import Cursor

DRAWN = ("seed", "normal", "drawn")
"""Kinds of values that a random stream told."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A lost weight whose value is known.

    Attributes:
        key: the weight.
        kind: "constant" (its initializer has one value), "fixed" (a value in the source), "seed" (Philox), "normal" (Orthogonal),
            "drawn" (by the class's own calls of `np.random`).
        log10_bound: of the chance that it is this value by accident.
        doubts: what the bound does not count, each excluded by a reason or standing.
        evidence: JSON-ready.
        note: where it comes from, as a clause for people.
        witnesses: what behaved under the lost value, and says whether this is it.
        op_seed, graph_seed: of "seed".
        numpy_seed, cursor: where in numpy's stream, for "normal".
        value: of "drawn".
        chosen_among: values that behaviour chose it among: an agreement counts as many times less.
    """

    key: WeightKey
    kind: Literal["constant", "fixed", "seed", "normal", "drawn"]
    log10_bound: float
    doubts: tuple[Doubt, ...]
    evidence: Mapping[str, Any]
    note: str
    witnesses: tuple[Witness, ...] = ()
    op_seed: int | None = None
    graph_seed: int | None = None
    numpy_seed: int | None = None
    cursor: Cursor | None = None
    value: Any = None
    chosen_among: float = 1.0

    @property
    def heard(self) -> tuple[Witness, ...]:
        """Its witnesses, the choice among other values paid for."""
        return tuple(replace(witness, bound=min(1.0, witness.bound * self.chosen_among)) for witness in self.witnesses)

    @property
    def confirmed(self) -> Witness | None:
        """A witness that agrees, and tells it from what another class would have drawn."""
        agreeing = (witness for witness in self.heard if witness.agrees and witness.bound <= AGREES)
        return next((witness for witness in agreeing if witness.excludes("class")), None)

    @property
    def standing(self) -> Standing:
        """What may be said of it; a numpy seed is evidence beside that of witnesses, and the chances of both multiply."""
        return standing(self.log10_bound, self.doubts, self.heard, independent=self.numpy_seed is not None)

    @property
    def exact(self) -> bool:
        """Whether it is proven to be the lost value."""
        return self.standing.word == "exact"


@dataclass(frozen=True, slots=True)
class SettledArgument:
    """A constructor argument and how its value was found."""

    layer: str
    name: str
    value: Any
    how: How
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inference:
    """All that evidence established.

    Attributes:
        recovered: values by weight.
        unrecovered: for other hidden weights, why not.
        arguments: settled constructor arguments.
        search: JSON-ready account of what was searched, for the report.
        loose: numbers that nothing tells from their neighbours, and on which predictions hang; a clause each.
    """

    recovered: Mapping[WeightKey, Recovered] = field(default_factory=dict)
    unrecovered: Mapping[WeightKey, str] = field(default_factory=dict)
    arguments: tuple[SettledArgument, ...] = ()
    search: Mapping[str, Any] = field(default_factory=dict)
    loose: tuple[str, ...] = ()

    @property
    def class_seen(self) -> bool:
        """Whether something behaved as the model does now, with all that its classes compute."""
        heard = (witness for found in self.recovered.values() for witness in found.witnesses)
        return any(witness.agrees and witness.kind in ("predictions", "session") for witness in heard)


How = Literal["given", "inferred", "default", "ambiguous"]

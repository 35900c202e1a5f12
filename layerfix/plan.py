"""The plan: for each lost weight the step that brings it back, or the reason why there is none. `plan` decides, `restore` obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from layerfix.checkpoint.records import WeightKey

StrategyName = Literal["recover", "transplant", "fit", "reinitialize"]


@dataclass(frozen=True, slots=True)
class Step:
    """How one lost weight comes back.

    Attributes:
        weight: its key in the repaired file.
        strategy: which strategy supplies the value.
        exact: whether the value is proven to be the lost one (see evidence).
        evidence: JSON-ready facts: seeds and bounds, donor and matching rule, initializer and seed.
        recipe: what the strategy needs to produce the value; opaque to everybody else.
        note: one sentence for people.
    """

    weight: WeightKey
    strategy: StrategyName
    exact: bool
    evidence: Mapping[str, Any]
    recipe: Any = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A lost weight without a step, and why."""

    weight: WeightKey
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps for all lost weights of one checkpoint, with the constructor arguments that they assume."""

    steps: tuple[Step, ...]
    unplanned: tuple[Unplanned, ...] = ()
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

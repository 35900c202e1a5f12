"""What every strategy sees and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.containers.records import Checkpoint, WeightKey
from layerfix.inference.exactness import Condition
from layerfix.options import Options
from layerfix.progress import Progress

if TYPE_CHECKING:
    from layerfix.graph.rebuilt import Rebuilt
    from layerfix.inference.records import Inference

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Case:
    """One checkpoint to repair, and what is known about it by now.

    Attributes:
        checkpoint: as read.
        rebuilt: its graph under the settled constructor arguments.
        options: what the user asked for.
        inference: values and arguments that the file itself, or samples, reveal.
    """

    checkpoint: Checkpoint
    rebuilt: Rebuilt
    options: Options
    inference: Inference

    @property
    def blueprint(self) -> Blueprint:
        """What the graph needs."""
        return self.rebuilt.blueprint

    def spec(self, key: WeightKey) -> WeightSpec:
        """The weight of that key, which must exist."""
        found = self.blueprint.weight(key)
        assert found is not None, key
        return found


@dataclass(frozen=True, slots=True)
class Proposal:
    """A strategy's answer: steps for the weights it can bring back, one reason for each that it cannot."""

    steps: tuple[Step, ...]
    refusals: Mapping[WeightKey, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Produced:
    """The values of planned steps, and what was learned while making them (added to the steps' evidence)."""

    values: Mapping[WeightKey, Array]
    evidence: Mapping[WeightKey, Mapping[str, Any]] = field(default_factory=dict)


class Strategy(Protocol):
    """One way to bring lost weights back: `propose` decides and touches nothing, `produce` gives the values of the planned steps."""

    name: StrategyName

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        """Steps for `wanted`, in the same order, and refusals for the rest."""

    def produce(self, case: Case, steps: Sequence[Step], known: Mapping[WeightKey, Array], progress: Progress) -> Produced:
        """The value of every step; `known` holds what strategies before this one produced."""


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
        condition: on which the value is the lost one, where that is all that keeps it from being exact.
    """

    weight: WeightKey
    strategy: StrategyName
    exact: bool
    evidence: Mapping[str, Any]
    recipe: Any = None
    note: str = ""
    condition: Condition | None = None

"""What every strategy sees and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import Blueprint, WeightSpec
from layerfix.checkpoint.records import Checkpoint, WeightKey
from layerfix.options import Options
from layerfix.plan import Step, StrategyName

if TYPE_CHECKING:
    from layerfix.infer import Inference

Array = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Case:
    """One checkpoint to repair, and what is known about it by now.

    Attributes:
        checkpoint: as read.
        blueprint: what its graph needs under the settled constructor arguments.
        options: what the user asked for.
        inference: values and arguments that the file itself, or samples, reveal.
    """

    checkpoint: Checkpoint
    blueprint: Blueprint
    options: Options
    inference: Inference


@dataclass(frozen=True, slots=True)
class Proposal:
    """A strategy's answer: steps for the weights it can bring back, one reason for each that it cannot."""

    steps: tuple[Step, ...]
    refusals: Mapping[WeightKey, str] = field(default_factory=dict)


class Strategy(Protocol):
    """One way to bring a lost weight back. `propose` decides and touches nothing, `produce` gives the value of a step that was planned."""

    name: StrategyName

    def propose(self, case: Case, wanted: Sequence[WeightSpec]) -> Proposal:
        """Steps for `wanted`, in the same order, and refusals for the rest."""

    def produce(self, case: Case, spec: WeightSpec, step: Step) -> Array:
        """The value of one planned step: shape and dtype of `spec`."""

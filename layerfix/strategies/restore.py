"""Carry a plan out: every planned weight gets its value, checked against what the graph needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.errors import RestoreError
from layerfix.progress import Progress, silent
from layerfix.strategies.all import all_strategies
from layerfix.strategies.base import Case
from layerfix.strategies.plan import Plan


@dataclass(frozen=True, slots=True)
class Restoration:
    """The value of every planned weight, and evidence that came up while making it."""

    values: Mapping[WeightKey, NDArray[np.generic]]
    evidence: Mapping[WeightKey, Mapping[str, Any]]


def restore(case: Case, plan: Plan, progress: Progress = silent) -> Restoration:
    """Produce what was planned, the most trustworthy strategies first (a fit builds on what was recovered).

    Raises:
        RestoreError: where a value does not have the weight's shape, or is not finite.
    """
    values: dict[WeightKey, NDArray[np.generic]] = {}
    evidence: dict[WeightKey, Mapping[str, Any]] = {}
    for strategy in all_strategies().values():
        steps = [step for step in plan.steps if step.strategy == strategy.name]
        if steps:
            produced = strategy.produce(case, steps, values, progress)
            values.update({key: _checked(case.spec(key), np.asarray(value)) for key, value in produced.values.items()})
            evidence.update(produced.evidence)
    return Restoration(values, evidence)


def _checked(spec: WeightSpec, value: NDArray[np.generic]) -> NDArray[np.generic]:
    where = f"{spec.owner}/{spec.name}"
    if value.shape != spec.shape:
        raise RestoreError(f"the value found has shape {value.shape}, the graph needs {spec.shape}.", where=where)
    if not np.isfinite(value).all():
        raise RestoreError("the value found holds NaN or infinity.", where=where, hint="Give another donor.")
    return value

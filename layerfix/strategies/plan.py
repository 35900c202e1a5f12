"""The plan: for each lost weight the step that brings it back, or the reason why there is none. `plan` decides, `restore` obeys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from layerfix.blueprint import WeightSpec
from layerfix.containers.records import WeightKey
from layerfix.errors import PlanError
from layerfix.strategies.base import Step

if TYPE_CHECKING:
    from layerfix.strategies.base import Case


@dataclass(frozen=True, slots=True)
class Unplanned:
    """A lost weight without a step, and why."""

    weight: WeightKey
    why: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps for all lost weights of one checkpoint, with the constructor arguments that they assume.

    `refusals` says why the strategies before the chosen one could not bring a weight back.
    """

    steps: tuple[Step, ...]
    unplanned: tuple[Unplanned, ...] = ()
    arguments: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refusals: Mapping[WeightKey, tuple[str, ...]] = field(default_factory=dict)


def make_plan(case: Case) -> Plan:
    """Decide for every hidden weight which strategy brings it back; `auto` takes the first that can, others are as the user chose.

    Raises:
        PlanError: where the user names a layer that lost nothing.
    """
    from layerfix.strategies.all import all_strategies

    strategies = all_strategies()
    hidden = case.blueprint.hidden
    _check_names(case)
    steps: dict[WeightKey, Step] = {}
    reasons: dict[WeightKey, list[str]] = {spec.key: [] for spec in hidden}
    for strategy in strategies.values():
        wanted = [spec for spec in hidden if spec.key not in steps and choice(case, spec) in ("auto", strategy.name)]
        if not wanted:
            continue
        proposal = strategy.propose(case, wanted)
        steps.update({step.weight: step for step in proposal.steps})
        for key, why in proposal.refusals.items():
            reasons[key].append(f"{strategy.name}: {why}")
    return Plan(
        steps=tuple(steps[spec.key] for spec in hidden if spec.key in steps),
        unplanned=tuple(Unplanned(spec.key, "; ".join(reasons[spec.key])) for spec in hidden if spec.key not in steps),
        arguments=case.blueprint.arguments,
        refusals={key: tuple(why) for key, why in reasons.items() if why},
    )


def choice(case: Case, spec: WeightSpec) -> str:
    """The strategy that the user chose for a weight."""
    chosen = case.options.layer_strategies
    name = spec.layer.rsplit("/", 1)[-1]
    return chosen.get(spec.layer) or chosen.get(name) or case.options.strategy


def _check_names(case: Case) -> None:
    named = {name for spec in case.blueprint.hidden for name in (spec.layer, spec.layer.rsplit("/", 1)[-1])}
    for layer in sorted(set(case.options.layer_strategies) - named):
        raise PlanError(f"--strategy names {layer!r}, which lost nothing (lost: {', '.join(sorted(named)) or 'nothing'}).")

"""The ways to bring a lost weight back, in order of preference."""

from __future__ import annotations

from layerfix.strategies.base import Strategy, StrategyName


def all_strategies() -> dict[StrategyName, Strategy]:
    """Every strategy by name, the most trustworthy first; `auto` tries them in this order."""
    from layerfix.strategies.fit import Fit
    from layerfix.strategies.recover import Recover
    from layerfix.strategies.reinitialize import Reinitialize
    from layerfix.strategies.transplant import Transplant

    listed: tuple[Strategy, ...] = (Recover(), Transplant(), Fit(), Reinitialize())
    return {strategy.name: strategy for strategy in listed}

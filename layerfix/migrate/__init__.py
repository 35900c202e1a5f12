"""Legacy checkpoints to today's Keras: the config by small named rules, the weights by layout; every difference handled or refused."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from layerfix.migrate.records import MigrationResult, Upgraded
    from layerfix.migrate.run import migrate

__all__ = ["MigrationResult", "Upgraded", "migrate"]
_HOMES = {"MigrationResult": "records", "Upgraded": "records", "migrate": "run"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

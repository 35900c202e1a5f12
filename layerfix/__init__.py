"""layerfix: fsck for Keras checkpoints. Every command is one function here; each loads on first use."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from layerfix.version import __version__

if TYPE_CHECKING:
    from layerfix.commands.audit import audit as audit
    from layerfix.commands.diff import diff as diff
    from layerfix.commands.lint import lint as lint
    from layerfix.commands.manifest import manifest as manifest
    from layerfix.commands.migrate import migrate as migrate
    from layerfix.commands.repair import repair as repair
    from layerfix.commands.seeds import seeds as seeds
    from layerfix.commands.verify import verify as verify
    from layerfix.errors import LayerfixError as LayerfixError
    from layerfix.graph.live import load_model as load_model
    from layerfix.results.repaired import RepairResult as RepairResult
    from layerfix.saving_guard import Guard as Guard
    from layerfix.saving_guard import assert_all_weights_tracked as assert_all_weights_tracked
    from layerfix.saving_guard import guard as guard

# No module or package of layerfix bears one of these names: importing it would bind it over the function.
_HOMES = {
    "Guard": "saving_guard",
    "LayerfixError": "errors",
    "RepairResult": "results.repaired",
    "assert_all_weights_tracked": "saving_guard",
    "audit": "commands.audit",
    "diff": "commands.diff",
    "guard": "saving_guard",
    "lint": "commands.lint",
    "load_model": "graph.live",
    "manifest": "commands.manifest",
    "migrate": "commands.migrate",
    "repair": "commands.repair",
    "salvage": "commands.salvage",
    "seeds": "commands.seeds",
    "verify": "commands.verify",
}
__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        from layerfix.errors import heavy, missing_library

        absent = heavy(error)
        if absent is None:
            raise
        raise missing_library(f"layerfix.{name}", [absent]) from error


def __dir__() -> list[str]:
    return sorted([*__all__, *globals()])

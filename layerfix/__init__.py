"""layerfix: fsck for Keras checkpoints. Every command is one function here; each loads on first use."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "Guard": "guard",
    "LayerfixError": "errors",
    "RepairResult": "repair",
    "assert_all_weights_tracked": "guard",
    "audit": "audit",
    "diff": "diff",
    "guard": "guard",
    "load_model": "graph",
    "migrate": "migrate",
    "repair": "repair",
    "seeds": "provenance",
}
__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*__all__, *globals()])


class _Package(ModuleType):
    """Importing `layerfix.repair` the module would bind it over `layerfix.repair` the function: the functions keep their names."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package

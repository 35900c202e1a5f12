"""The graph: the only home of TensorFlow. Names load on first use, so that importing the package stays light."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # must be set before TensorFlow is imported; users need none of its start-up chatter
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

if TYPE_CHECKING:
    from layerfix.graph.arguments import LostArgument, lost_arguments
    from layerfix.graph.live import load_model
    from layerfix.graph.rebuilt import Rebuilt, load_values, predict, rebuild

__all__ = ["LostArgument", "Rebuilt", "load_model", "load_values", "lost_arguments", "predict", "rebuild"]
_HOMES = {
    "LostArgument": "arguments",
    "Rebuilt": "rebuilt",
    "load_model": "live",
    "load_values": "rebuilt",
    "lost_arguments": "arguments",
    "predict": "rebuilt",
    "rebuild": "rebuilt",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

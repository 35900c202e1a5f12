"""Corrected layer classes that ship. Light to import: the classes themselves, which need Keras, load on demand."""

from __future__ import annotations

from typing import Any

from layerfix.layers.catalogue import CorrectedClass, corrected, standalone_source

__all__ = ["CorrectedClass", "DenoisingLayer", "corrected", "standalone_source"]


def __getattr__(name: str) -> Any:
    if name == "DenoisingLayer":
        return corrected()[name].load()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

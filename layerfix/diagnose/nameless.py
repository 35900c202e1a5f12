"""Rules for files without architecture: what the names of their groups tell (LF101, LF103)."""

from __future__ import annotations

from collections.abc import Iterator

from layerfix.diagnose.case import KNOWN_BROKEN, Case
from layerfix.diagnose.records import Finding
from layerfix.legacy.names import auto_name, numbered
from layerfix.legacy.stock import STATELESS, WEIGHTED, WRAPPERS

_STOCK = (*STATELESS, *WEIGHTED, *WRAPPERS, "Input", "Model", "Sequential")


def nameless(case: Case) -> Iterator[Finding]:
    """Empty groups whose names are automatic and of no stock class."""
    if case.checkpoint.config is not None:
        return
    names = [layer.name for layer in case.checkpoint.layers]
    for place, layer in enumerate(case.checkpoint.layers):
        if layer.weights or layer.absent or not layer.present or not _automatic(layer.name):
            continue
        known = next((name for name in KNOWN_BROKEN if numbered(layer.name, name) is not None), None)
        missing = tuple(_missing(names, place))
        if known and case.tracking != "attributes":
            evidence = ("its name is the automatic one of a class that holds a Conv1D", *missing)
            yield Finding("LF101", "lost", layer.name, f"{known} {layer.name!r} has lost all its weights.", evidence)
        elif missing:
            message = f"Layer {layer.name!r} stores no weights, and layers are missing where it sits."
            yield Finding("LF103", "suspect", layer.name, message, missing)


def _automatic(name: str) -> bool:
    """Whether Keras numbered it and no stock class is called so."""
    return name.rpartition("_")[2].isdecimal() and all(numbered(name, stock) is None for stock in _STOCK)


def _missing(names: list[str], place: int) -> Iterator[str]:
    for class_name in sorted(WEIGHTED):
        below = [number for name in names[:place] if (number := numbered(name, class_name)) is not None]
        above = [number for name in names[place + 1 :] if (number := numbered(name, class_name)) is not None]
        if below and above and max(below) + 1 < min(above):
            gone = max(below) + 1
            yield f"no layer is called {auto_name(class_name)}_{gone}, though {max(below)} comes before it and {min(above)} after"

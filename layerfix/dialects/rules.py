"""The rules of an upgrade, one family a module. A rule changes a raw entry in place and says what it changed, or says nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import chain
from typing import Any

from layerfix.dialects.as_model import WRAPPED
from layerfix.dialects.records import Entry, Source
from layerfix.legacy.packages import of_another_package, plain_class
from layerfix.model import Expression, Unread

Rule = Callable[[Source, Entry], "str | None"]

_NOTES = (
    "relay", "operation", "custom", "stock", "composed", "mask_lost", "unmasked", "channels", "legacy_name", "masked", "mask_passes",
    "recursion", "doubt", "in_training",
)  # fmt: skip


def without_notes(entry: dict[str, Any]) -> None:
    """Takes off what only rules may say of an entry: a file that says it for them would choose what is built in a layer's place."""
    for key in _NOTES:
        entry.pop(key, None)
    if not isinstance(entry.get("expression"), Expression | Unread):
        entry.pop("expression", None)
    for inner in _inside(entry):
        without_notes(inner)


def note_owners(entry: dict[str, Any], stock: Collection[str]) -> None:
    """Notes as custom what has the name of a stock class and comes from a package that is not Keras."""
    if plain_class(entry.get("class_name")) in stock and of_another_package(entry):
        entry["custom"] = True
    for inner in _inside(entry):
        note_owners(inner, stock)


def _inside(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The layers that an entry holds: of a model, in a wrapper, stacked cells."""
    config = entry.get("config")
    inside: list[Any] = config if isinstance(config, list) else []
    if isinstance(config, dict):
        listed = (config[key] for key in ("layers", "cells") if isinstance(config.get(key), list))
        inside = [*chain.from_iterable(listed), *(config.get(key) for key in WRAPPED)]
    return (inner for inner in inside if isinstance(inner, dict))


__all__ = ["Entry", "Rule", "note_owners", "without_notes"]

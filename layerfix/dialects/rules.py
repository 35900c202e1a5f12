"""The rules of an upgrade, one family a module. A rule changes a raw entry in place and says what it changed, or says nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from layerfix.containers.config import inside
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
    for inner in inside(entry):
        without_notes(inner)


def note_owners(entry: dict[str, Any], stock: Collection[str]) -> None:
    """Notes as custom what has the name of a stock class and comes from a package that is not Keras."""
    if plain_class(entry.get("class_name")) in stock and of_another_package(entry):
        entry["custom"] = True
    for inner in inside(entry):
        note_owners(inner, stock)


__all__ = ["Entry", "Rule", "note_owners", "without_notes"]

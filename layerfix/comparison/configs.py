"""The difference of two configs (decoded JSON), layers matched by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from layerfix.containers.config import layer_name
from layerfix.results.diff import Change

_MISSING = object()


def config_changes(before: object, after: object, path: str = "") -> Iterator[Change]:
    """What differs between two JSON values, deepest place first named, in the order of the second."""
    one, two = _keyed(before), _keyed(after)
    if one is not None and two is not None:
        for key in [*two, *(key for key in one if key not in two)]:
            yield from _member(one.get(key, _MISSING), two.get(key, _MISSING), f"{path}/{key}" if path else key)
    elif repr(before) != repr(after):
        yield Change(path, "changed", before, after)


def _member(before: object, after: object, path: str) -> Iterator[Change]:
    if before is _MISSING:
        yield Change(path, "added", after=after)
    elif after is _MISSING:
        yield Change(path, "removed", before=before)
    else:
        yield from config_changes(before, after, path)


def _keyed(value: object) -> Mapping[str, Any] | None:
    """A mapping of members: a mapping itself, or a list of layers by name. None for anything else."""
    if isinstance(value, Mapping):
        return {str(key): member for key, member in value.items()}
    if isinstance(value, list) and value and all(isinstance(entry, Mapping) and "class_name" in entry for entry in value):
        named = {layer_name(entry): entry for entry in value}
        return named if len(named) == len(value) else None
    return None

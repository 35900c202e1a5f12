"""What the classes of older Keras take: their names and arguments by release, as `inspect.signature` gave them there.

`arguments.json` lists releases, and for each class of today by their numbers: "in", those that have it, and, for every set of
releases, the arguments that exactly these take. A release between two is taken for the older one: nothing is written that it may not know.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

COMMON = frozenset({"name", "trainable", "dtype", "batch_input_shape"})
"""What every layer takes."""
RELEASES: tuple[str, ...] = ("keras2.2.4", "tf2.4", "tf2.10", "tf2.13", "keras3.0", "keras3.3", "keras3.9", "keras3.15")
"""The releases that were asked, in the order of the table."""


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(files("layerfix.legacy").joinpath("arguments.json").read_text("utf-8"))
    return table


def taken(release: str, kind: str, class_name: str) -> frozenset[str] | None:
    """The arguments of a class in a release, or None where it has no such class.

    Args:
        release: one of RELEASES.
        kind: "layers", "initializers", "regularizers" or "constraints".
        class_name: as today's Keras calls it.
    """
    entry = _table()[kind].get(class_name)
    number = str(RELEASES.index(release))
    if entry is None or number not in entry["in"]:
        return None
    return frozenset(name for releases, names in entry.items() if number in releases and releases != "in" for name in names.split())


def has_activation(release: str, name: str) -> bool:
    """Whether a release knows an activation by this name."""
    number = str(RELEASES.index(release))
    return any(number in releases and name in names.split() for releases, names in _table()["activations"].items())

"""Names that no file can hold: two tensors under one name, a tensor where a group is, letters that are none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from layerfix.scavenge.objects import Objects
from layerfix.scavenge.tree import Tree


def settled(found: Objects, named: Tree) -> None:
    """Takes such names away: from every tensor that has one, since nothing tells whose it is."""
    for path in [path for path in named.attributes if path and not _possible(path)]:
        del named.attributes[path]
    held = {at: named.paths[at] for at in found.datasets if named.paths.get(at)}
    counts = Counter(held.values())
    groups = {*named.attributes, *above([*held.values(), *named.attributes])}
    for at, path in held.items():
        if counts[path] > 1 or path in groups or not _possible(path):
            del named.paths[at]
            named.how.pop(at, None)


def above(paths: Iterable[str]) -> Iterable[str]:
    """Every group that leads to one of these."""
    for path in paths:
        parts = path.split("/")
        yield from ("/".join(parts[:depth]) for depth in range(1, len(parts)))


def _possible(path: str) -> bool:
    """Whether HDF5 takes a path as it is: "." is where one stands, names are UTF-8 (IV.A.2.g), and Keras gives none with a control
    character, of which a zero would end it."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return not any(letter < " " for letter in path) and all(part not in ("", ".") for part in path.split("/"))

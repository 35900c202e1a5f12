"""Which layer of an owner a stored array belongs to, by its name.

Inside a nested model Keras stores trainable weights before the others, as the layers were *when it saved*: weights that were saved while
a layer was frozen come in another order than an architecture without the freeze tells (keras 2.2.4, engine/network.py). Their names do
not change: a variable is named by the scope of its layer, "conv2d_1/kernel:0", which TensorFlow numbers where it was taken
("conv2d_1_1/kernel:0"; framework/ops.py, `unique_name`).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence

Aliases = Mapping[Hashable, Sequence[str]]
"""By leaf: the names that its layer's scope may bear."""


def leaves_by_name(names: Sequence[str], aliases: Aliases, sizes: Mapping[Hashable, int]) -> list[Hashable] | None:
    """The leaf of each stored array, where the names leave one way alone; None where they do not decide.

    Args:
        names: as stored, in their order.
        aliases: see `Aliases`.
        sizes: how many arrays each leaf stores.
    """
    groups: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        groups.setdefault(scope(name), []).append(index)
    open_groups = {key: {leaf for leaf, own in aliases.items() if any(_speaks_of(key, alias) for alias in own)} for key in groups}
    room = dict(sizes)
    found: list[Hashable] = [None] * len(names)
    while open_groups:
        settled = [(key, next(iter(leaves))) for key, leaves in open_groups.items() if len(leaves) == 1]
        if not settled or any(not leaves for leaves in open_groups.values()):
            return None
        for key, leaf in settled:
            room[leaf] -= len(groups[key])
            for index in groups[key]:
                found[index] = leaf
            del open_groups[key]
        full = {leaf for leaf, left in room.items() if left <= 0}
        open_groups = {key: leaves - full for key, leaves in open_groups.items()}
    return found if not any(room.values()) else None


def leaves_by_path(names: Sequence[str], paths: Mapping[Hashable, str], sizes: Mapping[Hashable, int]) -> list[Hashable] | None:
    """The leaf of each stored array, where every scope is the whole path of one leaf and every leaf has all of its arrays; else None.

    Args:
        names: as stored, in their order.
        paths: by leaf, the names of the layers down to it, below the owner: "base/dense".
        sizes: how many arrays each leaf stores.
    """
    found = [[leaf for leaf, path in paths.items() if path == scope(name)] for name in names]
    if not all(len(leaves) == 1 for leaves in found):
        return None
    settled = [leaves[0] for leaves in found]
    return settled if all(settled.count(leaf) == size for leaf, size in sizes.items()) else None


def scope(name: str) -> str:
    """What a weight's name says of its layer: "base/conv2d_1" of "base/conv2d_1/kernel:0"; the whole name where it has no scope."""
    place, slash, _ = name.rpartition("/")
    return place if slash else name.partition(":")[0]


def consistent(names: Sequence[str], leaves: Sequence[Hashable], aliases: Aliases) -> bool:
    """Whether names that are not those of the architecture could still mean these leaves.

    One scope is one leaf, and where layers of one kind were numbered as they were made ("dense_4", "dense_5"), so were their scopes.
    """
    owner: dict[str, Hashable] = {}
    for name, leaf in zip(names, leaves, strict=True):
        if "/" in name and owner.setdefault(scope(name), leaf) != leaf:
            return False
    numbers: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for place, leaf in owner.items():
        (stem, number), (kind, made) = numbered(place.rpartition("/")[2]), numbered(aliases[leaf][0])
        numbers.setdefault((stem, kind), []).append((made, number))
    return all([number for _, number in sorted(pairs)] == sorted(number for _, number in pairs) for pairs in numbers.values())


def numbered(name: str) -> tuple[str, int]:
    """("dense", 3) of "dense_3"; ("dense", 0) of "dense"."""
    found = re.fullmatch(r"(.*?)_(\d+)", name)
    return (found[1], int(found[2])) if found else (name, 0)


def _speaks_of(place: str, alias: str) -> bool:
    """Whether a scope is, or lies in, that of a layer of this name; Keras 1 put "_W" behind the name without a scope around it."""
    return re.search(rf"(?:^|/){re.escape(alias)}(?:_\d+)?(?:/|$)", place) is not None

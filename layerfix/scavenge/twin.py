"""An older file of the same script: HDF5 gives out addresses the same way again, so that its layout names what is nameless.

The layout is believed where the damaged file's own descriptions say the same at three places or more
and nothing else anywhere, or where three tensors correlate with the older epoch's at the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

import numpy as np

from layerfix.scavenge.aligned import SURE, centred, in_line
from layerfix.scavenge.asserted import BLOCK, confirmed
from layerfix.scavenge.attributes import Value
from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.names import Promises, config_of, promises
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.tree import Tree
from layerfix.scavenge.values import value

ENOUGH = 3
HOW = "by the layout of the older file"


@dataclass(frozen=True, slots=True)
class Twin:
    """A healthy file: its bytes, its tensors by path, its groups and attributes."""

    image: Image
    tensors: dict[str, Dataset]
    groups: tuple[str, ...]
    attributes: dict[str, dict[str, Value]]


def place(image: Image, found: Objects, named: Tree, twin: Twin) -> str:
    """Names and places what the damaged file no longer describes; returns what was done, in one sentence."""
    by_address = {known.address: known for known in twin.tensors.values()}
    agreed = {at: known for at, known in found.datasets.items() if _same(known, by_address.get(at))}
    if len(agreed) < len(found.datasets):
        other = len(found.datasets) - len(agreed)
        return f"the older file is laid out in another way ({other} of {len(found.datasets)} places differ)"
    if _is_another(named, twin):
        return "the older file is another model's"
    alike = _alike(image, twin)
    close, aligned = in_line(image, twin.image, by_address)
    if max(len(agreed), len(alike), close) < ENOUGH:
        return "nothing shows that the older file is laid out the same way"
    taken = set(named.paths.values())
    missing = [(path, known) for path, known in twin.tensors.items() if path not in taken]
    least = 0 if promises(named) and promises(named) == _promises(twin) else BLOCK
    begun = frozenset(end for known in by_address.values() for end in _ends(twin, known))
    edged = confirmed(image, found, by_address, begun)
    as_long = [known for at, known in by_address.items() if known.size >= least or at in edged] if _as_long(image, found, twin) else []
    addresses = aligned | {known.address for known in (*as_long, *_vouched(twin, {**agreed, **alike}))}
    added = [(path, known) for path, known in missing if known.address in addresses]
    for path, known in added:
        found.datasets.setdefault(known.address, known)
        named.paths[known.address], named.how[known.address] = path, HOW
    borrowed = _borrow(named, twin)
    proof = f"{len(agreed)} descriptions agree" if len(agreed) >= ENOUGH else f"{max(len(alike), close)} tensors correlate"
    told = f"{len(added)} tensors were placed {HOW} ({proof})"
    return f"{told}; taken from it: {', '.join(borrowed)}" if borrowed else told


def _is_another(named: Tree, twin: Twin) -> bool:
    """Whether the older file has another config, or other names where both have one."""
    mine, theirs = config_of(named), config_of(Tree(attributes=twin.attributes))
    if mine is not None and theirs is not None and mine.get("config") != theirs.get("config") and promises(named) != _promises(twin):
        return True
    paths = {known.address: path for path, known in twin.tensors.items()}
    return any(paths[at] != path for at, path in named.paths.items() if at in paths)


def _promises(twin: Twin) -> Promises:
    return promises(Tree(attributes=twin.attributes))


def _as_long(image: Image, found: Objects, twin: Twin) -> bool:
    """Whether the damaged file says that it is as long as the older one: a tensor of another size would make it longer or shorter.

    That is no proof for small ones, which HDF5 puts together in blocks of which some bytes are left over, unless the config says the same
    or such a block ends where the older one's does.
    """
    return (image.size if found.superblock is None else found.superblock.end) == twin.image.size


def _ends(twin: Twin, known: Dataset) -> Iterator[int]:
    """Where a tensor ends and something else begins: a healthy file leaves zeros between them, or nothing."""
    return (end for _, end in known.extents if any(twin.image.take(end, twin.image.present(end, 4))))


def _alike(image: Image, twin: Twin) -> dict[int, Dataset]:
    """The tensors that go with the older ones."""
    return {known.address: known for known in twin.tensors.values() if _correlated(image, twin, known)}


def _vouched(twin: Twin, held: Mapping[int, Dataset]) -> Iterator[Dataset]:
    """The tensors that are held, and those for which one of these vouches: it is made later and lies behind, so that a tensor of
    another size would have moved it. Descriptions stand in the order of making."""
    rows = [(known.address, start) for known in held.values() for start, _ in known.extents]
    for known in twin.tensors.values():
        start = max((start for start, _ in known.extents), default=-1)
        if known.address in held or any(at > known.address and place > start for at, place in rows):
            yield known


def _same(known: Dataset, other: Dataset | None) -> bool:
    return other is not None and (known.shape, known.type, known.layout) == (other.shape, other.type, other.layout)


def _correlated(image: Image, twin: Twin, known: Dataset) -> bool:
    """Whether the bytes at a tensor's place go with the older tensor. A third of float space is no weight's: those never do."""
    if known.type.dtype.kind != "f" or known.layout.form != "contiguous" or known.size < 64 * known.type.size:
        return False
    try:
        new, old = centred(value(image, known)), centred(value(twin.image, known))
    except Torn:
        return False
    norm = float(np.linalg.norm(new)) * float(np.linalg.norm(old))
    return norm > 0 and np.isfinite(norm) and float(new @ old) / norm * sqrt(new.size) >= SURE


def _borrow(named: Tree, twin: Twin) -> list[str]:
    """Takes lists of names and configs that the damaged file lost."""
    borrowed = []
    for path, values in sorted(twin.attributes.items()):
        held = named.attributes.setdefault(path, {})
        missing = values.keys() - held.keys()
        held.update({name: values[name] for name in missing})
        borrowed += [f"{path or '/'}: {name}" for name in sorted(missing)]
    return borrowed[:4] + ([f"{len(borrowed) - 4} more"] if len(borrowed) > 4 else [])

"""Where everything stands in the file that a script makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.groups import heap
from layerfix.scavenge.headers import Span
from layerfix.scavenge.image import Image, attempt
from layerfix.scavenge.naming import tree
from layerfix.scavenge.objects import Objects, objects
from layerfix.scavenge.writing import Script, written

Place = tuple[int, bytes]
"""Where a structure begins, and its first four bytes."""
_SIGNATURES = frozenset({b"TREE", b"SNOD", b"HEAP"})


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of one file.

    Attributes:
        datasets: by address; `paths`: of them and of groups, by address; `attributes`: by the path of their group.
        places: of every structure.
        ends: by the place of each structure that begins with a signature or is a header, where it ends; `reach`: where
            the last of its blocks does.
        blocks: what stands in blocks of headers that only those headers lead to.
        heaps: by address, the blocks of a heap of names, and those of its names that are in use.
        size: bytes of the whole file.
        order: when each group and dataset was made, by its path.
    """

    datasets: Mapping[int, Dataset] = field(default_factory=dict)
    paths: Mapping[int, str] = field(default_factory=dict)
    attributes: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    places: frozenset[Place] = frozenset()
    ends: Mapping[Place, int] = field(default_factory=dict)
    reach: Mapping[Place, int] = field(default_factory=dict)
    heaps: Mapping[int, tuple[tuple[Span, Span], bytes]] = field(default_factory=dict)
    blocks: Mapping[Span, bytes] = field(default_factory=dict)
    size: int = 0
    order: Mapping[str, int] = field(default_factory=dict)


def layout(script: Script, most: int) -> Layout:
    """Makes the file of a script, and reads it as a damaged one is read; nothing where HDF5 refuses it or it is larger than `most`."""
    return attempt(_layout, script) or Layout() if script.steps and script.size <= most else Layout()


@lru_cache(maxsize=64)
def _layout(script: Script) -> Layout:
    with written(script) as copy:
        made = objects(copy)
        named, _ = tree(copy, made)
        begun = [((start, copy.take(start, 4)), end) for start, end in made.spans if start]
        ends = {place: end for place, end in begun if place[0] in made.headers or place[1] in _SIGNATURES}
        blocks = {(at, end): copy.take(at, end - at) for known in made.headers.values() for at, end in known.spans[1:]}
        heaps = {start: used for start, _ in made.spans if (used := _heap(copy, start)) is not None}
        reach = {place: _reach(made, heaps, place, end) for place, end in ends.items()}
        order = {path: number for number, path in enumerate(dict.fromkeys(step.path for step in script.steps))}
        return Layout(made.datasets, named.paths, named.attributes, places(copy, made), ends, reach, heaps, blocks, copy.size, order)


def _reach(made: Objects, heaps: Mapping[int, tuple[tuple[Span, Span], bytes]], place: Place, end: int) -> int:
    at = place[0]
    spans = heaps[at][0] if at in heaps else made.headers[at].spans if at in made.headers else ()
    return max([end, *(last for _, last in spans)])


def places(image: Image, found: Objects) -> frozenset[Place]:
    """Where the structures of a file begin, and of which kind they are."""
    return frozenset((start, image.take(start, image.present(start, 4))) for start, _ in found.spans if start)


def _heap(image: Image, start: int) -> tuple[tuple[Span, Span], bytes] | None:
    found = attempt(heap, image, start)
    if found is None:
        return None
    free = int.from_bytes(image.take(start + 16, 8), "little")  # where its free bytes begin; 1 where it has none
    return found.spans, found.names if free == 1 else found.names[:free]

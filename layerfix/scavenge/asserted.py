"""An architecture or an older file that a user gives may be another model's, by one unit even: what they say of small tensors needs
more than the file's length.

HDF5 puts tensors of less than 2048 bytes together in blocks of which some bytes are left over, so that another size may change nothing
outside of the block. There the edges tell: numbers end and zeros begin where the last tensor of the block ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.image import Image
from layerfix.scavenge.names import config_of
from layerfix.scavenge.objects import Objects
from layerfix.scavenge.tree import Tree

Row = tuple[int, int, int]
"""Beginning, end and address of a tensor."""
BLOCK = 2048
"""Bytes from which on a tensor has a place of its own (H5Pset_small_data_block_size)."""


def is_asserted(named: Tree) -> bool:
    """Whether the architecture is a user's word alone."""
    return named.asserted and config_of(named) is named.given.get("model_config")


def confirmed(image: Image, found: Objects, made: Mapping[int, Dataset], begun: Collection[int]) -> frozenset[int]:
    """The tensors of stretches that end in the file where they end in a copy, and those before one that the file describes so.

    A block that is full ends where it ends, whatever is in it. Numbers behind any end are another model's: then no end proves anything.

    Args:
        made: the copy's tensors by address, be it an older file; `begun`: where its structures begin.
    """
    sure: set[int] = set()
    held = list(stretches(made))
    strange = any(stretch[-1][1] not in begun and any(_four(image, stretch[-1][1])) for stretch in held)
    for stretch in held:
        end = stretch[-1][1]
        full = len(stretch) == 1 and end - stretch[0][0] >= BLOCK if end in begun else _four(image, end) == bytes(4)
        ends = full and not strange and any(_four(image, end - 4))
        described = [number for number, row in enumerate(stretch) if found.datasets.get(row[2]) == made[row[2]]]
        last = len(stretch) if ends else max(described, default=-1) + 1
        sure.update(at for _, _, at in stretch[:last])
    return frozenset(sure)


def _four(image: Image, at: int) -> bytes:
    """The bytes of a number; none where the file does not hold them all."""
    return image.take(at, 4) if image.present(at, 4) == 4 else b""


def stretches(made: Mapping[int, Dataset]) -> Iterator[list[Row]]:
    """Tensors without anything between them."""
    held: list[Row] = []
    for row in sorted((start, end, at) for at, known in made.items() for start, end in known.extents):
        if held and row[0] > held[-1][1]:
            yield held
            held = []
        held.append(row)
    if held:
        yield held

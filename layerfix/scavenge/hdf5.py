"""A damaged HDF5 file -> every tensor in it, with its name, and how much of it is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Any, Literal

from layerfix.scavenge.attributes import Value
from layerfix.scavenge.clashes import settled
from layerfix.scavenge.datasets import Dataset, Held, held
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.naming import tree
from layerfix.scavenge.objects import Objects, objects
from layerfix.scavenge.rehearsal import rehearse
from layerfix.scavenge.superblock import extent
from layerfix.scavenge.tree import Tree
from layerfix.scavenge.twin import Twin, place
from layerfix.scavenge.witness import doubted

Given = Mapping[str, Mapping[str, Any]]
State = Literal["whole", "doubtful", "partial", "gone"]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor that the file holds or names.

    Attributes:
        path: in the file; "" where nothing names it.
        state: whole: every byte is there and none speaks against it. doubtful: every byte is there,
            and something says that they are not what was written. partial: bytes are missing. gone:
            none are there.
        proven: whether a checksum covers every byte.
        share: of its bytes, those that are there.
        why: what is wrong, or how it was named.
        dataset: where its bytes are; None for a name alone.
    """

    path: str
    state: State
    shape: tuple[int, ...] | None = None
    dtype: str = ""
    proven: bool = False
    share: float = 0.0
    why: str = ""
    dataset: Dataset | None = None


@dataclass(frozen=True, slots=True)
class Scavenged:
    """What is in a damaged HDF5 file: tensors in the order of writing, attributes by group, notes on the file.

    `sound` is whether its structures are all there, so that nothing can be in it which is not known.
    """

    tensors: tuple[Tensor, ...]
    groups: tuple[str, ...]
    attributes: dict[str, dict[str, Value]]
    notes: tuple[str, ...]
    sound: bool


def scavenge(image: Image, twins: Sequence[Twin] = (), given: Given | None = None, *, asserted: bool = True) -> Scavenged:
    """Reads everything that can still be read.

    Args:
        image: the damaged file.
        twins: older files of the same script, for what lost its description.
        given: "model_config" and "training_config" from outside of the file.
        asserted: whether those are a user's word, and not what the archive around the file states.

    Raises:
        Torn: where nothing of HDF5 is there.
    """
    given_size, image = len(image.data), based(image)
    found = objects(image)
    named, spans = tree(image, found)
    named.given, named.asserted = given or {}, asserted
    placed = [place(image, found, named, twin) for twin in twins]
    placed += [told] if (told := rehearse(image, found, named)) else []
    settled(found, named)
    if not found.datasets and not found.groups:
        raise Torn("it holds no object of an HDF5 file")
    amounts = {at: held(image, known) for at, known in found.datasets.items()}
    full = {at: known for at, known in found.datasets.items() if amounts[at].bytes == known.size}
    against = doubted(image, found, full, [*found.spans, *spans])
    tensors = [_tensor(named, amounts[at], known, against.get(at)) for at, known in sorted(found.datasets.items())]
    held_paths = {tensor.path for tensor in tensors}
    absent = [
        Tensor(path, "gone", why="its description is lost") for path in dict.fromkeys(_absent(named, found)) if path not in held_paths
    ]
    groups = tuple(sorted({path for path in named.attributes if path}))
    block = found.superblock
    closed = block is not None and block.end == image.size and not block.flags & 1
    other = given_size - len(image.data)
    sound = closed and not named.lost and not found.dangling and not other
    notes = [f"another HDF5 file stands in it from byte {len(image.data)} on, and was not read"] if other else []
    return Scavenged((*tensors, *absent), groups, named.attributes, (*placed, *notes, *_notes(image, found, named)), sound)


def twin_of(data: mmap | bytes) -> Twin | None:
    """A file that is whole in every part, as a twin; None for any other."""
    image = based(Image(data))
    try:
        read = scavenge(image)
    except Torn:
        return None
    sound = not read.notes and all(tensor.share == 1.0 and tensor.path for tensor in read.tensors)
    tensors = {tensor.path: tensor.dataset for tensor in read.tensors if tensor.dataset is not None}
    return Twin(image, tensors, read.groups, read.attributes) if sound else None


def based(image: Image) -> Image:
    """The image with address 0 where the file's signature is, without another file behind it."""
    if image.base:
        return image
    start, end = extent(image.data)
    return Image(image.data if end == len(image.data) else image.data[:end], start, image.inner)


def _tensor(named: Tree, amount: Held, known: Dataset, against: str | None) -> Tensor:
    path, how = named.paths.get(known.address, ""), named.how.get(known.address, "")
    share = amount.bytes / amount.size if amount.size else 1.0
    state: State = "whole" if amount.bytes == amount.size else "partial" if amount.bytes else "gone"
    why = amount.why
    if state == "whole" and against is not None and not amount.proven:
        state, why = "doubtful", against
    told = "; ".join(part for part in (why, f"named {how}" if how else "" if path else f"described at byte {known.address}") if part)
    return Tensor(path, state, known.shape, known.type.numpy, amount.proven, share, told, known)


def _absent(named: Tree, found: Objects) -> Iterator[str]:
    """Paths that lists or links promise and that lead to no dataset."""
    yield from named.expected
    for address, path in sorted(named.paths.items()):
        if address not in found.datasets and address not in found.groups:
            yield path


def _notes(image: Image, found: Objects, named: Tree) -> Iterator[str]:
    block = found.superblock
    if block is None:
        yield "the superblock is gone"
    elif block.end > image.size:
        yield f"the file ends at byte {image.size} of {block.end}"
    elif block.end < image.size:
        yield f"the file says that it is {block.end} bytes long and has {image.size}"
    if block is not None and block.flags & 1:
        yield "its writer did not close it"
    if image.base:
        yield f"{image.base} bytes stand before the file's beginning"
    yield from (f"attribute lost: {name}" for name in named.lost)

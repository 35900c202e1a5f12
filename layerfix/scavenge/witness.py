"""Which tensors are doubted: those that speak against themselves, and those beside what was broken."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from layerfix.scavenge.datasets import Dataset, decoded
from layerfix.scavenge.evidence import BLOCK, EDGE, MARGIN, SECTOR, Doubt, Piece, doubts, stretch
from layerfix.scavenge.image import UNDEFINED, Image, attempt
from layerfix.scavenge.objects import Objects

Span = tuple[int, int]


TAIL = 1 << 20
"""Bytes at the end of a file in which an unwritten block is looked for."""


MODERN = frozenset({b"FRHP", b"FHDB", b"FHIB", b"BTHD", b"BTLF", b"BTIN", b"FSHD", b"FSSE", b"OCHK", b"FADB"})
"""Signatures of structures that are found through others, and whose extents are not measured."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A stored piece of a tensor."""

    start: int
    end: int
    owner: int


def doubted(image: Image, found: Objects, whole: Mapping[int, Dataset], spans: Iterable[Span]) -> dict[int, str]:
    """Why a tensor is doubted, by its address; tensors whose every byte a checksum proves are not asked.

    Args:
        whole: tensors all of whose bytes are there.
        spans: bytes of structures that were read.
    """
    bare = {at: known for at, known in whole.items() if not known.checked}
    structure = sorted(spans)
    claims = sorted(_claims(found.datasets.values()), key=lambda claim: claim.start)
    reasons: dict[int, str] = {}
    places: list[Doubt] = []
    zeros: list[int] = []
    finished = _finished(image, found)
    for address, known in bare.items():
        for piece in _pieces(known):
            against, blank = doubts(image, piece, finished=finished)
            places += against
            zeros += [address] if blank else []
    places += _unproven(image, (known for at, known in found.datasets.items() if known.checked and at not in whole))
    places += _unread(image, found, structure, claims)
    places += _shared(claims, structure)
    places += _tail(image, claims, set(zeros))
    starts = sorted({start for start, _ in structure} | {claim.start for claim in claims})
    places += list(_blanks(image, found, bare, zeros, starts, hurt=bool(places)))
    _spread(reasons, places, [claim for claim in claims if claim.owner in bare])
    return reasons


def _finished(image: Image, found: Objects) -> bool:
    """Whether the writer closed the file: it then says a length, and its root can be read."""
    block = found.superblock
    return block is not None and block.end >= image.size and not block.flags & 1


def _claims(datasets: Iterable[Dataset]) -> Iterator[Claim]:
    for known in datasets:
        for start, end in known.extents:
            if end > start:
                yield Claim(start, end, known.address)


def _pieces(known: Dataset) -> Iterator[Piece]:
    if known.layout.form == "compact" or known.pipeline:
        return
    shape = known.layout.chunk if known.layout.form == "chunked" else known.shape
    row = (shape[-1] if len(shape) > 1 else 1 << 60) * known.type.size
    for start, end in known.extents:
        yield Piece(start, end, known.type.dtype, row)


def _spread(reasons: dict[int, str], places: Iterable[Doubt], claims: list[Claim]) -> None:
    """Doubts every tensor that a damaged place touches, or nearly."""
    starts = [claim.start for claim in claims]
    longest = max((claim.end - claim.start for claim in claims), default=0)
    for place in places:
        low = bisect_left(starts, place.start - MARGIN - longest)
        high = bisect_right(starts, place.end + MARGIN)
        for claim in claims[low:high]:
            if claim.end > place.start and claim.start < place.end:
                reasons[claim.owner] = place.why
            elif claim.end > place.start - MARGIN and claim.start < place.end + MARGIN:
                reasons.setdefault(claim.owner, "it lies beside damaged bytes")


def _blanks(
    image: Image, found: Objects, bare: Mapping[int, Dataset], zeros: Sequence[int], starts: Sequence[int], hurt: bool
) -> Iterator[Doubt]:
    """Tensors of zeros alone, which a lost write or a lost block leaves too.

    They are believed where bytes other than zero enclose them on both sides, so that what zeroed them would have had to end just there
    (bytes that no object has do not count), and among fewer zeros than a disk loses. In a file that nothing else speaks against, single
    numbers are believed anywhere: Adam of Keras 2 keeps one that it does not use for each weight.
    """
    finished = _finished(image, found)
    single = {at for at in zeros if prod(bare[at].shape) == 1}
    asked = [at for at in zeros if hurt or not finished or at not in single]
    run: list[Span] = []
    for span in [*sorted(span for at in asked for span in bare[at].extents), (1 << 64, 1 << 64)]:
        if run and run[-1][1] != span[0]:
            start, end = run[0][0], run[-1][1]
            open_ended = _zero(image, start - 8, 8) or _zero(image, _next(image, end, starts), 8)
            if not finished or (open_ended and stretch(image, start, end) >= SECTOR):
                yield Doubt(start, end, "it is zeros, among as many as a disk loses")
            run = []
        run.append(span)


def _next(image: Image, end: int, starts: Sequence[int]) -> int:
    """The next object behind an address, where only a few zeros lie between."""
    index = bisect_left(starts, end)
    near = starts[index] if index < len(starts) else end
    return near if near - end < EDGE and _zero(image, end, near - end) else end


def _tail(image: Image, claims: list[Claim], blank: set[int]) -> Iterator[Doubt]:
    """Zeros from within a tensor to the end of the file: a last block that was never written."""
    end = image.size
    start = end - min(end, TAIL)
    rest = image.take(start, end - start).rstrip(b"\0")
    start += -(-len(rest) // 4) * 4
    block = start if image.inner else -(-(start + image.base) // SECTOR) * SECTOR - image.base
    for claim in claims:
        if claim.start < start < claim.end <= end and claim.owner not in blank:
            yield Doubt(start, end, "the file ends in zeros from within it")
        elif block <= claim.start < claim.end <= end and claim.owner in blank:
            yield Doubt(block, end, "the file ends in zeros from a block's beginning on")


def _zero(image: Image, address: int, size: int) -> bool:
    return not any(image.take(address, image.present(address, size)))


def _unread(image: Image, found: Objects, structure: list[Span], claims: list[Claim]) -> Iterator[Doubt]:
    """Bytes that no structure accounts for, where something should be or something is."""
    broken = sorted(at for at in found.dangling if 0 <= at < image.size and at != UNDEFINED)
    covered = sorted([*structure, *((claim.start, claim.end) for claim in claims)])
    at = 0
    for start, end in [*covered, (image.size, image.size)]:
        start = min(start, image.size)
        if start > at:
            index = bisect_left(broken, at)
            if index < len(broken) and broken[index] < start:
                yield Doubt(at, start, "a structure in it is broken")
            else:
                yield from _foreign(image, at, start)
        at = max(at, end)


def _foreign(image: Image, start: int, end: int) -> Iterator[Doubt]:
    """Bytes that belong to nothing: numbers of a tensor whose description is lost, or none of those."""
    if image.take(start, min(4, end - start)) in MODERN or (_zero(image, start, min(end - start, BLOCK)) and end - start <= BLOCK):
        return
    by_shift = []
    for shift in range(4):
        first = start + shift
        piece = Piece(first, first + (end - first) // 4 * 4, np.dtype("<f4"), 4)
        by_shift.append(doubts(image, piece)[0] if piece.end > piece.start else [])
    yield from min(by_shift, key=len)


def _unproven(image: Image, broken: Iterable[Dataset]) -> Iterator[Doubt]:
    """Chunks whose checksums are wrong: what did that to them did it to what lies beside them."""
    for known in broken:
        for chunk in known.chunks.chunks:
            if attempt(decoded, image, known, chunk) is None:
                yield Doubt(chunk.address, chunk.address + chunk.size, "a chunk with a wrong checksum is in it")


def _shared(claims: list[Claim], structure: list[Span]) -> Iterator[Doubt]:
    """Bytes that two tensors claim, or a tensor and a structure."""
    rows = sorted([*((c.start, c.end, c.owner) for c in claims), *((s, e, -1) for s, e in structure)])
    reach, owner = 0, -1
    for start, end, name in rows:
        if start < reach and name != owner and (name >= 0 or owner >= 0):
            yield Doubt(start, min(end, reach), "two objects claim its bytes")
        if end > reach:
            reach, owner = end, name

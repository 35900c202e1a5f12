"""Which tensors are doubted: those that speak against themselves, and those beside what was broken."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from layerfix.salvage.datasets import Dataset
from layerfix.salvage.evidence import MARGIN, Doubt, Piece, doubts
from layerfix.salvage.image import UNDEFINED, Image
from layerfix.salvage.objects import Objects

Span = tuple[int, int]
STEP = 64


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
    for address, known in bare.items():
        for piece in _pieces(known):
            against, blank = doubts(image, piece)
            places += against
            zeros += [address] if blank else []
    places += _blanks(image, found, bare, zeros)
    places += _unread(image, found, structure, claims)
    places += _shared(claims, structure)
    _spread(reasons, places, [claim for claim in claims if claim.owner in bare])
    return reasons


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


def _blanks(image: Image, found: Objects, bare: Mapping[int, Dataset], zeros: Iterable[int]) -> Iterator[Doubt]:
    """Tensors of zeros alone: doubted where the writer did not finish, or where zeros run on into another tensor."""
    finished = found.superblock is not None and found.superblock.end == image.size and not found.superblock.flags & 1
    claims = sorted(_claims(found.datasets.values()), key=lambda claim: claim.start)
    ends = {claim.end: claim for claim in claims}
    starts = {claim.start: claim for claim in claims}
    blank = set(zeros)
    for address in blank:
        for start, end in bare[address].extents:
            before, behind = ends.get(start), starts.get(end)
            if not finished:
                yield Doubt(start, end, "it is zeros, in a file whose writer did not finish")
            elif before and before.owner not in blank and _zero(image, start - 4, 4):
                yield Doubt(start - 4, end, "zeros run through it from the tensor before")
            elif behind and behind.owner not in blank and _zero(image, end, 4):
                yield Doubt(start, end + 4, "zeros run through it into the next tensor")


def _zero(image: Image, address: int, size: int) -> bool:
    return address >= 0 and image.present(address, size) == size and not any(image.take(address, size))


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
            elif any(image.take(at, min(start - at, 1 << 20))):
                yield Doubt(at, start, "bytes in it belong to nothing")
        at = max(at, end)


def _shared(claims: list[Claim], structure: list[Span]) -> Iterator[Doubt]:
    """Bytes that two tensors claim, or a tensor and a structure."""
    rows = sorted([*((c.start, c.end, c.owner) for c in claims), *((s, e, -1) for s, e in structure)])
    reach, owner = 0, -1
    for start, end, name in rows:
        if start < reach and name != owner and (name >= 0 or owner >= 0):
            yield Doubt(start, min(end, reach), "two objects claim its bytes")
        if end > reach:
            reach, owner = end, name

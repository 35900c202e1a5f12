"""What bytes without a checksum say against themselves: numbers no weight has, text, zeros that cut through a tensor.

A range that was overwritten cannot be told from weights by any rule alone. What can be told is where
bytes cannot be what the writer wrote; whatever lies close to such a place is doubted with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from layerfix.scavenge.image import Image

BLOCK = 4 << 20
MARGIN = 128
"""Bytes around a damaged place: of 32 random floats all but one in 10^7 hold one that no weight has."""
ZEROS = 16
"""Zero elements in a row that a dense tensor does not have."""
EDGE = 64
"""Zero bytes outside of a tensor that make a zero at its edge remarkable."""
SECTOR = 512
"""Bytes that a disk writes together: what it loses is no less."""
LONG = 256
"""Bytes of a row from which on zeros end with one by accident once in 64 times, where they began in what a structure leaves unused."""
TEXT = 48
"""Printable bytes in a row that floats do not have."""
HUGE = 20
"""Exponent of two from which a number is no weight."""
_FLOATS = {2: (10, 0x1F, 15, 8), 4: (23, 0xFF, 127, HUGE), 8: (52, 0x7FF, 1023, HUGE)}
"""Bits of the mantissa, the exponent's mask, its bias, and the exponent from which numbers are huge."""
_PRINTABLE = np.zeros(256, bool)
_PRINTABLE[[9, 10, 13, *range(32, 127)]] = True


@dataclass(frozen=True, slots=True)
class Doubt:
    """A range of the file that is not what was written, and why."""

    start: int
    end: int
    why: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A tensor's bytes in the file: where they are, their numpy type, and bytes of a row."""

    start: int
    end: int
    dtype: np.dtype[np.generic]
    row: int


def doubts(image: Image, piece: Piece, *, finished: bool = True) -> tuple[list[Doubt], bool]:
    """What speaks against a piece, and whether it is zeros from end to end.

    Args:
        finished: whether the file's writer came to its end; if not, zeros may never have been written.
    """
    if piece.dtype.kind in "iu" and piece.end - piece.start == piece.dtype.itemsize:
        return _counter(image, piece), False
    if piece.dtype.kind != "f":
        return [], False
    zeros = _merged(_zero_runs(image, piece))
    whole = zeros == [(piece.start, piece.end)]
    found = [] if whole else [*_cutting(zeros, piece, finished=finished), *_reaching(image, piece, zeros, finished=finished)]
    return [*found, *_huge(image, piece), *_text(image, piece)], whole


def _counter(image: Image, piece: Piece) -> list[Doubt]:
    value = int(np.frombuffer(image.take(piece.start, piece.dtype.itemsize), piece.dtype)[0])
    sane = 0 <= value < 1 << 40
    return [] if sane else [Doubt(piece.start, piece.end, f"a counter of {value}")]


def _blocks(image: Image, piece: Piece) -> Iterator[tuple[int, NDArray[np.generic]]]:
    for start in range(piece.start, piece.end, BLOCK):
        data = image.take(start, min(BLOCK, piece.end - start))
        yield start, np.frombuffer(data, piece.dtype)


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(first, end) of every run of True."""
    edges = np.flatnonzero(np.diff(mask.view(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2)


def _merged(spans: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs that touch, as one."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _zero_runs(image: Image, piece: Piece) -> Iterator[tuple[int, int]]:
    """Runs of zeros long enough to count, and those that touch the ends of a block."""
    width = piece.dtype.itemsize
    for start, values in _blocks(image, piece):
        runs = _runs(values == 0)
        long = (np.diff(runs, axis=1)[:, 0] >= ZEROS) | (runs[:, 0] == 0) | (runs[:, 1] == len(values))
        for first, end in runs[long].tolist():
            yield start + first * width, start + end * width


def _cutting(zeros: list[tuple[int, int]], piece: Piece, *, finished: bool) -> Iterator[Doubt]:
    """Zeros that begin or end in the middle of a row. Whole rows are zero where nothing was ever learned."""
    width = piece.dtype.itemsize
    count = (piece.end - piece.start) // width
    in_runs = sum(end - start for start, end in zeros) // width
    for start, end in zeros:
        cuts = not finished or (start - piece.start) % piece.row or ((end - piece.start) % piece.row and end != piece.end)
        share = max(1e-3, min(0.99, (in_runs - (end - start) // width) / count))
        if cuts and (end - start) // width >= max(ZEROS, -log(1e6 * count) / log(share)):
            yield Doubt(start, end, f"{end - start} bytes of zeros cut through it")


def _reaching(image: Image, piece: Piece, zeros: list[tuple[int, int]], *, finished: bool) -> Iterator[Doubt]:
    """Zeros that reach into a tensor from outside of it, be it by one element.

    Whole rows of them are believed: a row of padding is never trained. Then they are fewer than a disk loses, or would have had to end at
    just the end of a long row.
    """
    width, outside = piece.dtype.itemsize, max(0, piece.start - EDGE)
    ends = {piece.start: zeros[0][1], piece.end: zeros[-1][0]} if zeros else {}
    if not any(image.take(outside, piece.start - outside + width)) and piece.start - outside == EDGE:
        inner = ends.get(piece.start, piece.start + width)
        if not (finished and _rows(image, piece, piece.start, inner)):
            yield Doubt(outside, piece.start + width, "zeros reach into it from before")
    beyond = image.present(piece.end, EDGE)
    if beyond == EDGE and not any(image.take(piece.end - width, width + EDGE)):
        inner = ends.get(piece.end, piece.end - width)
        if not (finished and _rows(image, piece, inner, piece.end)):
            yield Doubt(piece.end - width, piece.end + EDGE, "zeros reach into it from behind")


def _rows(image: Image, piece: Piece, start: int, end: int) -> bool:
    """Whether zeros at an edge are whole rows, and no accident."""
    if (start - piece.start) % piece.row or (end - piece.start) % piece.row:
        return False
    return piece.row >= LONG or stretch(image, start, end) < SECTOR


def stretch(image: Image, start: int, end: int) -> int:
    """Bytes of zeros from before a run of them to behind it, as far as a sector goes."""
    before = image.take(max(0, start - SECTOR), min(start, SECTOR))
    behind = image.take(end, image.present(end, SECTOR))
    return end - start + len(before) - len(before.rstrip(b"\0")) + len(behind) - len(behind.lstrip(b"\0"))


def _huge(image: Image, piece: Piece) -> Iterator[Doubt]:
    """Clusters of numbers that no weight has, unless the whole tensor is of one large scale."""
    digits, mask, bias, limit = _FLOATS[piece.dtype.itemsize]
    unsigned = np.dtype(f"{piece.dtype.str[0]}u{piece.dtype.itemsize}")
    seen = np.zeros(mask + 1, np.int64)
    places: list[NDArray[np.int64]] = []
    for start, values in _blocks(image, piece):
        exponents = (values.view(unsigned) >> digits & mask).astype(np.int64)
        seen += np.bincount(exponents, minlength=mask + 1)
        places.append(start + np.flatnonzero(exponents >= bias + limit)[: BLOCK // 64] * piece.dtype.itemsize)
    at = np.concatenate(places)
    if len(at) and not _one_scale(seen, bias):
        for group in np.split(at, np.flatnonzero(np.diff(at) > MARGIN) + 1):
            first, last = int(group[0]), int(group[-1]) + piece.dtype.itemsize
            yield Doubt(first, last, "it holds numbers that no weight has")


def _one_scale(seen: NDArray[np.int64], bias: int) -> bool:
    """Whether a tensor is of one order, however large, or all of it is large, as where a training diverged; random bytes are everywhere.

    The largest number counts, however few are as large: 64 KiB are less than a hundredth of a large tensor.
    """
    count = int(seen[1:].sum())
    if seen[-1] or count < 4:
        return False
    share = np.cumsum(seen[1:]) / count
    low, middle = (int(np.searchsorted(share, part)) for part in (0.01, 0.5))
    held = np.flatnonzero(seen[1:])
    diverged = middle >= bias + HUGE // 2 and int(held[-1] - held[0]) <= 64
    return diverged or int(held[-1]) - low <= 24


def _text(image: Image, piece: Piece) -> Iterator[Doubt]:
    for start in range(piece.start, piece.end, BLOCK):
        data = np.frombuffer(image.take(start, min(BLOCK, piece.end - start)), np.uint8)
        runs = _runs(_PRINTABLE[data])
        for first, end in runs[np.diff(runs, axis=1)[:, 0] >= TEXT].tolist():
            yield Doubt(start + first, start + end, "it holds text")

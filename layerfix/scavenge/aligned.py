"""Small tensors of an older epoch that go with a damaged file's together, where each alone has too few numbers to be sure.

HDF5 puts small tensors one behind the other without anything between them. Where one of them stands where the older file has it, those
before it are as long together as they were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layerfix.scavenge.asserted import stretches
from layerfix.scavenge.datasets import Dataset
from layerfix.scavenge.image import Image, Torn
from layerfix.scavenge.values import value

SURE = 8.0
"""Standard deviations at which a correlation is no accident: exp(-32) for bytes that owe nothing to the other tensor."""
FEW, CLOSE, FAR = 8, 0.9, 3.0
"""Numbers of a tensor that is asked; its own correlation where it vouches for others; standard deviations of a number at most."""


def in_line(image: Image, older: Image, tensors: Mapping[int, Dataset]) -> tuple[int, frozenset[int]]:
    """How many tensors go with the older ones where all are sure together, and those for which one behind them vouches."""
    counted: list[tuple[float, int]] = []
    sure: set[int] = set()
    for stretch in stretches(tensors):
        held = [_correlation(image, older, tensors[at]) for _, _, at in stretch]
        counted += held
        last = next((at for at in range(len(held) - 1, 0, -1) if _vouches(held[: at + 1])), 0)
        sure.update(at for _, _, at in stretch[:last])
    return sum(part >= CLOSE for part, _ in counted) if _sum(counted) >= SURE else 0, frozenset(sure)


def _vouches(held: Sequence[tuple[float, int]]) -> bool:
    """Whether the last of these tensors goes with the older one's, and does so surely with those before it."""
    return held[-1][0] >= CLOSE and any(_sum(held[at:]) >= SURE for at in range(len(held) - 1, max(-1, len(held) - 64), -1))


def _sum(held: Sequence[tuple[float, int]]) -> float:
    """Each correlation by its numbers: of what owes nothing to another, the sum is within a few of one standard deviation."""
    count = sum(size for _, size in held)
    return sum(part * size for part, size in held) / sqrt(count) if count else 0.0


def _correlation(image: Image, older: Image, known: Dataset) -> tuple[float, int]:
    """Of two tensors, without the weight of what lies far out, and of how many numbers; nothing where there are few or they are all one."""
    if known.type.dtype.kind != "f" or known.layout.form != "contiguous" or known.size < FEW * known.type.size:
        return 0.0, 0
    try:
        pair = [centred(value(of, known)) for of in (image, older)]
    except Torn:
        return 0.0, 0
    spread = [float(one.std()) for one in pair]
    if not all(np.isfinite(spread)) or min(spread) <= 0:
        return 0.0, 0
    one, two = (np.clip(part / by, -FAR, FAR) for part, by in zip(pair, spread, strict=True))
    norm = float(np.linalg.norm(one)) * float(np.linalg.norm(two))
    return float(one @ two) / norm, one.size


def centred(tensor: NDArray[Any]) -> NDArray[np.float64]:
    """A tensor's first numbers around their mean."""
    with np.errstate(all="ignore"):
        flat = np.nan_to_num(tensor.reshape(-1)[: 1 << 16].astype(np.float64), posinf=0, neginf=0)
    flat = np.clip(flat, -1e6, 1e6)
    around: NDArray[np.float64] = flat - flat.mean()
    return around
